package book_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
	"tipline/intake/book"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
	"tipline/intake/sheet"
)

// TestPeriods: weeks from Monday, months to their last day, over a year's end.
func TestPeriods(t *testing.T) {
	for in, want := range map[[2]string]string{
		{"daily", "2026-11-24"}: "2026-11-24 2026-11-24", {"weekly", "2026-11-24"}: "2026-11-23 2026-11-29", {"weekly", "2026-11-29"}: "2026-11-23 2026-11-29", {"weekly", "2026-11-30"}: "2026-11-30 2026-12-06",
		{"weekly", "2026-01-01"}: "2025-12-29 2026-01-04", {"monthly", "2028-02-29"}: "2028-02-01 2028-02-29",
	} {
		p, err := book.PeriodOf(in[0], intake.Date(in[1]))
		if got := fmt.Sprint(p.From, " ", p.To); err != nil || got != want || p.After().Before() != p {
			t.Errorf("%v: %s, %v", in, got, err)
		}
	}
	for _, bad := range [][2]string{{"yearly", "2026-11-24"}, {"daily", "soon"}} {
		if _, err := book.PeriodOf(bad[0], intake.Date(bad[1])); err == nil {
			t.Errorf("%v is a report", bad)
		}
	}
}

// month runs an office for some days: reports come in, some are decided, some
// concluded.
func (o *office) month(t *testing.T) {
	t.Helper()
	for day := range 9 {
		for i := range day%3 + 1 {
			f, err := o.Door().Submit(t.Context(), &intake.Report{Channel: []intake.Channel{intake.Web, intake.SMS}[i%2], Category: []string{"ok-house", "ok-pond", "unknown"}[(day+i)%3],
				Place: []string{"411422207201", "411422207202", ""}[i], Gateway: "g", MessageID: fmt.Sprint(day, i), Hold: day == 4 && i == 0, Words: intake.Words{Text: "words"}})
			intaketest.Must(t, err)
			if f.Held {
				continue
			}
			o.Clock.Add(time.Minute)
			if i < 2 {
				to := []intake.State{intake.StateAccepted, intake.StateDeclined}[i]
				intaketest.Must(t, o.work.Move(t.Context(), o.li, f.ID, casework.Triage{To: to, Reason: map[bool]string{true: "unclear"}[i == 1], Department: "agriculture", Summary: intake.Summary{Summary: "摘要"}}))
			}
		}
		o.settle(t)
		o.Clock.Add(24 * time.Hour)
	}
}

// TestTotalsReconcile: the month's numbers are the lines of the state log, and each of
// its tables adds up to what was received.
func TestTotalsReconcile(t *testing.T) {
	o := open(t)
	o.month(t)
	for _, day := range []intake.Date{"2026-11-24", "2026-12-01"} {
		r, err := o.Monthly(t.Context(), o.li, day, "zh-CN")
		intaketest.Must(t, err)
		want := map[string]int{}
		rows, err := o.Office.Store.Database().Read.Query(`SELECT h.state, COUNT(*) FROM history h JOIN tips t ON t.id = h.tip WHERE t.lane = 'normal' AND h.day >= $1 AND h.day <= $2 GROUP BY 1`, r.From, r.To)
		intaketest.Must(t, err)
		for rows.Next() {
			var state string
			var n int
			intaketest.Must(t, rows.Scan(&state, &n))
			want[state] = n
		}
		got := map[string]int{}
		for _, c := range r.States {
			got[c.Code] = c.N
		}
		if d := cmp.Diff(want, got); d != "" || r.Received.N != want["received"] || r.Received.N == 0 {
			t.Error(d)
		}
		for name, table := range map[string][]book.Count{"places": r.ByPlace, "categories": r.ByCategory, "sources": r.BySource, "channels": r.ByChannel} {
			sum := 0
			for _, c := range table {
				sum += c.N
				if c.N > 0 && c.N < 3 && !c.Hidden {
					t.Errorf("%s: %d is shown", name, c.N)
				}
			}
			if sum != r.Received.N {
				t.Errorf("%s add up to %d of %d", name, sum, r.Received.N)
			}
		}
		if last := r.Trend[len(r.Trend)-1]; len(r.Trend) != 12 || last.Received.N != r.Received.N || last.Month != r.Month() {
			t.Errorf("%+v", r.Trend)
		}
		if r.Decided.N != want["accepted"]+want["declined"] || r.Decided.InTime != r.Decided.N {
			t.Errorf("decided %+v", r.Decided)
		}
	}
}

// TestSameReport: of a day that is over it is the same file, whoever takes it and
// whatever happened since; of one that runs it isn't kept.
func TestSameReport(t *testing.T) {
	o := open(t)
	o.month(t)
	take := func(by casework.Actor, kind string, day intake.Date) []byte {
		t.Helper()
		b, _, err := o.Report(t.Context(), by, kind, day, "zh-CN")
		intaketest.Must(t, err)
		return b
	}
	zhao := o.li
	zhao.Name = "zhao"
	for _, kind := range []string{book.Daily, book.Weekly, book.Monthly} {
		first := take(o.li, kind, "2026-11-24")
		o.Clock.Add(time.Hour)
		if _, err := o.ledger.Database().Write.Exec(`UPDATE ledger_rows SET category = 'ok-pond'`); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, take(zhao, kind, "2026-11-24")) {
			t.Errorf("%s isn't the same file", kind)
		}
		got, err := sheet.Read(first)
		intaketest.Must(t, err)
		if !strings.Contains(got.Cell(0, 0), "li · ") {
			t.Errorf("no mark: %q", got.Cell(0, 0))
		}
		if n := o.acts(t, "report."+kind); n != 2 {
			t.Errorf("%d rows of the record", n)
		}
	}
	today := intake.DateOf(o.Clock.Now(), intaketest.Loc())
	a := take(o.li, book.Daily, today)
	if bytes.Equal(a, take(zhao, book.Daily, today)) {
		t.Error("a day that runs was kept")
	}
	got, err := sheet.Read(take(o.li, book.Daily, "2026-11-26"))
	intaketest.Must(t, err)
	if len(got) != 2+3 || !strings.Contains(strings.Join(slices.Concat(got...), " "), "摘要") {
		t.Errorf("the day's extract: %v", [][]string(got))
	}
}
