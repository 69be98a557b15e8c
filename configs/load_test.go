package configs

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
		Desk:   Site{Addr: "127.0.0.1:8081", BaseURL: "http://127.0.0.1:8081"},
		SMTP: SMTP{Addr: "127.0.0.1:2525", Domain: "localhost", Recipients: []string{"tips@localhost"},
			MaxBytes: 36700160},
		Ops: Ops{Addr: "127.0.0.1:8082"},
		TLS: TLS{Hosts: []string{}},
		Limits: Limits{Enabled: true, OriginSoftPerHour: 60, OriginHardPerHour: 600, SenderSoftPerHour: 20,
			SenderHardPerHour: 120, GatewaySoftPerMinute: 600, GatewayHardPerMinute: 6000, GlobalSoftPerMinute: 1200,
			GlobalHardPerMinute: 12000, ReceiptTriesPerHour: 120},
		Files:     Files{MaxCount: 10, MaxBytes: 26214400},
		Pack:      "farmland",
		Languages: []string{"zh-CN", "en"},
		Office:    Office{Name: Text{}, Hours: Text{}, Emergency: []string{}},
		Notify:    Notify{Mail: []string{}},
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

// TestExample keeps the commented example true: as it stands it is the defaults, and it names every key.
func TestExample(t *testing.T) {
	got, err := Load("deploy/tipline.example.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Default(), got, plain); diff != "" {
		t.Error(diff)
	}
	text, err := os.ReadFile("deploy/tipline.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	leaves(reflect.TypeFor[Config](), nil, func(path []string, _ reflect.Type) {
		if key := path[len(path)-1]; !strings.Contains(string(text), key+":") {
			t.Errorf("the example does not name %s", strings.Join(path, "."))
		}
	})
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
	s := strings.NewReplacer("\n#  ", "\n  ", "sms: []\n#  -", "sms:\n  -",
		"/etc/tipline/twilio-token", secret).Replace(string(text))
	c := mustParse(t, s, "ANDROID_SMS_NEW=n", "ANDROID_SMS_OLD=o")
	if len(c.SMS) != 2 {
		t.Fatalf("%d channels", len(c.SMS))
	}
	if diff := cmp.Diff([]string{"from-file"}, c.SMS[0].Secret.Values()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"n", "o"}, c.SMS[1].Secret.Values()); diff != "" {
		t.Error(diff)
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

func TestLayers(t *testing.T) {
	const file = "public: {addr: ':1', base_url: 'https://file.example/a/'}\nlanguages: [en, zh-CN]\noffice: {name: {en: From file, zh-CN: 甲}}\n"
	c := mustParse(t, file, "TIPLINE_PUBLIC_ADDR=:2", `TIPLINE_OFFICE_NAME={"en":"From env"}`)
	if c.Public.Addr != ":2" || c.Public.BaseURL != "https://file.example/a" || c.Desk.Addr != "127.0.0.1:8081" {
		t.Errorf("layers: %+v %+v", c.Public, c.Desk)
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

func FuzzYAML(f *testing.F) {
	text, err := os.ReadFile("deploy/tipline.example.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	f.Add("a: &a [*a]\nsms: *a")
	f.Add("sms: &s [{name: x, secret: *s}]")
	f.Add("{public: {addr: !!binary aGk=}, limits: {enabled: !!float 1}, <<: {pack: x}}")
	f.Add("- \n--- \n? {a: b}\n: c")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "file:") || strings.Contains(text, "pack") {
			t.Skip("reads what is on the disk")
		}
		c, err := parse([]byte(text), nil)
		if err == nil && (c.Pack == "" || c.Limits.OriginSoftPerHour < 1) {
			t.Errorf("taken, yet not complete: %+v", c)
		}
	})
}
