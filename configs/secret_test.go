package configs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

func TestSecretForms(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"one": "a\n", "two": "b\n\n", "crlf": "c\r\n", "none": "d", "empty": "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := "file:" + dir + "/"
	for _, c := range []struct {
		yaml string
		want []string
	}{
		{"literal", []string{"literal"}},
		{"12345", []string{"12345"}},
		{"0x1F", []string{"0x1F"}},
		{"'user:pass'", []string{"user:pass"}},
		{"env:GATE", []string{"g"}},
		{"env:TIPLINE_GATE", []string{"tg"}}, // no unknown key: a secret names it
		{file + "one", []string{"a"}},
		{file + "two", []string{"b\n"}},
		{file + "crlf", []string{"c"}},
		{file + "none", []string{"d"}},
		{"[new, env:GATE, '" + file + "one']", []string{"new", "g", "a"}},
	} {
		environ := []string{"GATE=g"}
		if strings.Contains(c.yaml, "TIPLINE_GATE") {
			environ = append(environ, "TIPLINE_GATE=tg")
		}
		cfg := mustParse(t, "sms: [{name: a, provider: twilio, secret: "+c.yaml+"}]", environ...)
		if diff := cmp.Diff(c.want, cfg.SMS[0].Secret.Values()); diff != "" {
			t.Errorf("%s:\n%s", c.yaml, diff)
		}
	}
	if _, err := parse([]byte("redis: '"+file+"empty'"), nil); err == nil || !strings.HasPrefix(err.Error(), "redis: the file it names with file: is empty") {
		t.Errorf("an empty file: %v", err)
	}
	twice := mustParse(t, "sms: [{name: a, provider: twilio, secret: &s old}, {name: b, provider: twilio, secret: [new, *s]}]")
	if diff := cmp.Diff([]string{"new", "old"}, twice.SMS[1].Secret.Values()); diff != "" {
		t.Errorf("an alias in a list: %s", diff)
	}
	if got := mustParse(t, "redis: env:R", "R=redis://:pw@r:1").Redis.Value(); got != "redis://:pw@r:1" {
		t.Errorf("redis: %q", got)
	}
}

// TestSecretsAreNeverPrinted prints a Config in every way there is.
func TestSecretsAreNeverPrinted(t *testing.T) {
	const canary = "Zk7canaryQ2"
	c := mustParse(t, "redis: redis://:"+canary+"@r:1\ndatabase: postgres://u:"+canary+"@d/t\nledger: {database: 'postgres://u:"+canary+
		"@d/l'}\nsmtp: {relay: 'smtp://u:"+canary+"@m:25'}\n"+
		"sms: [{name: a, provider: twilio, secret: [x"+canary+", y]}, {name: b, provider: twilio, secret: "+canary+"}]")
	var out bytes.Buffer
	for _, v := range []any{c, &c, c.SMS, c.SMS[0], c.SMS[0].Secret, &c.SMS[0].Secret, c.Redis, &c.Redis, c.Database, c.SMTP} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%08b", "%o"} {
			fmt.Fprintf(&out, verb, v)
		}
		fmt.Fprintln(&out, v)
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(raw)
		if raw, err = yaml.Marshal(v); err != nil {
			t.Fatal(err)
		}
		out.Write(raw)
		for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			slog.New(h).Info("config", "v", v)
		}
	}
	out.WriteString(c.Redis.String() + c.SMS[0].Secret.String())
	for _, form := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), fmt.Sprintf("%d", []byte(canary))} {
		if strings.Contains(out.String(), strings.Trim(form, "[]")) {
			t.Errorf("printed as %s", form)
		}
	}
	if !strings.Contains(out.String(), hidden) {
		t.Error("nothing was printed at all")
	}
}

// TestProblemsHoldNoValue feeds a secret where each kind of key stands.
func TestProblemsHoldNoValue(t *testing.T) {
	const canary = "Zk7canaryQ2"
	for _, yaml := range []string{
		"redis: http://" + canary, "database: " + canary, "smtp: {relay: 'http://" + canary + "'}",
		"limits: {enabled: " + canary + "}", "smtp: {max_bytes: " + canary + "}", "redis: file:" + canary, "redis: env:" + canary,
		"sms: [{name: a, provider: " + canary + ", secret: s}]", "sms: [{name: a, provider: twilio, secret: {" + canary + ": 1}}]",
		"mail: [{name: a, provider: imap, secret: s, poll: " + canary + "}]",
		"languages: [" + canary + "]", "public: {proxies: [" + canary + "]}", "pack: " + canary,
	} {
		_, err := parse([]byte(yaml), []string{"TIPLINE_SMS=" + canary, "TIPLINE_LANGUAGES=[" + canary})
		if err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: %v", yaml, err)
		}
	}
}
