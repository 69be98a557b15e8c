package locale

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// messages are all the messages of a language by id, each as its plural forms, read apart from go-i18n.
func messages(t *testing.T, lang string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	names, err := files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range names {
		if !strings.HasSuffix(f.Name(), "."+lang+".yaml") {
			continue
		}
		data, err := files.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := yaml.Unmarshal(data, &m); err != nil {
			t.Fatalf("%s: %v", f.Name(), err)
		}
		for id, v := range m {
			if _, twice := out[id]; twice {
				t.Errorf("%s: %s stands in another file too", f.Name(), id)
			}
			out[id] = forms(t, id, v)
		}
	}
	return out
}

func forms(t *testing.T, id string, v any) []string {
	t.Helper()
	switch v := v.(type) {
	case string:
		return []string{v}
	case map[string]any:
		for form := range v {
			if form != "one" && form != "other" {
				t.Errorf("%s: %s is no plural form; keys are flat", id, form)
			}
		}
		one, _ := v["one"].(string)
		other, _ := v["other"].(string)
		return []string{one, other}
	}
	t.Errorf("%s is neither a text nor plural forms", id)
	return nil
}

var placeholder = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

func placeholders(texts []string) []string {
	var out []string
	for _, m := range placeholder.FindAllStringSubmatch(strings.Join(texts, " "), -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestEveryKeyInEveryLanguage(t *testing.T) {
	zh, en := messages(t, "zh-CN"), messages(t, "en")
	if diff := cmp.Diff(slices.Sorted(maps.Keys(zh)), slices.Sorted(maps.Keys(en))); diff != "" {
		t.Errorf("keys differ (-zh-CN +en):\n%s", diff)
	}
	for id := range zh {
		if diff := cmp.Diff(placeholders(zh[id]), placeholders(en[id])); diff != "" {
			t.Errorf("%s: placeholders differ (-zh-CN +en):\n%s", id, diff)
		}
		for _, text := range append(zh[id], en[id]...) {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s is empty in one language", id)
			}
			if left := placeholder.ReplaceAllString(text, ""); strings.Contains(left, "{{") {
				t.Errorf("%s: a placeholder is written {{.name}}: %q", id, text)
			}
		}
	}
}

func TestEveryMessageRenders(t *testing.T) {
	b := load(t)
	for _, lang := range Languages() {
		tr := b.Translator(lang)
		for id, texts := range messages(t, lang) {
			args := []any{}
			for _, name := range placeholders(texts) {
				args = append(args, name, 2)
			}
			got := tr.T(id, args...)
			want := placeholder.ReplaceAllString(texts[len(texts)-1], "2")
			if got != want {
				t.Errorf("%s: T(%s) = %q, want %q", lang, id, got, want)
			}
		}
	}
}

// load fails the test for every id that is missing.
func load(t *testing.T) *Bundle {
	t.Helper()
	b, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return b.WithMissing(func(lang, id string) { t.Errorf("no message %s in %s", id, lang) })
}

func TestPlurals(t *testing.T) {
	b := load(t)
	for _, c := range []struct {
		lang, want string
		count      int
	}{
		{"en", "1 file", 1}, {"en", "3 files", 3}, {"en", "0 files", 0}, {"zh-CN", "1 个文件", 1}, {"zh-CN", "3 个文件", 3},
	} {
		if got := b.Translator(c.lang).T("word.files", "count", c.count); got != c.want {
			t.Errorf("%s: got %q, want %q", c.lang, got, c.want)
		}
	}
}

// TestOneOfMany: what is counted in English is one thing where there is one. What is counted has the
// placeholder count, or n before a word in the plural.
func TestOneOfMany(t *testing.T) {
	b, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	tr := b.Translator("en")
	several := regexp.MustCompile(`(^|[^.\d])\b1 (more )?((spam|new|printed|working) )?([a-z]{3,}s|are|were|have|name)\b`)
	for id, texts := range messages(t, "en") {
		args := []any{"count", 1}
		for _, name := range placeholders(texts) {
			if name == "n" {
				args = append(args, name, 1)
			}
		}
		if said := several.FindString(tr.T(id, args...)); said != "" {
			t.Errorf("%s says %q", id, said)
		}
	}
}

func TestContractStates(t *testing.T) {
	b := load(t)
	for _, s := range strings.Fields("received reviewing needs_info accepted declined referred merged spam in_ledger verifying concluded answered objection withdrawn") {
		if !b.Translator("zh-CN").Has("state."+s) || !b.Translator("en").Has("state."+s+".help") {
			t.Errorf("state %s has no text", s)
		}
	}
	if got := b.Translator("zh-CN").T("state.received"); got != "已接收" {
		t.Errorf("state.received = %q", got)
	}
}

func TestMissing(t *testing.T) {
	b, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	var asked []string
	b = b.WithMissing(func(lang, id string) { asked = append(asked, lang+" "+id) })
	if got := b.Translator("en").T("no.such.key", "dangling"); got != "no.such.key" {
		t.Errorf("got %q", got)
	}
	if diff := cmp.Diff([]string{"en no.such.key"}, asked); diff != "" {
		t.Error(diff)
	}
}

func TestMatch(t *testing.T) {
	all := load(t)
	english, err := all.WithLanguages("en", "zh-CN")
	if err != nil {
		t.Fatal(err)
	}
	chinese, err := all.WithLanguages("zh-CN")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		b                   *Bundle
		query, accept, want string
	}{
		{all, "", "", "zh-CN"},
		{english, "", "", "en"},
		{all, "en", "zh-CN", "en"},
		{all, "zh", "en", "zh-CN"},
		{all, "zh-CN", "en", "zh-CN"},
		{all, "", "en-GB,en;q=0.9,zh;q=0.5", "en"},
		{all, "", "zh-TW", "zh-CN"},
		{all, "", "zh-Hans-CN", "zh-CN"},
		{english, "", "fr", "en"},
		{all, "", "fr;q=1, en;q=0.1", "en"},
		{all, "", "*", "zh-CN"},
		{all, "xx-nonsense", "en", "en"},
		{all, "'; drop", ";;;;", "zh-CN"},
		{chinese, "en", "en", "zh-CN"},
	} {
		if got := c.b.Match(c.query, c.accept); got != c.want {
			t.Errorf("Match(%q, %q) of %v = %s, want %s", c.query, c.accept, c.b.Offered(), got, c.want)
		}
	}
}

