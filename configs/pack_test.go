package configs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func farmland(t testing.TB) *Pack {
	t.Helper()
	p, err := LoadPack("farmland")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// copied is a copy of the farmland pack in a directory of its own, as another office would keep it.
func copied(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	sub, err := fs.Sub(packs, "packs/farmland")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, sub); err != nil {
		t.Fatal(err)
	}
	return dir
}

// edit appends to one file of a pack, or replaces old by text.
func edit(t *testing.T, dir, name, old, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case old == "":
		text = string(data) + text
	case !strings.Contains(string(data), old):
		t.Fatalf("%s does not hold %q", name, old)
	default:
		text = strings.Replace(string(data), old, text, 1)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// An office may leave the answers out.
func TestPackWithoutAnswers(t *testing.T) {
	dir := copied(t)
	if err := os.Remove(filepath.Join(dir, "answers.yaml")); err != nil {
		t.Fatal(err)
	}
	if p, err := LoadPack(dir); err != nil || len(p.Answers) != 0 {
		t.Errorf("%v", err)
	}
	if p := farmland(t); len(p.Answers) == 0 {
		t.Error("the farmland pack has none")
	}
}

// One data edit each: that is all it takes to add a category, a department or a place.

func TestAddCategory(t *testing.T) {
	dir := copied(t)
	edit(t, dir, "categories.yaml", "", "\n- code: grave\n  label: {zh-CN: 占耕地建坟, en: Grave on farmland}\n"+
		"  definition: {zh-CN: 在耕地上建坟。, en: A grave on farmland.}\n  icon: other\n  department: agriculture\n")
	p, err := LoadPack(dir)
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := p.Category("grave"); !ok || c.Label.In("zh-CN") != "占耕地建坟" {
		t.Errorf("category: %+v %v", c, ok)
	}
	if got := p.Route(Facts{Category: "grave"}); got.Department != "agriculture" {
		t.Errorf("routed to %q", got.Department)
	}
}

func TestAddDepartment(t *testing.T) {
	dir := copied(t)
	edit(t, dir, "departments.yaml", "", "- {code: water, label: {zh-CN: 水利, en: Water}, full: {zh-CN: 水利部门, en: the water department}}\n")
	p, err := LoadPack(dir)
	if err != nil {
		t.Fatal(err)
	}
	if d, ok := p.Department("water"); !ok || d.Full.In("en") != "the water department" {
		t.Errorf("department: %+v %v", d, ok)
	}
	edit(t, dir, "rules.yaml", "rules:\n", "rules:\n  - {category: [lake_landscaping], department: water}\n")
	if p, err = LoadPack(dir); err != nil {
		t.Fatal(err)
	}
	if got := p.Route(Facts{Category: "lake_landscaping"}); got.Department != "water" {
		t.Errorf("routed to %q", got.Department)
	}
}

func TestAddPlace(t *testing.T) {
	dir := copied(t)
	edit(t, dir, "places.csv", "", "411422207210,411422207,village,某村,Some Village,2024-01-01,2024-12-31,yes\n")
	p, err := LoadPack(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, q := range p.PlacePath("411422207210") {
		names = append(names, q.Name.In("zh-CN"))
	}
	if diff := cmp.Diff([]string{"睢县", "胡堂乡", "某村"}, names); diff != "" {
		t.Error(diff)
	}
	for day, want := range map[string]int{"2023-12-31": 9, "2024-01-01": 10, "2024-12-31": 10, "2025-01-01": 9} {
		if got := len(villages(p, day)); got != want {
			t.Errorf("%s: %d villages, want %d", day, got, want)
		}
	}
}

// villages are those of the pack's township that there are on a day.
func villages(p *Pack, day string) (out []Place) {
	for _, q := range p.Places {
		if q.Parent == "411422207" && q.ValidOn(day) {
			out = append(out, q)
		}
	}
	return out
}

// TestPlacesOnTheMap: positions may stand behind the columns that every pack has.
func TestPlacesOnTheMap(t *testing.T) {
	positions := func(row string) string {
		dir := copied(t)
		name := filepath.Join(dir, "places.csv")
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all := strings.ReplaceAll(strings.TrimSpace(strings.ReplaceAll(string(text), "\r", "")), "\n", ",,\n") + ",,\n"
		all = strings.Replace(all, placeHeader+",,", placeHeader+placePosition, 1)
		all = strings.Replace(all, "Hutang Village,,,no,,", "Hutang Village,,,no,"+row, 1)
		if err := os.WriteFile(name, []byte(all), 0o600); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	p, err := LoadPack(positions("34.5,115.1"))
	if err != nil {
		t.Fatal(err)
	}
	if q, _ := p.Place("411422207201"); q.Lat != "34.5" || q.Lon != "115.1" {
		t.Errorf("%+v", q)
	}
	for _, row := range []string{"34.5,", ",115", "91,115", "34.5,NaN", "N34,E115"} {
		if _, err := LoadPack(positions(row)); err == nil || !strings.Contains(err.Error(), "lat and lon must both be") {
			t.Errorf("%s: %v", row, err)
		}
	}
}

func TestPackRefuses(t *testing.T) {
	for _, c := range []struct{ file, old, text, want string }{
		{"categories.yaml", "- code: other", "- code: unknown", `categories.yaml: code "unknown" stands twice`},
		{"categories.yaml", "department: agriculture", "department: nobody", `greenhouse_house: department "nobody" is not in departments.yaml`},
		{"categories.yaml", "en: House in a greenhouse", "de: Haus", "greenhouse_house: label is missing in en"},
		{"categories.yaml", "icon: lake", "picture: lake", "field picture not found"},
		{"rules.yaml", "[false_rectification]", "[nothing]", `rule 2: category "nothing" is unknown`},
		{"rules.yaml", "default: township_office", "default: moon", `department "moon" is not in departments.yaml`},
		{"places.csv", "411422207,village,胡堂村", "999,village,胡堂村", `411422207201: parent "999" is not in the file`},
		{"places.csv", "Hutang Village,,,no", "Hutang Village,,,maybe", "411422207201: verified must be yes or no"},
		{"places.csv", "name_zh", "name", "the first line must be " + placeHeader},
		{"pack.yaml", "profile: campaign", "profile: hotline12345", "has no steps"},
		{"pack.yaml", `place: "411422207"`, `place: "1"`, `place "1" is not in places.csv`},
		{"pack.yaml", "Asia/Shanghai", "Mars/Olympus", "timezone must be"},
		{"answers.yaml", "states: [merged]", "states: [fused]", `states "fused" is unknown`},
		{"reasons.yaml", "justice_office", "pub", `elsewhere "pub" is unknown`},
		{"texts/procedure.yaml", "{deadline.basis}", "{deadline.bases}", `in braces "deadline.bases" is unknown`},
		{"texts/privacy.yaml", "{retention.spam}\"", "{retention.spam} 天\"", `leave "天" out behind {retention.spam}`},
		{"deadlines.yaml", "kind: acceptance", "kind: lunch", "kind must be one of"},
		{"deadlines.yaml", "days: 2,", "days: 0,", "needs days or months"},
		{"phases.yaml", "2024-03-31", "2024-03-01", "must be dates (2006-01-02) in order"},
		{"calendar.yaml", "2024-01-01", "2023-01-01", "must be a day of that year"},
		{"calendar.yaml", "year: 2025", "year: 2024", "calendar.yaml: 2024: stands twice"},
		{"places.csv", "411422,,county", "411422,411422207,county", "411422207: the places above it run in a circle"},
		{"texts/home.yaml", "id: home", "id: house", `the document "home" is missing`},
		{"texts/scope.yaml", "    elsewhere: true", "", "not_accepted: is empty"},
		{"sources.yaml", "code: public", "code: people", "sources.yaml: public: must be there"},
	} {
		dir := copied(t)
		edit(t, dir, c.file, c.old, c.text)
		_, err := LoadPack(dir)
		if err == nil || !errors.Is(err, ErrPack) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %q: got %v, want %q", c.file, c.text, err, c.want)
		}
	}
}

func TestPackMissing(t *testing.T) {
	for _, name := range []string{"", "moon", "../farmland", t.TempDir()} {
		if _, err := LoadPack(name); !errors.Is(err, ErrPack) {
			t.Errorf("%q: %v", name, err)
		}
	}
	dir := copied(t)
	if err := os.Remove(filepath.Join(dir, "rules.yaml")); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadPack(dir); err == nil || !strings.Contains(err.Error(), "rules.yaml") {
		t.Errorf("a missing file must be named: %v", err)
	}
}

func TestRoute(t *testing.T) {
	p := farmland(t)
	for _, c := range []struct {
		facts Facts
		want  Route
	}{
		{Facts{Category: "non_grain"}, Route{Department: "agriculture"}},
		{Facts{Category: "greenhouse_house"}, Route{"agriculture", []string{"natural_resources"}}},
		{Facts{Category: "greenhouse_house", Urgent: true}, Route{"agriculture", []string{"county_office", "natural_resources"}}},
		{Facts{Category: "false_rectification"}, Route{"township_office", []string{"discipline"}}},
		{Facts{Category: "nobody knows"}, Route{Department: "township_office"}},
		{Facts{}, Route{Department: "township_office"}},
	} {
		got := p.Route(c.facts)
		if len(got.Also) == 0 {
			got.Also = nil
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%+v:\n%s", c.facts, diff)
		}
	}
}

func TestRuleConditions(t *testing.T) {
	p := &Pack{Rules: Rules{Default: "d", Rules: []Rule{
		{Conduct: []string{"impersonation"}, Source: []string{"media", "leader"}, Department: "a", Also: []string{"a", "b"}},
		{Source: []string{"media"}, Department: "c", Also: []string{"b"}},
	}}}
	for _, c := range []struct {
		facts Facts
		want  Route
	}{
		{Facts{Source: "leader", Conduct: []string{"x", "impersonation"}}, Route{"a", []string{"b"}}},
		{Facts{Source: "leader", Conduct: []string{"x"}}, Route{"d", nil}},
		{Facts{Source: "media", Conduct: []string{"impersonation"}}, Route{"a", []string{"b"}}},
		{Facts{Source: "media"}, Route{"c", []string{"b"}}},
	} {
		if diff := cmp.Diff(c.want, p.Route(c.facts)); diff != "" {
			t.Errorf("%+v:\n%s", c.facts, diff)
		}
	}
}

func TestFarmlandHoldsTheDomain(t *testing.T) {
	p := farmland(t)
	for what, codes := range map[string]string{
		"category":   "greenhouse_house illegal_villa lake_landscaping housing_on_farmland ecological_corridor green_square sports_ground non_grain false_rectification other unknown",
		"conduct":    "build_before_approval exceed_approval wrong_plot impersonation incomplete_papers",
		"source":     "public media superior satellite leader opinion patrol undercover",
		"department": "natural_resources agriculture housing discipline township_office county_office",
		"reason":     "out_of_scope unclear repeat secrets",
		"profile":    "campaign xinfang discipline land_case hotline12345 eu2019-1937",
		"document":   "home scope procedure protection privacy",
	} {
		known := map[string]func(string) bool{
			"category": func(s string) bool { return has(p.Category, s) }, "conduct": func(s string) bool { return has(p.ConductOf, s) },
			"source": func(s string) bool { return has(p.Source, s) }, "department": func(s string) bool { return has(p.Department, s) },
			"reason": func(s string) bool { return has(p.Reason, s) }, "profile": func(s string) bool { return has(p.Profile, s) },
			"document": func(s string) bool { return has(p.Document, s) },
		}[what]
		for _, code := range strings.Fields(codes) {
			if !known(code) {
				t.Errorf("%s %s is missing", what, code)
			}
		}
	}
	unverified := 0
	for _, q := range villages(p, "2024-04-01") {
		if !q.Verified {
			unverified++
		}
	}
	if unverified != 9 {
		t.Errorf("%d villages marked unverified, want 9", unverified)
	}
}

func TestDueOn(t *testing.T) {
	p := farmland(t)
	for _, c := range []struct{ profile, kind, from, want string }{
		{"campaign", "acceptance", "2024-04-01", "2024-04-03"},
		{"campaign", "acceptance", "2024-04-03", "2024-04-08"}, // 清明 off, Sunday 7 April worked
		{"campaign", "conclusion", "2024-04-08", "2024-04-28"}, // Sunday 28 April is worked
		{"campaign", "acceptance", "2031-07-04", "2031-07-08"}, // no calendar: Monday to Friday
		{"xinfang", "acceptance", "2024-04-01", "2024-04-16"},
		{"xinfang", "conclusion", "2024-04-01", "2024-05-31"},
		{"eu2019-1937", "acknowledgement", "2024-04-01", "2024-04-08"},
		{"eu2019-1937", "feedback", "2023-11-30", "2024-02-29"},
		{"eu2019-1937", "feedback", "2024-10-31", "2025-01-31"},
		{"land_case", "conclusion", "2024-04-01", ""},
		{"nowhere", "conclusion", "2024-04-01", ""},
		{"campaign", "conclusion", "1 April", ""},
	} {
		if got := p.DueOn(c.profile, c.kind, c.from); got != c.want {
			t.Errorf("%s %s from %s: %q, want %q", c.profile, c.kind, c.from, got, c.want)
		}
	}
}

// TestDueOnCountsWorkingDays holds for any start: a working deadline falls on a working day, and just
// as many working days lie between.
func TestDueOnCountsWorkingDays(t *testing.T) {
	p := farmland(t)
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2023, 12, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 1200).Draw(t, "day"))
		due := p.DueOn("campaign", "conclusion", start.Format(time.DateOnly))
		if !p.WorkingDay(due) {
			t.Fatalf("%s is not worked", due)
		}
		count := 0
		for d := start.AddDate(0, 0, 1); d.Format(time.DateOnly) <= due; d = d.AddDate(0, 0, 1) {
			if p.WorkingDay(d.Format(time.DateOnly)) {
				count++
			}
		}
		if count != 15 {
			t.Fatalf("%d working days from %s to %s", count, start.Format(time.DateOnly), due)
		}
	})
}

func TestElsewhereStandsInScope(t *testing.T) {
	p := farmland(t)
	scope, _ := p.Document("scope")
	s, ok := find(scope.Sections, "not_accepted", func(s Section) string { return s.ID })
	if !ok || len(s.Points) != len(p.Elsewhere) || s.Points[0].Text.In("en") != p.Elsewhere[0].Where.In("en") {
		t.Errorf("section: %+v", s)
	}
}

func TestTextIn(t *testing.T) {
	for _, c := range []struct {
		text       Text
		lang, want string
	}{
		{Text{"zh-CN": "中", "en": "e"}, "zh-CN", "中"},
		{Text{"zh-CN": "中", "en": "e"}, "fr", "e"},
		{Text{"zh-CN": "中"}, "en", "中"},
		{nil, "en", ""},
	} {
		if got := c.text.In(c.lang); got != c.want {
			t.Errorf("%v in %s = %q", c.text, c.lang, got)
		}
	}
}
