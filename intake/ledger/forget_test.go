package ledger

import (
	"errors"
	"testing"

	"tipline/intake"
)

// TestForget: what was sealed is gone from a tip's row and its outcomes, and the counts
// and the reconciliation are what they were; another tip keeps its own.
func TestForget(t *testing.T) {
	l := open(t)
	a, b := tip(1), tip(2)
	var events []intake.Event
	for _, p := range []intake.Tip{a, b} {
		events = append(events, maker.New(intake.EventReceived, p, intake.Decision{}), maker.New(intake.EventAccepted, p, intake.Decision{Department: "land", Change: 2, Sealed: []byte("sealed " + p.ID)}))
	}
	if err := l.Apply(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := l.Forget(t.Context(), a.ID); err != nil {
			t.Fatal(err)
		}
	}
	rows := all(t, l)
	if len(rows) != 2 {
		t.Fatal(rows)
	}
	for _, r := range rows {
		if gone := r.Sealed == nil; gone != (r.Tip == a.ID) {
			t.Errorf("%s: sealed %q", r.Tip, r.Sealed)
		}
		if r.Disposition != "accepted" || r.Department != "land" || r.ReceivedOn != "2026-11-24" {
			t.Errorf("%+v", r)
		}
	}
	// what comes again changes nothing: the ledger knows the event
	if err := l.Apply(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	for _, r := range all(t, l) {
		if r.Tip == a.ID && (r.Sealed != nil || r.Place != "411422207") {
			t.Errorf("the summary came back: %+v", r)
		}
	}
}

// TestForgetAll: what the office wrote itself, what an import remembers and the reports
// that hold the words go with a tip; other reports stay.
func TestForgetAll(t *testing.T) {
	l := open(t)
	a := tip(1)
	if err := l.Apply(t.Context(), []intake.Event{maker.New(intake.EventReceived, a, intake.Decision{}), maker.New(intake.EventAccepted, a, intake.Decision{Department: "land", Change: 2, Sealed: []byte("sealed")})}); err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	r, err := l.Row(t.Context(), a.Desk, a.ID)
	must(err)
	must(l.Edit(t.Context(), "li", []Edit{{Tip: a.ID, Desk: a.Desk, Version: r.Version, Work: []byte("the office's words"), ClosedOn: "2026-12-02", Columns: "remarks"}}, maker))
	must(l.Bring(t.Context(), a.Desk, "row", Brought{Content: "hash", Tip: a.ID}, "2026-11-24"))
	type key struct {
		kind string
		day  intake.Date
	}
	issue := func(keys ...key) {
		for _, k := range keys {
			_, err := l.Issue(t.Context(), Issued{Desk: a.Desk, Kind: k.kind, Day: k.day, Lang: "en", Sealed: []byte("a workbook"), Member: "li", Made: "2026-12-20"})
			must(err)
		}
	}
	gone := []key{{"daily", "2026-11-24"}, {"weekly", "2026-11-23"}, {"weekly", "2026-11-30"}}
	stay := []key{{"daily", "2026-11-25"}, {"weekly", "2026-11-16"}, {"weekly", "2026-12-07"}, {"monthly", "2026-11-01"}}
	issue(gone...)
	issue(stay...)
	must(l.Show(t.Context(), a.Desk, []string{a.ID, "P-1"}))
	must(l.Show(t.Context(), a.Desk, []string{"P-1"}))
	must(l.Forget(t.Context(), a.ID))
	if shown, err := l.Shown(t.Context(), a.Desk); err != nil || len(shown) != 1 || !shown["P-1"] {
		t.Errorf("what stood on a village's sheet: %v, %v", shown, err)
	}
	if r, err := l.Row(t.Context(), a.Desk, a.ID); err != nil || r.Work != nil {
		t.Errorf("the office's words are left: %q, %v", r.Work, err)
	}
	if _, err := l.Brought(t.Context(), a.Desk, "row"); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("the import remembers it: %v", err)
	}
	for _, k := range gone {
		if _, err := l.Issued(t.Context(), a.Desk, k.kind, k.day, "en"); !errors.Is(err, intake.ErrNotFound) {
			t.Errorf("%v is left: %v", k, err)
		}
	}
	issue(gone...) // as they are made by now
	must(l.Forget(t.Context(), a.ID))
	for _, k := range append(stay, gone...) {
		if _, err := l.Issued(t.Context(), a.Desk, k.kind, k.day, "en"); err != nil {
			t.Errorf("%v is gone: %v", k, err)
		}
	}
}
