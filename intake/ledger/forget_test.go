package ledger

import (
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