// TestHolding: the desk isn't offered in drafts of the citizens' pages alone.
func TestHolding(t *testing.T) {
	t.Parallel()
	all, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ offered, desk []string }{
		{[]string{"ar", "zh-CN", "ug", "en", "zh-TW"}, []string{"zh-CN", "en", "zh-TW"}},
		{[]string{"ar"}, []string{"zh-CN", "en"}},
	} {
		b, err := all.WithLanguages(c.offered...)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Holding("desk.inbox").Offered(); !slices.Equal(got, c.desk) {
			t.Errorf("of %v the desk speaks %v, not %v", c.offered, got, c.desk)
		}
		if got := b.Offered(); !slices.Equal(got, c.offered) {
			t.Errorf("the citizens' pages speak %v", got)
		}
	}
}

func TestWithLanguagesRefuses(t *testing.T) {
	b := load(t)
	if _, err := b.WithLanguages("fr"); err == nil || !strings.Contains(err.Error(), "zh-CN, en") {
		t.Errorf("fr: %v", err)
	}
	if _, err := b.WithLanguages(); err == nil {
		t.Error("no language at all was taken")
	}
}

func TestTranslatorFallsBack(t *testing.T) {
	if got := load(t).Translator("fr").Lang(); got != "zh-CN" {
		t.Errorf("got %s", got)
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("en", "zh-CN,zh;q=0.9")
	f.Add("", "x-*;q=")
	b, err := Load()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, query, accept string) {
		if got := b.Match(query, accept); !slices.Contains(Languages(), got) {
			t.Errorf("Match = %q", got)
		}
	})
}

// TestDrafts: a draft holds every message of the citizens' pages, with the same placeholders; what it lacks beside
// them is said in another language, and it is hidden until it is named.
func TestDrafts(t *testing.T) {
	zh, b := messages(t, "zh-CN"), load(t)
	public := map[string]any{}
	data, err := files.ReadFile("public.zh-CN.yaml")
	if err != nil || yaml.Unmarshal(data, &public) != nil {
		t.Fatal(err)
	}
	for _, lang := range Drafts() {
		draft := messages(t, lang)
		for id := range zh {
			area, _, _ := strings.Cut(id, ".")
			_, page := public[id]
			page = page || slices.Contains([]string{"state", "due", "reply", "datum", "problem", "language", "status"}, area)
			page = page || lang == "zh-TW" && strings.HasPrefix(id, "desk.flag.") // its desk was drafted too
			texts, there := draft[id]
			if page && !there {
				t.Errorf("%s lacks %s", lang, id)
			}
			if diff := cmp.Diff(placeholders(zh[id]), placeholders(texts)); there && diff != "" {
				t.Errorf("%s: %s: placeholders differ:\n%s", lang, id, diff)
			}
			if got := b.Translator(lang).T(id, "count", 3, "field", "f", "max", 1, "kind", "k", "date", "d"); got == id {
				t.Errorf("%s says nothing for %s", lang, id)
			}
		}
		if slices.Contains(b.Offered(), lang) {
			t.Errorf("%s is offered by itself", lang)
		}
		if _, err := b.WithLanguages("en", lang); err != nil {
			t.Error(err)
		}
	}
	if !RightToLeft("ug") || !RightToLeft("ar") || RightToLeft("zh-TW") {
		t.Error("directions")
	}
}

// TestDays: dates as CLDR 48 has them (dateStyle long, en as in en-GB, Latin digits).
func TestDays(t *testing.T) {
	b := load(t)
	for lang, want := range map[string]string{"zh-CN": "2026年12月1日", "zh-TW": "2026年12月1日", "en": "1 December 2026", "ar": "1 ديسمبر 2026", "ug": "1‑دېكابىر، 2026"} {
		if got := b.Translator(lang).Day("2026-12-01"); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
		if got := b.Translator(lang).Day("soon"); got != "soon" {
			t.Errorf("%s: no date became %q", lang, got)
		}
	}
}
