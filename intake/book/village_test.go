package book_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
	"tipline/intake/book"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
)

const village = "411422207201"

// tip is accepted in the village, with what a handler wrote for the ledger.
func (o *office) tip(t *testing.T, text, source string, summary intake.Summary) string {
	t.Helper()
	r := &intake.Report{Channel: intake.Web, Source: source, Category: "ok-house", Place: village, Words: intake.Words{Text: text}}
	if source != "public" {
		r.Channel = intake.Office
	}
	f, err := o.Door().Submit(t.Context(), r)
	intaketest.Must(t, err)
	intaketest.Must(t, o.work.Move(t.Context(), o.li, f.ID, casework.Triage{To: intake.StateAccepted, Department: "agriculture", Summary: summary}))
	o.settle(t)
	return f.ID
}

// batch brings parcels from above in, each with who answers for it.
func (o *office) batch(t *testing.T, name string, rows ...string) {
	t.Helper()
	text := "图斑编号,村,类别,整改时限,责任人\n"
	for _, row := range rows {
		number, responsible, _ := strings.Cut(row, " ")
		text += number + ",胡堂村,建房,2027-01-01," + responsible + "\n"
	}
	p, err := o.Plan(t.Context(), o.li, book.Parcels, table(t, text), book.Options{Batch: name})
	intaketest.Must(t, err)
	_, err = o.Import(t.Context(), o.li, p, false)
	intaketest.Must(t, err)
}

// onSheet is the village's, by its parcels' numbers, which is given out then.
func (o *office) onSheet(t *testing.T) (on []string, left book.Left) {
	t.Helper()
	r, err := o.Return(t.Context(), o.li, village)
	intaketest.Must(t, err)
	intaketest.Must(t, o.GiveReturn(t.Context(), o.li, village))
	for _, i := range r.Items {
		on = append(on, i.Parcel)
	}
	return on, r.Left
}

// TestVillageSheet: parcel, category and deadline alone; never a tip that names a
// cadre, in whosever words; a public tip only among others.
func TestVillageSheet(t *testing.T) {
	o := open(t)
	o.tip(t, "村北打地基", "public", intake.Summary{Summary: "打地基", Parcel: "P-1"})
	o.tip(t, "支 部 书 记家盖房", "public", intake.Summary{Summary: "盖房", Parcel: "P-2"})
	o.tip(t, "有人盖房", "public", intake.Summary{Summary: "王大力盖房", Parcel: "P-3"})
	o.tip(t, "有人盖房", "public", intake.Summary{Summary: "盖房"})
	if got, left := o.onSheet(t); len(got) != 0 || left != (book.Left{Cadre: 1, Waiting: 2, Parcel: 1}) {
		t.Errorf("%v %+v", got, left)
	}
	o.batch(t, "b", "Q-2 王大力、李四", "A-1")
	o.tip(t, "无人机看到", "ok-patrol", intake.Summary{Summary: "新增地块", Parcel: "M-1"})
	got, left := o.onSheet(t)
	if d := cmp.Diff([]string{"A-1", "M-1", "P-1", "Q-2"}, got); d != "" || left != (book.Left{Cadre: 2, Parcel: 1}) {
		t.Errorf("%s %+v", d, left)
	}
	whole := o.tip(t, "村北又打地基", "ok-patrol", intake.Summary{Summary: "打地基", Parcel: "M-2"})
	f, err := o.Door().Submit(t.Context(), &intake.Report{Channel: intake.Web, Source: "public", Category: "ok-house", Place: village, Words: intake.Words{Text: "支部书记让人打的地基"}})
	intaketest.Must(t, err)
	intaketest.Must(t, o.work.Merge(t.Context(), o.li, f.ID, whole))
	o.settle(t)
	if got, left := o.onSheet(t); slices.Contains(got, "M-2") || left.Cadre != 3 {
		t.Errorf("a merged tip names a cadre: %v %+v", got, left)
	}
	r, err := o.Return(t.Context(), o.li, village)
	intaketest.Must(t, err)
	if d := cmp.Diff(book.Item{Parcel: "P-1", Category: "ok-house", DueOn: "2026-12-24"}, r.Items[2]); d != "" {
		t.Error(d)
	}
	for _, err := range []error{o.GiveReturn(t.Context(), o.wang, village), o.GiveReturn(t.Context(), o.li, "胡堂村")} {
		if err == nil {
			t.Error("a custodian gives it out, or a place that is none")
		}
	}
	for _, text := range []string{"胡堂村", "张三住在胡堂村", "411422207299"} { // the record takes no words
		if _, err := o.Return(t.Context(), o.li, text); !errors.Is(err, intake.ErrInvalid) {
			t.Errorf("a sheet for %s: %v", text, err)
		}
	}
}

// TestVillageSheets: what is reported later waits for as much that is new of other origin, and what stood on a
// sheet stays.
func TestVillageSheets(t *testing.T) {
	o := open(t)
	wants := func(waiting int, want ...string) {
		t.Helper()
		if got, left := o.onSheet(t); cmp.Diff(want, got) != "" || left.Waiting != waiting {
			t.Errorf("%v and %d wait, want %v and %d", got, left.Waiting, want, waiting)
		}
	}
	o.batch(t, "a", "A-1", "A-2")
	o.tip(t, "村北打地基", "public", intake.Summary{Summary: "打地基", Parcel: "P-1"})
	wants(0, "A-1", "A-2", "P-1")
	o.tip(t, "村西打地基", "public", intake.Summary{Summary: "打地基", Parcel: "P-2"})
	wants(1, "A-1", "A-2", "P-1")
	o.batch(t, "b", "B-1") // one alone each time: it would stand beside one
	wants(1, "A-1", "A-2", "B-1", "P-1")
	o.batch(t, "c", "C-1")
	wants(1, "A-1", "A-2", "B-1", "C-1", "P-1")
	o.batch(t, "p", "P-1", "D-1") // P-1 stands there already
	wants(1, "A-1", "A-2", "B-1", "C-1", "D-1", "P-1")
	o.batch(t, "e", "E-1", "E-2")
	for range 2 { // looking is free
		if r, err := o.Return(t.Context(), o.li, village); err != nil || r.New != 3 || len(r.Items) != 9 {
			t.Errorf("%+v, %v", r, err)
		}
	}
	wants(0, "A-1", "A-2", "B-1", "C-1", "D-1", "E-1", "E-2", "P-1", "P-2")
	wants(0, "A-1", "A-2", "B-1", "C-1", "D-1", "E-1", "E-2", "P-1", "P-2")
}

// TestALargeVillage: where more is open than a sheet looks at, what stood on one stays, and the latest waits.
func TestALargeVillage(t *testing.T) {
	o := open(t)
	o.tip(t, "无人机看到", "ok-patrol", intake.Summary{Summary: "打地基", Parcel: "M-1"})
	for range 100 {
		o.Clock.Add(24 * time.Hour)
		if on, left := o.onSheet(t); cmp.Diff([]string{"M-1"}, on) != "" || left.Later {
			t.Fatalf("%v %+v", on, left)
		}
		o.tip(t, "有人盖房", "public", intake.Summary{Summary: "盖房"})
	}
	if on, left := o.onSheet(t); cmp.Diff([]string{"M-1"}, on) != "" || left != (book.Left{Parcel: 99, Later: true}) {
		t.Errorf("%v %+v", on, left)
	}
}
