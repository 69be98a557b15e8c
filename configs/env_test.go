package configs

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLayers lays file over defaults and environment over file.
func TestLayers(t *testing.T) {
	const file = "public: {addr: ':1', base_url: 'https://file.example/a/'}\nlanguages: [en, zh-CN]\noffice: {name: {en: From file, zh-CN: 甲}}\n"
	c := mustParse(t, file, "TIPLINE_PUBLIC_ADDR=:2", `TIPLINE_OFFICE_NAME={"en":"From env"}`)
	if c.Public.Addr != ":2" || c.Public.BaseURL != "https://file.example/a" || c.Desk.Addr != "127.0.0.1:8081" {
		t.Errorf("layers: %+v %+v", c.Public, c.Desk)
	}
	hook := mustParse(t, file, `TIPLINE_SMS=[{"name":"city","provider":"twilio","secret":"s"}]`).SMS[0].URL
	if hook != "https://file.example/a/hooks/sms/city" {
		t.Errorf("the hook stands under the prefix: %s", hook)
	}
	if diff := cmp.Diff([]string{"en", "zh-CN"}, c.Languages); diff != "" {
		t.Errorf("a list is replaced, not added to: %s", diff)
	}
	if diff := cmp.Diff(Text{"en": "From env", "zh-CN": "甲"}, c.Office.Name); diff != "" {
		t.Error(diff)
	}
}

func TestEnvironment(t *testing.T) {
	for _, c := range []struct {
		variable string
		got      func(Config) any
		want     any
	}{
		{"TIPLINE_PUBLIC_BASE_URL=https://t.example/x/", func(c Config) any { return c.Public.BaseURL }, "https://t.example/x"},
		{"TIPLINE_PUBLIC_ADDR=", func(c Config) any { return c.Public.Addr }, ""},
		{`TIPLINE_PUBLIC_PROXIES=["10.0.0.0/8","::1"]`, func(c Config) any { return c.Public.Proxies }, []string{"10.0.0.0/8", "::1"}},
		{"TIPLINE_LIMITS_ENABLED=false", func(c Config) any { return c.Limits.Enabled }, false},
		{"TIPLINE_LIMITS_ENABLED=", func(c Config) any { return c.Limits.Enabled }, true},
		{"TIPLINE_LIMITS_ORIGIN_HARD_PER_HOUR=700", func(c Config) any { return c.Limits.OriginHardPerHour }, 700},
		{"TIPLINE_SMTP_MAX_BYTES=1048576", func(c Config) any { return c.SMTP.MaxBytes }, int64(1 << 20)},
		{"TIPLINE_SMTP_LMTP=true", func(c Config) any { return c.SMTP.LMTP }, true},
		{`TIPLINE_LANGUAGES=["en"]`, func(c Config) any { return c.Languages }, []string{"en"}},
		{"TIPLINE_REDIS=redis://:pw@r.example:6379/1", func(c Config) any { return c.Redis.Value() }, "redis://:pw@r.example:6379/1"},
		{"TIPLINE_LEDGER_DATABASE=postgres://l.example/l", func(c Config) any { return c.Ledger.Database.Value() }, "postgres://l.example/l"},
		{"TIPLINE_SMTP_RELAY=mail.example.org:25", func(c Config) any { return c.SMTP.Relay.Value() }, "smtp://mail.example.org:25"},
		{"TIPLINE_OFFICE_PHONE=03708080808", func(c Config) any { return c.Office.Phone }, "03708080808"},
		{`TIPLINE_OFFICE_HOURS={"en":"9 to 5"}`, func(c Config) any { return c.Office.Hours }, Text{"en": "9 to 5"}},
		{`TIPLINE_SMS=[{"name":"city","provider":"standard","secret":["a","b"]}]`,
			func(c Config) any { return c.SMS[0].Secret.Values() }, []string{"a", "b"}},
	} {
		if diff := cmp.Diff(c.want, c.got(mustParse(t, "", c.variable))); diff != "" {
			t.Errorf("%s:\n%s", c.variable, diff)
		}
	}
}

// TestEnvNamesAreUnique keeps a new key from taking another one's variable.
func TestEnvNamesAreUnique(t *testing.T) {
	seen := map[string]string{"TIPLINE_DATA": "--data", "TIPLINE_CONFIG": "--config"}
	leaves(reflect.TypeFor[Config](), nil, func(path []string, _ reflect.Type) {
		key := strings.Join(path, ".")
		if by, ok := seen[EnvName(key)]; ok {
			t.Errorf("%s and %s are both %s", key, by, EnvName(key))
		}
		seen[EnvName(key)] = key
	})
}
