package configs

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

func working(t *testing.T, desks ...string) *Pack {
	t.Helper()
	p, err := LoadPack("farmland")
	if err == nil {
		err = p.Work(desks, "", nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRouteDesk(t *testing.T) {
	one, two, three := working(t), working(t, "discipline"), working(t, "county", "discipline")
	onlyCounty := working(t, "county")
	for _, c := range []struct {
		pack  *Pack
		facts DeskFacts
		want  string
		ok    bool
	}{
		{one, DeskFacts{Subject: "村支部书记"}, "main", true},
		{one, DeskFacts{Concerns: true}, "main", false},
		{two, DeskFacts{}, "main", true},
		{two, DeskFacts{Concerns: true}, "discipline", true},
		{two, DeskFacts{Subject: "王某（支 部 书 记）"}, "discipline", true},
		{two, DeskFacts{Subject: "某建材公司"}, "main", true},
		{three, DeskFacts{Subject: "包村干部李某"}, "discipline", true},
		{onlyCounty, DeskFacts{Subject: "田长"}, "county", true},
		{three, DeskFacts{Home: "county", Subject: "田长"}, "county", true},
		{three, DeskFacts{Home: "discipline", Concerns: true}, "county", true},
		{three, DeskFacts{Home: "county", Concerns: true}, "discipline", true},
		{two, DeskFacts{Home: "discipline", Concerns: true}, "discipline", false}, // never back down
	} {
		if got, ok := c.pack.RouteDesk(c.facts); got != c.want || ok != c.ok {
			t.Errorf("%+v among %d desks: %s %v, want %s %v", c.facts, len(c.pack.Desks), got, ok, c.want, c.ok)
		}
	}
}

func TestRouteDeskByCategoryAndPlace(t *testing.T) {
	p := working(t, "discipline")
	p.DeskRules = []DeskRule{{Category: []string{"false_rectification"}, Place: []string{"411422207"}, Desk: []string{"discipline"}}}
	for facts, want := range map[DeskFacts]string{
		{Category: "false_rectification", Place: "411422207201"}: "discipline",
		{Category: "false_rectification", Place: "411422208"}:    "main",
		{Category: "false_rectification"}:                        "main",
		{Category: "other", Place: "411422207201"}:               "main",
	} {
		if got, ok := p.RouteDesk(facts); got != want || !ok {
			t.Errorf("%+v: %s, want %s", facts, got, want)
		}
	}
}

func TestWorkNamesTheKey(t *testing.T) {
	for _, c := range []struct {
		desks   []string
		metrics string
		alerts  []DeskAlerts
		want    string
	}{{[]string{"discipline", "moon"}, "", nil, "desks[1]: "}, {nil, "county", nil, "ops.desk: "},
		{[]string{"county"}, "", []DeskAlerts{{Desk: "county"}, {Desk: "discipline"}}, "alerts.desks[1].desk: "}, {nil, "", []DeskAlerts{{Desk: "main"}}, "alerts.desks[0].desk: "}} {
		p, err := LoadPack("farmland")
		if err != nil {
			t.Fatal(err)
		}
		err = p.Work(c.desks, c.metrics, c.alerts)
		if !errors.Is(err, ErrConfig) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%v: %v", c, err)
		}
	}
}

// TestDeskRulesAreRefused: the problem is named by its dotted key.
func TestDeskRulesAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"rules: [{concerns: true, desk: [moon]}]":                                           `desks.yaml: rules[0].desk[0]: "moon"`,
		"rules: [{concerns: true, desk: [county]}, {category: [other, x], desk: [county]}]": `desks.yaml: rules[1].category[1]: "x"`,
		"rules: [{place: ['99'], desk: [county]}]":                                          `desks.yaml: rules[0].place[0]: "99"`,
		"rules: [{subject: [' '], desk: [county]}]":                                         `desks.yaml: rules[0].subject[0]`,
		"rules: [{subject: [田长]}]":                                                          "desks.yaml: rules[0].desk: names no desk",
		"rules: [{desk: [county]}]":                                                         "desks.yaml: rules[0]: states no condition",
		"rules: [{concern: true, desk: [county]}]":                                          "desks.yaml: ",
	} {
		dir := copied(t)
		if err := os.WriteFile(filepath.Join(dir, "desks.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadPack(dir); !errors.Is(err, ErrPack) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// TestDeskRulesFitTheirSchema: the pack's own file, and what the loader refuses by form.
func TestDeskRulesFitTheirSchema(t *testing.T) {
	s := compile(t, "pack-desks")
	own, err := packs.ReadFile("packs/farmland/desks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for text, ok := range map[string]bool{string(own): true, "rules: [{desk: [county]}]": false, "rules: [{concern: true, desk: [county]}]": false,
		"rules: [{concerns: false, desk: [county]}]": false} {
		if err := fits(t, s, text); (err == nil) != ok {
			t.Errorf("%.40s: %v", text, err)
		}
	}
}

func fits(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

// TestAlertsOfDesks: each desk has its own, and one that isn't named none.
func TestAlertsOfDesks(t *testing.T) {
	cfg, err := parse([]byte("smtp: {relay: 'smtps://u:p@mail.example.org', from: tips@example.org}\nalerts: {mail: [a@example.org], desks: [{desk: county, mail: [b@example.org], webhook: {url: 'https://example.org/x', secret: whsec_x}}]}"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for desk, want := range map[string][]string{"": {"a@example.org"}, "county": {"b@example.org"}, "discipline": nil} {
		if got := cfg.Alerts.At(desk).Mail; !slices.Equal(got, want) {
			t.Errorf("%q: %v", desk, got)
		}
	}
	if cfg.Alerts.At("county").Webhook.URL == "" || cfg.Alerts.At("").Webhook.URL != "" {
		t.Error("a webhook rings for another desk")
	}
	for _, bad := range []string{"alerts: {desks: [{desk: county, mail: [b@example.org]}]}", "alerts: {desks: [{mail: []}]}", "alerts: {desks: [{desk: county}, {desk: county}]}"} {
		if _, err := parse([]byte(bad), nil); !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), "alerts.desks") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
