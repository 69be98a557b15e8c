package casework_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
)

// said is an outcome about a tip.
func (o *office) said(tip string, sequence int, state intake.LedgerState, change ...func(*intake.OutcomeData)) intake.OutcomeEvent {
	d := intake.OutcomeData{Tip: tip, Desk: "main", State: state, Number: "2026-7"}
	for _, c := range change {
		c(&d)
	}
	return o.Office.Events().Outcome(d, sequence)
}

func (o *office) accepted(t testing.TB) string {
	t.Helper()
	f := o.tip(t)
	intaketest.Must(t, o.Move(t.Context(), o.wang, f.ID, casework.Triage{To: intake.StateAccepted, Department: "natural_resources"}))
	return f.ID
}

// TestOutcomeFollowsTheLedger: state by state, with rows of the chain that name
// the ledger, once each.
func TestOutcomeFollowsTheLedger(t *testing.T) {
	o := open(t)
	tip := o.accepted(t)
	due := o.row(t, tip).DueOn
	var events []intake.OutcomeEvent
	for i, step := range []struct {
		says intake.LedgerState
		want intake.State
	}{
		{intake.LedgerPending, intake.StateAccepted}, {intake.LedgerNumbered, intake.StateInLedger}, {intake.LedgerNumbered, intake.StateInLedger},
		{intake.LedgerVerifying, intake.StateVerifying}, {intake.LedgerSubstantiated, intake.StateVerifying}, {intake.LedgerFiled, intake.StateVerifying},
		{intake.LedgerConcluded, intake.StateConcluded}, {intake.LedgerRelapse, intake.StateConcluded},
	} {
		events = append(events, o.said(tip, i+1, step.says))
		intaketest.Must(t, o.Outcomes(t.Context(), events)) // all that came before comes again
		row := o.row(t, tip)
		if row.State != step.want {
			t.Errorf("%s: the tip is %s, not %s", step.says, row.State, step.want)
		}
		if want := map[bool]intake.Date{true: due}[row.State.Due() == "conclusion"]; row.DueOn != want {
			t.Errorf("%s: due on %q, not %q", step.says, row.DueOn, want)
		}
	}
	var heard []string
	for _, a := range o.acts(t, tip) {
		if strings.HasPrefix(a, "ledger ") {
			heard = append(heard, a)
		}
	}
	if d := cmp.Diff([]string{"ledger outcome pending", "ledger state accepted>in_ledger", "ledger outcome numbered", "ledger state in_ledger>verifying",
		"ledger outcome substantiated", "ledger outcome filed", "ledger state verifying>concluded", "ledger outcome relapse"}, heard); d != "" {
		t.Error(d)
	}
}

// TestOutcomesInAnyOrder: shuffled and doubled, the newest decides.
func TestOutcomesInAnyOrder(t *testing.T) {
	o := open(t)
	put := func(d *intake.OutcomeData) { d.DueOn = "2027-01-15" }
	for range 6 {
		tip := o.accepted(t)
		events := []intake.OutcomeEvent{o.said(tip, 1, intake.LedgerNumbered), o.said(tip, 2, intake.LedgerVerifying), o.said(tip, 3, intake.LedgerExtended, put),
			o.said(tip, 4, intake.LedgerRectifying, put)}
		events = append(events, events...)
		rand.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		intaketest.Must(t, o.Outcomes(t.Context(), events))
		if row := o.row(t, tip); row.State != intake.StateVerifying || row.DueOn != "2027-01-15" {
			t.Errorf("after %v the tip is %s, due on %s", order(events), row.State, row.DueOn)
		}
	}
}

func order(events []intake.OutcomeEvent) (out []string) {
	for _, e := range events {
		out = append(out, e.Sequence)
	}
	return out
}

// TestOutcomeMovesOnlyWhatIsTheLedgers.
func TestOutcomeMovesOnlyWhatIsTheLedgers(t *testing.T) {
	o := open(t)
	for _, from := range intake.States() {
		for i, says := range intake.LedgerStates() {
			tip := o.tip(t).ID
			o.put(t, tip, from, intake.Normal)
			intaketest.Must(t, o.Outcome(t.Context(), o.said(tip, i+1, says)))
			to := o.row(t, tip).State
			ledgers := slices.Contains([]intake.State{intake.StateAccepted, intake.StateInLedger, intake.StateVerifying, intake.StateConcluded, intake.StateAnswered, intake.StateObjection}, from)
			if to != from && (!ledgers || to != says.Tip()) {
				t.Errorf("%s moved %s to %s", says, from, to)
			}
			if from == intake.StateAccepted && says.Tip() != "" && to != says.Tip() {
				t.Errorf("%s left an accepted tip in %s", says, to)
			}
		}
	}
	heldTip := o.tip(t, held).ID
	o.put(t, heldTip, intake.StateAccepted, intake.Held)
	intaketest.Must(t, o.Outcome(t.Context(), o.said(heldTip, 1, intake.LedgerNumbered)))
	if o.row(t, heldTip).State != intake.StateAccepted {
		t.Error("a held tip moved")
	}
	other := o.accepted(t)
	elsewhere := func(d *intake.OutcomeData) { d.Desk = "county" }
	intaketest.Must(t, o.Outcomes(t.Context(), []intake.OutcomeEvent{o.said(intake.NewID(), 1, intake.LedgerNumbered), o.said(other, 1, intake.LedgerNumbered, elsewhere)}))
	if o.row(t, other).State != intake.StateAccepted {
		t.Error("another desk's ledger moved a tip")
	}
}

// TestLedgerNote: it opens at the desk, and what doesn't open does no harm.
func TestLedgerNote(t *testing.T) {
	o := open(t)
	tip := o.accepted(t)
	keys, err := o.DeskKeys("main")
	intaketest.Must(t, err)
	sealed, err := casework.SealLedgerNote(tip, canary+" note", keys.Desk, keys.Ledger)
	intaketest.Must(t, err)
	for i, c := range []struct {
		sealed []byte
		want   string
	}{{nil, ""}, {sealed, canary + " note"}, {[]byte("rubbish"), ""}} {
		intaketest.Must(t, o.Outcome(t.Context(), o.said(tip, i+1, intake.LedgerVerifying, func(d *intake.OutcomeData) { d.Sealed = c.sealed })))
		got, err := o.LedgerNote(t.Context(), o.wang, tip)
		if err != nil || got != c.want {
			t.Errorf("note %d is %q, %v", i, got, err)
		}
		_, err = o.Read(t.Context(), o.wang, tip)
		intaketest.Must(t, err)
	}
	if _, err := o.LedgerNote(t.Context(), o.li, tip); err == nil {
		t.Error("a custodian read it")
	}
}
