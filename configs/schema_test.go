package configs

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// compile compiles one printed schema alone: it must need nothing beside it.
func compile(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	raw, err := Schema(name)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	url := "urn:tipline:schema:" + name
	if err := c.AddResource(url, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(url)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return s
}

func valid(t *testing.T, s *jsonschema.Schema, sample any) error {
	t.Helper()
	raw, err := json.Marshal(sample)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

type object = map[string]any

func event(kind string, data object) object {
	return object{
		"specversion": "1.0", "id": "e1", "source": "https://tips.example.org", "type": kind,
		"subject": strings.Repeat("a", 32), "time": "2024-04-02T00:00:00+08:00", "sequence": "00000001",
		"datacontenttype": "application/json", "dataschema": "urn:tipline:schema:" + kind, "data": data,
	}
}

// facts are good facts with more laid over them; a nil value takes a key away.
func facts(more object) object {
	d := object{
		"tip": strings.Repeat("a", 32), "desk": "main", "channel": "web", "source": "public", "category": "non_grain",
		"conduct": []string{"exceed_approval"}, "place": "411422207201", "urgent": false, "real_name": false,
		"received_on": "2024-04-02", "files": 2, "commitment": strings.Repeat("0", 64),
	}
	return over(d, more)
}

func over(d, more object) object {
	d = maps.Clone(d)
	for k, v := range more {
		if d[k] = v; v == nil {
			delete(d, k)
		}
	}
	return d
}

func TestSchemaNames(t *testing.T) {
	want := []string{
		"pack-desks", "tip-add", "tipline.ledger.outcome.v1", "tipline.tip.accepted.v1", "tipline.tip.declined.v1",
		"tipline.tip.merged.v1", "tipline.tip.received.v1", "tipline.tip.referred.v1", "tipline.tip.spam.v1",
		"tipline.tip.unmerged.v1", "tipline.tip.withdrawn.v1",
	}
	if diff := cmp.Diff(want, SchemaNames()); diff != "" {
		t.Error(diff)
	}
	if _, err := Schema("../packs/farmland/pack"); err == nil || !strings.Contains(err.Error(), "tip-add") {
		t.Errorf("an unknown name must list the known ones: %v", err)
	}
}

func TestEventSchemas(t *testing.T) {
	into := strings.Repeat("b", 32)
	good := map[string]object{
		"tipline.tip.received.v1":  facts(nil),
		"tipline.tip.accepted.v1":  facts(object{"department": "agriculture", "due_on": "2024-04-20", "sealed": "YWdl"}),
		"tipline.tip.declined.v1":  facts(object{"reason": "out_of_scope"}),
		"tipline.tip.referred.v1":  facts(object{"department": "discipline"}),
		"tipline.tip.merged.v1":    facts(object{"into": into}),
		"tipline.tip.unmerged.v1":  facts(object{"into": into}),
		"tipline.tip.spam.v1":      facts(nil),
		"tipline.tip.withdrawn.v1": facts(nil),
	}
	for kind, data := range good {
		s := compile(t, kind)
		if err := valid(t, s, event(kind, data)); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if valid(t, s, event(kind, over(data, object{"text": "words"}))) == nil {
			t.Errorf("%s takes raw text", kind)
		}
		other := "tipline.tip.received.v1"
		if kind == other {
			other = "tipline.tip.spam.v1"
		}
		if valid(t, s, event(other, data)) == nil {
			t.Errorf("%s takes an event of type %s", kind, other)
		}
	}
}

func TestEventSchemaRefuses(t *testing.T) {
	const kind = "tipline.tip.received.v1"
	s := compile(t, kind)
	for name, data := range map[string]object{
		"no commitment":     facts(object{"commitment": nil}),
		"short commitment":  facts(object{"commitment": "00"}),
		"place below":       facts(object{"place": "411422207201001"}),
		"unknown channel":   facts(object{"channel": "fax"}),
		"time of day":       facts(object{"received_on": "2024-04-02T10:11:12"}),
		"no such day":       facts(object{"received_on": "2024-02-31"}),
		"negative files":    facts(object{"files": -1}),
		"a receipt":         facts(object{"receipt": "1234"}),
		"a name":            facts(object{"name": "x"}),
		"merged when fresh": facts(object{"into": strings.Repeat("b", 32)}),
		"sealed when fresh": facts(object{"sealed": "YWdl"}),
		"a code with words": facts(object{"category": "my field"}),
	} {
		if valid(t, s, event(kind, data)) == nil {
			t.Errorf("%s was taken", name)
		}
	}
	for name, change := range map[string]object{
		"time of day":  {"time": "2024-04-02T10:11:12+08:00"},
		"other fields": {"traceparent": "x"},
		"no id":        {"id": nil},
		"no sequence":  {"sequence": nil},
		"short one":    {"sequence": "1"},
		"old version":  {"specversion": "0.3"},
		"wrong schema": {"dataschema": "urn:tipline:schema:tipline.tip.spam.v1"},
		"bad subject":  {"subject": "1"},
	} {
		if valid(t, s, over(event(kind, facts(nil)), change)) == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if valid(t, compile(t, "tipline.tip.merged.v1"), event("tipline.tip.merged.v1", facts(nil))) == nil {
		t.Error("merged into nothing was taken")
	}
}

func TestOutcomeSchema(t *testing.T) {
	const kind = "tipline.ledger.outcome.v1"
	s := compile(t, kind)
	tip := strings.Repeat("a", 32)
	for _, c := range []struct {
		name string
		data object
		ok   bool
	}{
		{"numbered", object{"tip": tip, "state": "numbered", "number": "2024-017"}, true},
		{"verifying", object{"tip": tip, "state": "verifying"}, true},
		{"extended", object{"tip": tip, "state": "extended", "due_on": "2024-06-01"}, true},
		{"concluded", object{"tip": tip, "state": "concluded", "sealed": "YWdl"}, true},
		{"numbered without a number", object{"tip": tip, "state": "numbered"}, false},
		{"all", object{"tip": tip, "desk": "main", "state": "verifying", "number": "2024-017", "due_on": "2024-06-01", "sealed": "YWdl"}, true},
		{"extended to no date", object{"tip": tip, "state": "extended"}, false},
		{"unknown state", object{"tip": tip, "state": "lost"}, false},
		{"a note in clear", object{"tip": tip, "state": "verifying", "note": "x"}, false},
	} {
		if err := valid(t, s, event(kind, c.data)); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestTipAddSchema(t *testing.T) {
	s := compile(t, "tip-add")
	base := object{"channel": "phone", "text": "有人占地"}
	for _, c := range []struct {
		name string
		more object
		ok   bool
	}{
		{"least", nil, true},
		{"all", object{
			"source": "superior", "lang": "zh-CN", "category": "non_grain", "conduct": []string{"wrong_plot"},
			"place": "411422207201", "urgent": true, "reply": "contact", "address": "村东", "lat": "34.4", "lon": "115.1",
			"datum": "gcj02", "occurred": "上周", "subject": "某公司", "parcel": "17", "relapse_of": "9",
			"name": "甲", "phone": "1", "email": "a@example.org",
		}, true},
		{"from the web", object{"channel": "web"}, false},
		{"blank", object{"text": " \n"}, false},
		{"20,000 characters", object{"text": strings.Repeat("字", 20000)}, true},
		{"one more", object{"text": strings.Repeat("字", 20001)}, false},
		{"half a point", object{"lat": "34.4"}, false},
		{"unknown key", object{"photo": "x"}, false},
		{"conduct twice", object{"conduct": []string{"wrong_plot", "wrong_plot"}}, false},
	} {
		if err := valid(t, s, over(base, c.more)); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestSchemasKnowThePack keeps the codes of the pack inside what the schemas take.
func TestSchemasKnowThePack(t *testing.T) {
	p := farmland(t)
	s := compile(t, "tipline.tip.received.v1")
	for c := range slices.Values(p.Categories) {
		if err := valid(t, s, event("tipline.tip.received.v1", facts(object{"category": c.Code}))); err != nil {
			t.Errorf("%s: %v", c.Code, err)
		}
	}
}
