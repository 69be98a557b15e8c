package intake_test

import (
	"testing"

	"tipline/intake"
	"tipline/intake/intaketest"
)

func TestHeldTipsReachNoLedger(t *testing.T) {
	for name, hold := range map[string]func(*intaketest.Office, *intake.Report){
		"limits":  func(o *intaketest.Office, _ *intake.Report) { o.Limits.Verdict.Hold = true },
		"adapter": func(_ *intaketest.Office, r *intake.Report) { r.Hold = true },
	} {
		t.Run(name, func(t *testing.T) {
			o, r := intaketest.Open(t), web()
			hold(o, r)
			f := submit(t, o, r)
			if events := waiting(t, o); !f.Held || len(events) != 0 {
				t.Errorf("held %v, %d events", f.Held, len(events))
			}
			if row, err := o.Store.Tip(t.Context(), f.ID); err != nil || row.Lane != intake.Held || report(t, o, f.ID).Facts.Lane != intake.Held {
				t.Errorf("lane %s, %v", row.Lane, err)
			}
		})
	}
}

// TestWorkPassesTheCrowdAlone: who solved the form's task, or waited, passes what is held for everybody's number; a
// flood of their own stays held, and so does what the adapter holds.
func TestWorkPassesTheCrowdAlone(t *testing.T) {
	for name, c := range map[string]struct{ crowd, worked, adapter, held bool }{
		"of a crowd":             {crowd: true, held: true},
		"of a crowd, and worked": {crowd: true, worked: true},
		"alone, and worked":      {worked: true, held: true},
		"held by its adapter":    {crowd: true, worked: true, adapter: true, held: true},
	} {
		t.Run(name, func(t *testing.T) {
			o, r := intaketest.Open(t), web()
			o.Limits.Verdict = intake.Verdict{Hold: true, Crowd: c.crowd}
			r.Worked, r.Hold = c.worked, c.adapter
			if f := submit(t, o, r); f.Held != c.held {
				t.Errorf("held %v", f.Held)
			}
		})
	}
}
