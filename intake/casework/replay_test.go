package casework_test

import (
	"testing"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
)

// TestReplay: what a backup of before brought back is destroyed again with the certificate it
// has, whatever held it or waited then; a tip whose event waits for the ledger goes
// behind it.
func TestReplay(t *testing.T) {
	o, forgotten := keeping(t)
	tip, waits, never := o.tip(t).ID, o.tip(t).ID, o.tip(t).ID
	intaketest.Must(t, o.Move(t.Context(), o.wang, tip, casework.Triage{To: intake.StateAccepted, Department: "land"}))
	intaketest.Must(t, o.HoldBack(t.Context(), o.wang, tip, "an appeal runs"))
	o.events(t)
	intaketest.Must(t, o.Move(t.Context(), o.wang, waits, casework.Triage{To: intake.StateAccepted, Department: "land"}))
	before, err := o.Office.Store.Counts(t.Context(), "main")
	intaketest.Must(t, err)
	cert := func(tip string) intake.Destruction {
		return intake.Destruction{ID: intake.NewID(), Tip: tip, Desk: "main", Disposition: intake.StateConcluded, Since: "2027-01-01", Reason: "period_over",
			Asker: "wang", AskedOn: "2028-01-02", Decider: "qian", DecidedOn: "2028-01-03", DoneOn: "2028-01-03", BackupsEnd: "2028-02-07"}
	}
	all := []intake.Destruction{cert(tip), cert(waits), cert(intake.NewID())}
	gone, waiting, err := o.Replay(t.Context(), all, nil)
	intaketest.Must(t, err)
	if gone != 1 || waiting != 1 || len(*forgotten) != 1 {
		t.Errorf("%d gone, %d wait, forgotten %v", gone, waiting, *forgotten)
	}
	o.events(t)
	intaketest.Must(t, o.Destroy(t.Context()))
	if gone, waiting, err = o.Replay(t.Context(), all, nil); gone != 0 || waiting != 0 || err != nil {
		t.Errorf("a second time: %d, %d, %v", gone, waiting, err)
	}
	for i, id := range []string{tip, waits} {
		d, err := o.Office.Store.Destruction(t.Context(), id)
		intaketest.Must(t, err)
		if d.State != intake.DestructionDone || d.ID != all[i].ID || d.DoneOn != "2028-01-03" || d.BackupsEnd != "2028-02-07" || d.Decider != "qian" || d.Texts == 0 {
			t.Errorf("%+v", d)
		}
		if rows, files := o.sealedOf(t, id); len(rows)+len(files) != 0 {
			t.Errorf("%d rows and %d files are there", len(rows), len(files))
		}
		if now := o.row(t, id); now.State != intake.StateConcluded || now.DestroyedOn != "2028-01-03" {
			t.Errorf("%+v", now)
		}
	}
	if _, err := o.Read(t.Context(), o.wang, never); err != nil {
		t.Errorf("another tip: %v", err)
	}
	after, err := o.Office.Store.Counts(t.Context(), "main")
	intaketest.Must(t, err)
	if after.ByState[intake.StateConcluded] != before.ByState[intake.StateConcluded]+2 || after.ByState[intake.StateAccepted] != before.ByState[intake.StateAccepted]-2 {
		t.Errorf("counts went from %v to %v", before.ByState, after.ByState)
	}
}
