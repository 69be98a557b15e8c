package ledger

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
)

// ready is a ledger with accepted tips 1 and 2, and tip 3 declined.
func ready(t *testing.T) (*Ledger, *Outcomes) {
	t.Helper()
	l := open(t)
	events := []intake.Event{}
	for n, kind := range []intake.EventType{intake.EventAccepted, intake.EventAccepted, intake.EventDeclined} {
		events = append(events, maker.New(intake.EventReceived, tip(n+1), intake.Decision{}), maker.New(kind, tip(n+1), intake.Decision{Change: 1, DueOn: "2026-12-15"}))
	}
	if err := l.Apply(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	return l, l.Outcomes(time.Now)
}

func claimed(t *testing.T, b *Outcomes, who string, n int) (out []intake.OutcomeEvent) {
	t.Helper()
	out, err := b.ClaimEvents(t.Context(), who, n, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestOutcome: the row and the word to the desk, which repeats what still holds.
func TestOutcome(t *testing.T) {
	l, b := ready(t)
	for _, o := range []Outcome{{State: intake.LedgerNumbered, Number: "2026-〔7〕"}, {State: intake.LedgerExtended, DueOn: "2027-01-20", Sealed: []byte("note")}, {State: intake.LedgerRectifying}} {
		o.Tip, o.Desk = tip(1).ID, "main"
		if err := l.Outcome(t.Context(), o, maker); err != nil {
			t.Fatal(err)
		}
	}
	rows := all(t, l)
	if r := rows[0]; r.State != "rectifying" || r.Number != "2026-〔7〕" || r.DueOn != "2027-01-20" || rows[1].State != StatePending || rows[1].DueOn != "2026-12-15" {
		t.Errorf("rows: %+v", rows)
	}
	got := claimed(t, b, "a", 9)
	if len(got) != 3 {
		t.Fatal(got)
	}
	base := intake.OutcomeData{Tip: tip(1).ID, Desk: "main", Number: "2026-〔7〕"}
	want := []intake.OutcomeData{base, base, base}
	want[0].State, want[1].State, want[2].State = intake.LedgerNumbered, intake.LedgerExtended, intake.LedgerRectifying
	want[1].DueOn, want[2].DueOn, want[1].Sealed = "2027-01-20", "2027-01-20", []byte("note")
	for i, e := range got {
		if d := cmp.Diff(want[i], e.Data); d != "" || e.Sequence != []string{"00000001", "00000002", "00000003"}[i] || e.Type != intake.EventOutcome {
			t.Error(e.Sequence, e.Type, d)
		}
	}
}

func TestOutcomeRefused(t *testing.T) {
	const canary = "canary-13800138000"
	l, b := ready(t)
	if err := l.Outcome(t.Context(), Outcome{Desk: "main", Tip: tip(1).ID, State: intake.LedgerNumbered, Number: "7"}, maker); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		o    Outcome
		want error
	}{
		"unknown state":          {Outcome{Desk: "main", State: canary}, ErrOutcome},
		"no number":              {Outcome{Desk: "main", State: intake.LedgerNumbered}, ErrOutcome},
		"a long number":          {Outcome{Desk: "main", State: intake.LedgerNumbered, Number: strings.Repeat("7", 65)}, ErrOutcome},
		"a number of two lines":  {Outcome{Desk: "main", State: intake.LedgerNumbered, Number: canary + "\n"}, ErrOutcome},
		"a name for a number":    {Outcome{Desk: "main", State: intake.LedgerNumbered, Number: "王大力"}, ErrOutcome},
		"an earlier date":        {Outcome{Desk: "main", State: intake.LedgerVerifying, DueOn: "2026-12-14"}, ErrOutcome},
		"no date":                {Outcome{Desk: "main", State: intake.LedgerExtended}, ErrOutcome},
		"a date nobody granted":  {Outcome{Desk: "main", State: intake.LedgerExtended, DueOn: "2027-03-01", Granted: true}, ErrOutcome},
		"a later date besides":   {Outcome{Desk: "main", State: intake.LedgerVerifying, DueOn: "2027-03-01", Granted: true}, ErrOutcome},
		"a bad date":             {Outcome{Desk: "main", State: intake.LedgerExtended, DueOn: canary}, ErrOutcome},
		"another tip's number":   {Outcome{Desk: "main", State: intake.LedgerNumbered, Number: "7"}, ErrNumberTaken},
		"an unknown tip":         {Outcome{Desk: "main", Tip: canary, State: intake.LedgerVerifying}, ErrUnknown},
		"one the desk turned on": {Outcome{Desk: "main", Tip: tip(3).ID, State: intake.LedgerVerifying}, ErrNotOurs},
	} {
		if c.o.Tip == "" {
			c.o.Tip = tip(2).ID
		}
		if err := l.Outcome(t.Context(), c.o, maker); !errors.Is(err, c.want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n, err := l.Untold(t.Context(), "main"); err != nil || n != 1 || len(claimed(t, b, "a", 9)) != 1 {
		t.Errorf("%d wait, %v", n, err)
	}
	if rows := all(t, l); rows[1].State != StatePending || rows[2].State != StatePending {
		t.Errorf("rows: %+v", rows)
	}
}

// TestOutcomeTakesWhatWasGranted: the row's date came with what was granted at the tip; an extension is about that date, said
// or not, and sets none beyond it.
func TestOutcomeTakesWhatWasGranted(t *testing.T) {
	for _, said := range []intake.Date{"", "2027-02-01"} {
		l, _ := ready(t)
		granted := maker.New(intake.EventAccepted, tip(2), intake.Decision{Department: "dept", Change: 3, DueOn: "2027-02-01"})
		if err := l.Apply(t.Context(), []intake.Event{granted}); err != nil {
			t.Fatal(err)
		}
		if err := l.Outcome(t.Context(), Outcome{Desk: "main", Tip: tip(2).ID, State: intake.LedgerExtended, DueOn: said, Granted: true}, maker); err != nil {
			t.Fatal(err)
		}
		r, err := l.Row(t.Context(), "main", tip(2).ID)
		if err != nil || r.State != string(intake.LedgerExtended) || r.DueOn != "2027-02-01" {
			t.Errorf("%s until %s, %v", r.State, r.DueOn, err)
		}
	}
}

// TestOutcomesOutbox: claimed once, told once, and sent again when the stream lost
// them.
func TestOutcomesOutbox(t *testing.T) {
	l, b := ready(t)
	for _, n := range []int{1, 2} {
		if err := l.Outcome(t.Context(), Outcome{Desk: "main", Tip: tip(n).ID, State: intake.LedgerVerifying}, maker); err != nil {
			t.Fatal(err)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	untold := func(want int) {
		t.Helper()
		if n, err := l.Untold(t.Context(), "main"); err != nil || n != want {
			t.Fatalf("%d wait, not %d; %v", n, want, err)
		}
	}
	first := claimed(t, b, "a", 1)
	second := claimed(t, b, "b", 9)
	if len(first) != 1 || len(second) != 1 || first[0].ID == second[0].ID || len(claimed(t, b, "c", 9)) != 0 {
		t.Fatal(first, second)
	}
	must(b.FinishEvents(t.Context(), "b", first[0].ID)) // it isn't b's
	untold(2)
	must(b.ReturnEvents(t.Context(), "a", first[0].ID))
	if got := claimed(t, b, "b", 9); len(got) != 1 || got[0].ID != first[0].ID {
		t.Fatal(got)
	}
	must(b.FinishEvents(t.Context(), "b", first[0].ID))
	untold(1)
	entry := intake.Relayed{ID: second[0].ID, Desk: "main", Entry: "5-1"}
	must(b.MarkRelayed(t.Context(), "another", entry))
	if got, err := b.Relayed(t.Context(), 0, 9); err != nil || len(got) != 0 {
		t.Fatal(got, err)
	}
	must(b.MarkRelayed(t.Context(), "b", entry))
	got, err := b.Relayed(t.Context(), 0, 9)
	if entry.Seq = 2; err != nil || len(got) != 1 || got[0] != entry || len(claimed(t, b, "a", 9)) != 0 {
		t.Fatal(got, err)
	}
	must(b.ResetRelayed(t.Context(), entry))
	if got := claimed(t, b, "a", 9); len(got) != 1 {
		t.Fatal(got)
	}
	must(b.MarkRelayed(t.Context(), "a", entry))
	must(b.ForgetRelayed(t.Context()))
	if got := claimed(t, b, "a", 9); len(got) != 1 {
		t.Fatal(got)
	}
	must(b.MarkRelayed(t.Context(), "a", entry))
	must(b.ConfirmRelayed(t.Context(), intake.Relayed{ID: entry.ID, Entry: "6-1"})) // another entry by now
	untold(1)
	must(b.ConfirmRelayed(t.Context(), entry))
	untold(0)
}
