package ledger

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
	"tipline/intake/servertest"
)

// onBoth runs a test over a ledger on SQLite and one on PostgreSQL.
func onBoth(t *testing.T, test func(t *testing.T, l *Ledger)) {
	t.Run("SQLite", func(t *testing.T) { test(t, open(t)) })
	t.Run("PostgreSQL", func(t *testing.T) {
		url, err := servertest.StartPostgres(t).Database()
		if err != nil {
			t.Fatal(err)
		}
		test(t, openAt(t, url))
	})
}

func received(t *testing.T, l *Ledger, n int, change ...func(n int, t *intake.Tip)) {
	t.Helper()
	var events []intake.Event
	for i := range n {
		x := tip(i)
		for _, c := range change {
			c(i, &x)
		}
		events = append(events, maker.New(intake.EventReceived, x, intake.Decision{}))
		events = append(events, maker.New(intake.EventAccepted, x, intake.Decision{Department: "agriculture", DueOn: "2026-12-20", Change: 1}))
	}
	if err := l.Apply(t.Context(), events); err != nil {
		t.Fatal(err)
	}
}

// TestEdit: whole or not at all, and only what is still as it was seen.
func TestEdit(t *testing.T) {
	onBoth(t, func(t *testing.T, l *Ledger) {
		received(t, l, 3)
		edit := func(n, version int, change ...func(*Edit)) Edit {
			e := Edit{Tip: tip(n).ID, Desk: "main", Version: version, Work: []byte(fmt.Sprint("work ", n)), Columns: "measure remarks"}
			for _, c := range change {
				c(&e)
			}
			return e
		}
		outcome := func(s intake.LedgerState, number string) func(*Edit) {
			return func(e *Edit) { e.Outcome = &Outcome{Tip: e.Tip, Desk: e.Desk, State: s, Number: number} }
		}
		if err := l.Edit(t.Context(), "li", []Edit{edit(0, 0), edit(1, 0, outcome(intake.LedgerNumbered, "7"))}, maker); err != nil {
			t.Fatal(err)
		}
		r, err := l.Row(t.Context(), "main", "7")
		if err != nil || r.Tip != tip(1).ID || string(r.Work) != "work 1" || r.Version != 2 || r.State != "numbered" {
			t.Errorf("%+v, %v", r, err)
		}
		for name, c := range map[string]struct {
			edits []Edit
			want  error
		}{
			"changed meanwhile": {[]Edit{edit(2, 0), edit(0, 0)}, intake.ErrConflict},
			"a taken number":    {[]Edit{edit(2, 0, outcome(intake.LedgerNumbered, "7"))}, ErrNumberTaken},
			"no such row":       {[]Edit{edit(9, 0)}, intake.ErrConflict},
			"no such state":     {[]Edit{edit(2, 0, outcome("nonsense", ""))}, ErrOutcome},
		} {
			if err := l.Edit(t.Context(), "li", c.edits, maker); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if r, err := l.Row(t.Context(), "main", tip(2).ID); err != nil || r.Version != 0 || r.Work != nil {
			t.Errorf("half a sheet was taken: %+v, %v", r, err)
		}
		if err := l.Edit(t.Context(), "li", []Edit{edit(1, 2, outcome(intake.LedgerConcluded, ""))}, maker); err != nil {
			t.Fatal(err)
		}
		if r, err := l.Row(t.Context(), "main", "7"); err != nil || r.ClosedOn != "2026-11-24" {
			t.Errorf("closed on %q, %v", r.ClosedOn, err)
		}
		got, err := l.Changes(t.Context(), "main", tip(1).ID)
		if d := cmp.Diff([]Change{{1, "li", "2026-11-24", "measure remarks"}, {3, "li", "2026-11-24", "measure remarks"}}, got); d != "" || err != nil {
			t.Error(d, err)
		}
		if n, err := l.Untold(t.Context(), "main"); err != nil || n != 2 {
			t.Errorf("%d outcomes, %v", n, err)
		}
		if _, err := l.Row(t.Context(), "county", "7"); !errors.Is(err, intake.ErrNotFound) {
			t.Errorf("another desk's row: %v", err)
		}
	})
}

// TestViews: every order pages through every row that the filter leaves, once.
func TestViews(t *testing.T) {
	onBoth(t, func(t *testing.T, l *Ledger) {
		received(t, l, 23, func(n int, t *intake.Tip) {
			t.ReceivedOn = intake.Date(fmt.Sprintf("2026-11-%02d", 1+n%7))
			t.Place = []string{"411422207201", "411422207202", "411422208201", ""}[n%4]
			t.Category = []string{"other", "greenhouse_house"}[n%2]
		})
		for n, number := range map[int]string{1: "B-1", 2: "A-2", 3: "C"} {
			if err := l.Outcome(t.Context(), Outcome{Tip: tip(n).ID, Desk: "main", State: intake.LedgerNumbered, Number: number}, maker); err != nil {
				t.Fatal(err)
			}
		}
		for name, c := range map[string]struct {
			v    View
			want int
		}{"all": {View{}, 23}, "due": {View{Order: ByDue}, 23}, "number": {View{Order: ByNumber}, 3}, "place": {View{Order: ByPlace}, 23}, "a village": {View{Place: "411422207201"}, 6},
			"a township": {View{Place: "411422207"}, 12}, "a county": {View{Place: "411422", Order: ByDue}, 18}, "a state": {View{State: "numbered"}, 3}, "one": {View{Tip: tip(2).ID[:31]}, 15 + 1},
			"several": {View{Category: "other", Place: "411422207", Department: "agriculture", Disposition: "accepted", Open: true}, 6}, "due soon": {View{DueTo: "2026-12-20"}, 23}, "due later": {View{DueFrom: "2026-12-21"}, 0},
			"a number": {View{Number: "A-2"}, 1}, "days": {View{Since: "2026-11-02", Until: "2026-11-03"}, 7}} {
			c.v.Desk, c.v.Limit = "main", 4
			var got []Row
			for range 20 {
				rows, next, err := l.View(t.Context(), c.v)
				if err != nil {
					t.Fatal(name, err)
				}
				got = append(got, rows...)
				if c.v.Cursor = next; next == "" {
					break
				}
			}
			seen := map[string]bool{}
			for _, r := range got {
				seen[r.Tip] = true
			}
			if len(got) != c.want || len(seen) != c.want {
				t.Errorf("%s: %d rows, %d of them different; want %d", name, len(got), len(seen), c.want)
			}
			if !slices.IsSortedFunc(got, func(a, b Row) int {
				x, y := a.at(c.v.Order), b.at(c.v.Order)
				if c.v.Order == ByReceived {
					x, y = y, x
				}
				return strings.Compare(x, y)
			}) {
				t.Errorf("%s isn't in order", name)
			}
		}
		if _, _, err := l.View(t.Context(), View{Desk: "main", Cursor: "nonsense"}); !errors.Is(err, intake.ErrInvalid) {
			t.Errorf("a bad cursor: %v", err)
		}
	})
}

// TestCheck: what stands in a sheet's check tells what was touched.
func TestCheck(t *testing.T) {
	r := Row{Tip: tip(1).ID, State: "pending", Number: "7", DueOn: "2026-12-01"}
	o := Opened{Summary: intake.Summary{Summary: "words"}, Work: Work{"measure": "复耕"}}
	l := labels()
	v := Values(r, o, l)
	for _, key := range Editable() {
		if same, known := Untouched(v["check"], r.Tip, key, v[key]+" \r\n"); !same || !known {
			t.Errorf("%s looks touched: %q", key, v[key])
		}
		if same, known := Untouched(v["check"], r.Tip, key, v[key]+"x"); same || !known {
			t.Errorf("%s looks untouched", key)
		}
	}
	if v["measure"] != "复耕" || v["description"] != "words" {
		t.Errorf("%v", v)
	}
	for _, bad := range []string{"", "1.", "3." + v["check"][2:], v["check"] + "x"} {
		if _, known := Untouched(bad, r.Tip, "measure", ""); known {
			t.Errorf("%q is a check", bad)
		}
	}
	if _, known := Untouched(v["check"], r.Tip, "channel", ""); known {
		t.Error("the channel may be changed")
	}
	at := 2 + markSize*slices.Index(Editable(), "location")
	older := "1." + v["check"][2:at] + v["check"][at+markSize:] // of a sheet without that column
	if same, known := Untouched(older, r.Tip, "measure", "复耕"); !same || !known {
		t.Error("an older sheet isn't known")
	}
	if _, known := Untouched(older, r.Tip, "location", ""); known {
		t.Error("an older sheet had no place in words")
	}
}

// TestWhere: a place in words stands in its own column, coordinates in theirs.
func TestWhere(t *testing.T) {
	for _, c := range []struct{ said, location, coordinates string }{
		{"", "", ""},
		{"村北老砖窑东侧", "村北老砖窑东侧", ""},
		{"3组 12 号东 50.5 米", "3组 12 号东 50.5 米", ""},
		{"34.4401, 115.0702", "", "34.4401, 115.0702"},
		{"东经115.0702°，北纬34.4401°", "", "东经115.0702°，北纬34.4401°"},
		{"E115°04′12″ N34°26′24″", "", "E115°04′12″ N34°26′24″"},
		{"砖窑 34.4401, 115.0702", "砖窑 34.4401, 115.0702", ""},
		{"411422207", "411422207", ""},
	} {
		o := Opened{Summary: intake.Summary{Location: c.said}}
		if v := Values(Row{}, o, labels()); v["location"] != c.location || v["coordinates"] != c.coordinates {
			t.Errorf("%q: %q and %q", c.said, v["location"], v["coordinates"])
		}
		o.Work = Work{"location": "改过", "coordinates": "34.1, 115.1"}
		if v := Values(Row{}, o, labels()); v["location"] != "改过" || v["coordinates"] != "34.1, 115.1" {
			t.Errorf("what the office wrote: %q and %q", v["location"], v["coordinates"])
		}
	}
}
