package configs

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// plain compares secrets by value; cmp would print them, which is fine for made-up ones.
var plain = cmp.Transformer("plain", func(s Secret) string { return s.Value() })

func mustParse(t *testing.T, yaml string, environ ...string) Config {
	t.Helper()
	c, err := parse([]byte(yaml), environ)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestDefaults holds the numbers the contract gives.
func TestDefaults(t *testing.T) {
	want := Config{
		Public: Public{Addr: "127.0.0.1:8080", BaseURL: "http://127.0.0.1:8080", Proxies: []string{}},
		Desk:   Console{Addr: "127.0.0.1:8081", BaseURL: "http://127.0.0.1:8081", Proxies: []string{}, SecondFactor: "optional"},
		Map:    Map{Datum: "wgs84"},
		SMTP: SMTP{Addr: "127.0.0.1:2525", Domain: "localhost", Recipients: []string{"tips@localhost"},
			MaxBytes: 36700160, CheckSenders: true},
		Ops: Ops{Addr: "127.0.0.1:8082"},
		TLS: TLS{Hosts: []string{}}, Update: Update{Copy: true},
		Limits: Limits{Enabled: true, OriginSoftPerHour: 60, OriginHardPerHour: 600, SenderSoftPerHour: 20,
			SenderHardPerHour: 120, GatewaySoftPerMinute: 600, GatewayHardPerMinute: 6000, GlobalSoftPerMinute: 1200,
			GlobalHardPerMinute: 12000, ReceiptTriesPerHour: 120, FormSeconds: 3},
		Files:     Files{MaxCount: 10, MaxBytes: 26214400},
		Spool:     Spool{Enabled: false, MaxBytes: 268435456},
		Pack:      "farmland",
		Desks:     []string{},
		Languages: []string{"zh-CN", "en"},
		Office:    Office{Name: Text{}, Hours: Text{}, Emergency: []string{}},
		Notify:    Notify{Mail: []string{}}, Alerts: Alerts{Mail: []string{}, Digest: true, Desks: []DeskAlerts{}},
		RefusalReview: "after", RefusalSample: 5,
		Retention: Retention{Spam: 180, Declined: 730, Referred: 730, Merged: 1095, Withdrawn: 180, Concluded: 1095, Backups: 35, Folders: []string{}},
		SMS:       []SMS{},
		Mail:      []Mail{},
	}
	got, err := Load("", []string{"PATH=/bin", "TIPLINE_DATA=x", "TIPLINE_CONFIG=y"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, plain); diff != "" {
		t.Error(diff)
	}
}

// TestExample keeps the commented example true: as it stands it is the defaults, and it holds every key,
// each with a comment of its own.
func TestExample(t *testing.T) {
	got, err := Load("deploy/tipline.example.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.fill()
	if diff := cmp.Diff(want, got, plain); diff != "" {
		t.Error(diff)
	}
	var doc yaml.Node
	text, err := os.ReadFile("deploy/tipline.example.yaml")
	if err = errors.Join(err, yaml.Unmarshal(text, &doc)); err != nil {
		t.Fatal(err)
	}
	leaves(reflect.TypeFor[Config](), nil, func(path []string, _ reflect.Type) {
		if key, value := at(doc.Content[0], path); value == nil {
			t.Errorf("the example does not hold %s", strings.Join(path, "."))
		} else if key.HeadComment+value.LineComment == "" {
			t.Errorf("%s has no comment", strings.Join(path, "."))
		}
	})
}

// at is the last key of a path and its value; nil when it is not there.
func at(n *yaml.Node, path []string) (key, value *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != path[0] {
			continue
		}
		if len(path) == 1 {
			return n.Content[i], n.Content[i+1]
		}
		return at(n.Content[i+1], path[1:])
	}
	return nil, nil
}

// TestExampleChannels uncomments the channels: they must load as well.
func TestExampleChannels(t *testing.T) {
	text, err := os.ReadFile("deploy/tipline.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := strings.NewReplacer("\n#  ", "\n  ", "sms: []\n#  -", "sms:\n  -", "mail: []\n#  -", "mail:\n  -",
		"/etc/tipline/twilio-token", secret, "/etc/tipline/mailbox-code", secret, "/etc/tipline/mailgun-key", secret).Replace(string(text))
	c := mustParse(t, s, "ANDROID_SMS_NEW=n", "ANDROID_SMS_OLD=o")
	if len(c.SMS) != 7 || c.SMS[4].Send.Template != "SMS_123" || c.SMS[6].Send.Provider != "custom" {
		t.Fatalf("%d channels", len(c.SMS))
	}
	if diff := cmp.Diff([]string{"from-file"}, c.SMS[0].Secret.Values()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"n", "o"}, c.SMS[1].Secret.Values()); diff != "" {
		t.Error(diff)
	}
	if town := c.SMS[2]; town.Custom.Fields.Text != "content" || town.Custom.Success.Body != "0" || town.Allow[0] != "192.0.2.0/24" {
		t.Errorf("read as %+v", town)
	}
	if m := c.Mail[0]; m.Host != "imap.163.com:993" || m.Poll != time.Minute || m.After != "keep" || m.Secret.Values()[0] != "from-file" {
		t.Errorf("the mailbox is read as %+v", m)
	}
	if c.SMS[1].URL != "http://127.0.0.1:8080/hooks/sms/phone" || c.SMS[1].Ack != "neutral" {
		t.Errorf("what is left out is not filled in: %+v", c.SMS[1])
	}
}

// TestContractExample takes the gateway's line of the contract as it stands.
func TestContractExample(t *testing.T) {
	c := mustParse(t, `sms:  [{name: city, provider: twilio, secret: "s", url: https://tips.example.org/hooks/sms/city, ack: receipt}]`)
	want := []SMS{{Name: "city", Provider: "twilio", Secret: Secrets{"s"}, URL: "https://tips.example.org/hooks/sms/city", Ack: "receipt"}}
	if diff := cmp.Diff(want, c.SMS, plain); diff != "" {
		t.Error(diff)
	}
}

func TestNumbersAsTexts(t *testing.T) {
	c := mustParse(t, "office: {phone: 03708080808, emergency: [110, 0119]}\nfooter: {icp: null}\n")
	if diff := cmp.Diff(Office{Name: Text{}, Hours: Text{}, Phone: "03708080808", Emergency: []string{"110", "0119"}}, c.Office); diff != "" {
		t.Error(diff)
	}
}

func TestOfficeOr(t *testing.T) {
	pack := farmland(t).Office
	got := Office{Phone: "1", Name: Text{"en": "Ours"}}.Or(pack)
	want := Office{Phone: "1", Name: Text{"en": "Ours"}, Timezone: "Asia/Shanghai", Hours: Text{}, Emergency: []string{"110"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(pack, Office{}.Or(pack)); diff != "" {
		t.Error(diff)
	}
}

func TestFile(t *testing.T) {
	if _, err := Load(filepath.Join(t.TempDir(), "none.yaml"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	path := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(path, []byte("# nothing but a comment\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := Load(path, nil); err != nil || c.Pack != "farmland" {
		t.Errorf("an empty file: %+v %v", c, err)
	}
}

func FuzzLoad(f *testing.F) {
	text, err := os.ReadFile("deploy/tipline.example.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text), "TIPLINE_PUBLIC_ADDR=:1")
	f.Add("a: &a [*a]\nsms: *a", `TIPLINE_LANGUAGES=["en"]`)
	f.Add("sms: &s [{name: x, secret: *s}]", `TIPLINE_SMS=[{"name":"a","provider":"android","secret":["s"]}]`)
	f.Add("{public: {addr: !!binary aGk=}, limits: {enabled: !!float 1}, <<: {office: {}}}", "TIPLINE_OFFICE_HOURS={{")
	f.Add("- \n--- \n? {a: b}\n: c", "TIPLINE_REDIS=env:TIPLINE_REDIS")
	f.Fuzz(func(t *testing.T, text, variable string) {
		if both := text + variable; strings.Contains(both, "file:") || strings.Contains(both, "pack") || strings.Contains(both, "PACK") {
			t.Skip("reads what is on the disk")
		}
		c, err := parse([]byte(text), []string{variable})
		switch {
		case err != nil && !errors.Is(err, ErrConfig):
			t.Errorf("refused without a key: %v", err)
		case err == nil && (c.Pack == "" || c.Limits.OriginSoftPerHour < 1 || !isBaseURL(c.Public.BaseURL)):
			t.Errorf("taken, yet not complete: %+v", c)
		}
	})
}
