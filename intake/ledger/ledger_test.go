package ledger

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tipline/intake"
	"tipline/intake/servertest"
	"tipline/intake/store"
)

func open(t *testing.T) *Ledger { return openAt(t, "") }

// openAt is a ledger on PostgreSQL, or with "" on SQLite.
func openAt(t *testing.T, url string) *Ledger {
	t.Helper()
	st, err := store.Open(t.Context(), store.Options{URL: url, Path: filepath.Join(t.TempDir(), "l.db"), Loc: time.UTC, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	l, err := Open(t.Context(), st.Database())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func tip(n int) intake.Tip {
	return intake.Tip{ID: fmt.Sprintf("%032x", n), Commitment: strings.Repeat("a", 64), Facts: intake.Facts{Desk: "main", Channel: intake.Web, Source: "public",
		Category: "greenhouse_house", Conduct: []string{"wrong_plot"}, Place: "411422207201", ReceivedOn: "2026-11-24", Files: 2}}
}

var maker = intake.Events{Source: "https://tips.example.org", Loc: time.UTC, Now: func() time.Time { return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) }}

func all(t testing.TB, l *Ledger) (out []Row) {
	t.Helper()
	for r, err := range l.Rows(context.Background(), Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

// TestAnyOrder: however events are doubled, reordered and cut into batches, the
// rows are the same.
func TestAnyOrder(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { anyOrder(t, open(t)) })
	t.Run("PostgreSQL", func(t *testing.T) {
		url, err := servertest.StartPostgres(t).Database()
		if err != nil {
			t.Fatal(err)
		}
		anyOrder(t, openAt(t, url))
	})
}

func anyOrder(t *testing.T, got *Ledger) {
	var events []intake.Event
	for n := range 4 {
		events = append(events, maker.New(intake.EventReceived, tip(n), intake.Decision{}))
		for change := range n {
			kind := []intake.EventType{intake.EventDeclined, intake.EventReferred, intake.EventAccepted}[change]
			events = append(events, maker.New(kind, tip(n), intake.Decision{Department: fmt.Sprint("dept", change), Change: change + 1, Sealed: [][]byte{{1}, {2}, nil}[change]}))
		}
	}
	// a later date that was granted stands in the place of its acceptance
	events = append(events, maker.New(intake.EventAccepted, tip(3), intake.Decision{Department: "dept2", Change: 3, DueOn: "2027-01-20"}))
	// a new year's calendar moves a date, also to an earlier day; and one is granted after that
	on := func(day, n int, due intake.Date) {
		later := maker
		later.Now = func() time.Time { return time.Date(2026, 12, day, 9, 0, 0, 0, time.UTC) }
		events = append(events, later.New(intake.EventAccepted, tip(n), intake.Decision{Department: "dept2", Change: 3, DueOn: due}))
	}
	for _, n := range []int{4, 5} {
		events = append(events, maker.New(intake.EventAccepted, tip(n), intake.Decision{Department: "dept2", Change: 3, DueOn: "2027-02-20"}))
		on(1, n, "2027-02-17")
	}
	on(3, 5, "2027-02-18")
	want := open(t)
	if err := want.Apply(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	rows := all(t, want)
	if len(rows) != 6 || rows[4].DueOn != "2027-02-17" || rows[5].DueOn != "2027-02-18" || rows[3].Disposition != "accepted" || rows[3].Department != "dept2" || rows[3].DueOn != "2027-01-20" || string(rows[3].Sealed) != "\x02" || rows[0].Disposition != "" {
		t.Fatalf("rows: %+v", rows)
	}
	rapid.Check(t, func(rt *rapid.T) {
		for _, table := range []string{"ledger_rows", "ledger_events"} {
			if _, err := got.write.Exec("DELETE FROM " + table); err != nil {
				rt.Fatal(err)
			}
		}
		twice := append(slices.Clone(events), rapid.SliceOfN(rapid.SampledFrom(events), 0, 10).Draw(rt, "again")...)
		for left := rapid.Permutation(twice).Draw(rt, "order"); len(left) > 0; {
			n := rapid.IntRange(1, len(left)).Draw(rt, "batch")
			if err := got.Apply(context.Background(), left[:n]); err != nil {
				rt.Fatal(err)
			}
			left = left[n:]
		}
		if d := cmp.Diff(rows, all(t, got)); d != "" {
			rt.Fatal(d)
		}
	})
}

// TestApplyIsWhole: one bad event leaves nothing of its batch behind.
func TestApplyIsWhole(t *testing.T) {
	l := open(t)
	bad := maker.New(intake.EventReceived, tip(2), intake.Decision{})
	bad.Sequence = "soon"
	if err := l.Apply(t.Context(), []intake.Event{maker.New(intake.EventReceived, tip(1), intake.Decision{}), bad}); err == nil {
		t.Fatal("a bad event was applied")
	}
	if rows := all(t, l); len(rows) != 0 {
		t.Fatalf("%d rows are left of a batch that failed", len(rows))
	}
}

func TestReconcile(t *testing.T) {
	l := open(t)
	for _, n := range []int{1, 3, 9} {
		if err := l.Apply(t.Context(), []intake.Event{maker.New(intake.EventReceived, tip(n), intake.Decision{})}); err != nil {
			t.Fatal(err)
		}
	}
	standings := []intake.Standing{{Tip: tip(1).ID, Lane: intake.Normal}, {Tip: tip(2).ID, Lane: intake.Normal}, {Tip: tip(3).ID, Lane: intake.Held},
		{Tip: tip(4).ID, Lane: intake.Held}, {Tip: tip(5).ID, Lane: intake.Normal, Waiting: true}}
	got, err := l.Reconcile(t.Context(), "main", seq(standings, nil))
	if err != nil {
		t.Fatal(err)
	}
	want := Report{Received: 5, InLedger: 1, Held: 1, Waiting: 1, Missing: []string{tip(2).ID}, Early: []string{tip(3).ID}, Unknown: []string{tip(9).ID}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got.Balanced() {
		t.Error("a ledger that lacks a tip is balanced")
	}
	if _, err := l.Reconcile(t.Context(), "main", seq(standings, errBroken)); !errors.Is(err, errBroken) {
		t.Errorf("a broken list of tips: %v", err)
	}
}

// TestReconcileWhileAllWork: a tip that arrives between the two looks, or is in a
// queue of its own, isn't missing.
func TestReconcileWhileAllWork(t *testing.T) {
	l := open(t)
	standings := []intake.Standing{{Tip: tip(1).ID, Lane: intake.Normal}, {Tip: tip(2).ID, Lane: intake.Normal}, {Tip: tip(3).ID, Lane: intake.Normal}}
	late := func(ctx context.Context) (map[string]bool, error) {
		return map[string]bool{tip(2).ID: true}, l.Apply(ctx, []intake.Event{maker.New(intake.EventReceived, tip(1), intake.Decision{})})
	}
	got, err := l.Reconcile(t.Context(), "main", seq(standings, nil), late)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(Report{Received: 3, InLedger: 1, Waiting: 1, Missing: []string{tip(3).ID}}, got); d != "" {
		t.Error(d)
	}
	_, err = l.Reconcile(t.Context(), "main", seq(standings, nil), func(context.Context) (map[string]bool, error) { return nil, errBroken })
	if !errors.Is(err, errBroken) {
		t.Errorf("a queue that can't be read: %v", err)
	}
}

// TestReconcileNamesEachTipOnce: wherever tips are, each is counted in one place,
// and only what is out of place is named.
func TestReconcileNamesEachTipOnce(t *testing.T) {
	l := open(t)
	rapid.Check(t, func(rt *rapid.T) {
		if _, err := l.write.Exec("DELETE FROM ledger_rows"); err != nil {
			rt.Fatal(err)
		}
		var want Report
		var standings []intake.Standing
		for n, where := range rapid.SliceOfN(rapid.IntRange(0, 5), 0, 40).Draw(rt, "where") {
			s := intake.Standing{Tip: tip(n).ID, Lane: intake.Normal}
			inLedger := where == 0 || where >= 4
			switch where {
			case 0:
				want.InLedger++
			case 1:
				s.Waiting, want.Waiting = true, want.Waiting+1
			case 2:
				s.Lane, want.Held = intake.Held, want.Held+1
			case 3:
				want.Missing = append(want.Missing, s.Tip)
			case 4:
				s.Lane, want.Early = intake.Held, append(want.Early, s.Tip)
			case 5:
				want.Unknown = append(want.Unknown, s.Tip)
			}
			if inLedger {
				if _, err := l.write.Exec(insertSQL, s.Tip); err != nil {
					rt.Fatal(err)
				}
			}
			if where != 5 {
				want.Received, standings = want.Received+1, append(standings, s)
			}
		}
		got, err := l.Reconcile(context.Background(), "main", seq(standings, nil))
		if err != nil {
			rt.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			rt.Fatal(d)
		}
		if got.Received != got.InLedger+got.Held+got.Waiting+len(got.Missing)+len(got.Early) {
			rt.Fatalf("the numbers don't add up: %+v", got)
		}
	})
}

const insertSQL = `INSERT INTO ledger_rows (tip, desk, channel, source, category, conduct, place, urgent, real_name, received_on, files, commitment,
	decided, disposition, department, reason, due_on, merged_into, state, number) VALUES ($1, 'main', '', '', '', '[]', '', 0, 0, '', 0, '', 0, '', '', '', '', '', '', '')`

var errBroken = errors.New("broken")

func seq[T any](all []T, last error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
		if last != nil {
			var zero T
			yield(zero, last)
		}
	}
}

// onDisk is a ledger in a SQLite file of its own.
func onDisk(b *testing.B) *Ledger {
	b.Helper()
	st, err := store.Open(b.Context(), store.Options{Path: filepath.Join(b.TempDir(), "l.db"), Loc: time.UTC, Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	l, err := Open(b.Context(), st.Database())
	if err != nil {
		b.Fatal(err)
	}
	return l
}

func BenchmarkApply(b *testing.B) {
	l := onDisk(b)
	n := 0
	for b.Loop() {
		events := make([]intake.Event, 100)
		for i := range events {
			n++
			events[i] = maker.New(intake.EventReceived, tip(n), intake.Decision{})
		}
		if err := l.Apply(b.Context(), events); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}
