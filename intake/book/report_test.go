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

// TestVillageSheet: parcel, category and deadline alone; never a tip that names a
// cadre, in whosever words; a public tip only among others.
func TestVillageSheet(t *testing.T) {
	o := open(t)
	tip := func(text string, source string, summary intake.Summary) string {
		t.Helper()
		r := &intake.Report{Channel: intake.Web, Source: source, Category: "ok-house", Place: "411422207201", Words: intake.Words{Text: text}}
		if source != "public" {
			r.Channel = intake.Office
		}
		f, err := o.Door().Submit(t.Context(), r)
		intaketest.Must(t, err)
		intaketest.Must(t, o.work.Move(t.Context(), o.li, f.ID, casework.Triage{To: intake.StateAccepted, Department: "agriculture", Summary: summary}))
		o.settle(t)
		return f.ID
	}
	on := func() (out []string, left book.Left) {
		t.Helper()
		r, err := o.Return(t.Context(), o.li, "411422207201")
		intaketest.Must(t, err)
		for _, i := range r.Items {
			out = append(out, i.Parcel)
		}
		return out, r.Left
	}
	tip("村北打地基", "public", intake.Summary{Summary: "打地基", Parcel: "P-1"})
	tip("支 部 书 记家盖房", "public", intake.Summary{Summary: "盖房", Parcel: "P-2"})
	tip("有人盖房", "public", intake.Summary{Summary: "王大力盖房", Parcel: "P-3"})
	tip("有人盖房", "public", intake.Summary{Summary: "盖房"})
	if got, left := on(); len(got) != 0 || left != (book.Left{Cadre: 1, Alone: 2, Parcel: 1}) {
		t.Errorf("%v %+v", got, left)
	}
	p, err := o.Plan(t.Context(), o.li, book.Parcels, table(t, "图斑编号,村,类别,整改时限,责任人\nQ-2,胡堂村,建房,2027-01-01,王大力、李四\nA-1,胡堂村,建房,2027-01-01,\n"), book.Options{Batch: "b"})
	intaketest.Must(t, err)
	_, err = o.Import(t.Context(), o.li, p, false)
	intaketest.Must(t, err)
	tip("无人机看到", "ok-patrol", intake.Summary{Summary: "新增地块", Parcel: "M-1"})
	got, left := on()
	if d := cmp.Diff([]string{"A-1", "M-1", "P-1", "Q-2"}, got); d != "" || left != (book.Left{Cadre: 2, Parcel: 1}) {
		t.Errorf("%s %+v", d, left)
	}
	whole := tip("村北又打地基", "ok-patrol", intake.Summary{Summary: "打地基", Parcel: "M-2"})
	f, err := o.Door().Submit(t.Context(), &intake.Report{Channel: intake.Web, Source: "public", Category: "ok-house", Place: "411422207201", Words: intake.Words{Text: "支部书记让人打的地基"}})
	intaketest.Must(t, err)
	intaketest.Must(t, o.work.Merge(t.Context(), o.li, f.ID, whole))
	o.settle(t)
	if got, left := on(); slices.Contains(got, "M-2") || left.Cadre != 3 {
		t.Errorf("a merged tip names a cadre: %v %+v", got, left)
	}
	r, err := o.Return(t.Context(), o.li, "411422207201")
	intaketest.Must(t, err)
	if d := cmp.Diff(book.Item{Parcel: "P-1", Category: "ok-house", DueOn: "2026-12-24"}, r.Items[2]); d != "" {
		t.Error(d)
	}
	if _, err := o.Return(t.Context(), o.wang, "411422207201"); err == nil {
		t.Error("a custodian prints it")
	}
	// what is reported later waits for as much that is new of other origin
	tip("村西打地基", "public", intake.Summary{Summary: "打地基", Parcel: "P-7"})
	for _, batch := range []string{"Z-7", "Z-8"} { // one alone each time: it would stand beside one
		was, _ := on()
		p, err = o.Plan(t.Context(), o.li, book.Parcels, table(t, "图斑编号,村,类别,整改时限\n"+batch+",胡堂村,建房,2027-02-01\n"), book.Options{Batch: batch})
		intaketest.Must(t, err)
		_, err = o.Import(t.Context(), o.li, p, false)
		intaketest.Must(t, err)
		if got, left := on(); left.Alone != 1 || cmp.Diff(append(was, batch), got) != "" {
			t.Errorf("behind %v stands %v: %+v", was, got, left)
		}
	}
	p, err = o.Plan(t.Context(), o.li, book.Parcels, table(t, "图斑编号,村,类别,整改时限\nY-1,胡堂村,建房,2027-02-01\nY-2,胡堂村,建房,2027-02-01\n"), book.Options{Batch: "y"})
	intaketest.Must(t, err)
	_, err = o.Import(t.Context(), o.li, p, false)
	intaketest.Must(t, err)
	for range 2 {
		if got, left := on(); left.Alone != 0 || cmp.Diff([]string{"A-1", "M-1", "P-1", "P-7", "Q-2", "Y-1", "Y-2", "Z-7", "Z-8"}, got) != "" {
			t.Errorf("%v %+v", got, left)
		}
	}
}
