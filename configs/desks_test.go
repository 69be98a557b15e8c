package configs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

func working(t *testing.T, desks ...string) *Pack {
	t.Helper()
	p, err := LoadPack("farmland")
	if err == nil {
		err = p.Work(desks, "")
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
		want    string
	}{{[]string{"discipline", "moon"}, "", "desks[1]: "}, {nil, "county", "ops.desk: "}} {
		p, err := LoadPack("farmland")
		if err != nil {
			t.Fatal(err)
		}
		err = p.Work(c.desks, c.metrics)
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
