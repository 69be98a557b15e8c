package casework_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
	"tipline/intake/ledger"
	"tipline/intake/members"
	"tipline/intake/store"
)

// TestAnyOrderOfActs: whatever handlers do to some tips, the ledger holds each
// tip's last disposition, the reconciliation balances, and the chain holds with a
// row for every act that succeeded.
func TestAnyOrderOfActs(t *testing.T) {
	o := open(t)
	l, err := ledger.Open(t.Context(), o.Office.Store.Database())
	intaketest.Must(t, err)
	last := map[string]string{} // disposition by tip that the ledger should know
	rapid.Check(t, func(rt *rapid.T) {
		tips := []string{o.tip(t).ID, o.tip(t, held).ID}
		done := map[string]int{}
		for range rapid.IntRange(1, 25).Draw(rt, "acts") {
			tip := rapid.SampledFrom(tips).Draw(rt, "tip")
			if o.anyAct(rt, t, tip, last) {
				done[tip]++
			}
			if rapid.Bool().Draw(rt, "apply now") {
				intaketest.Must(t, l.Apply(t.Context(), o.events(t)))
			}
		}
		for _, tip := range tips {
			if n := len(o.acts(t, tip)); n != done[tip] {
				rt.Fatalf("%d acts left %d rows", done[tip], n)
			}
		}
		intaketest.Must(t, l.Apply(t.Context(), o.events(t)))
		o.checkLedger(rt, t, l, last)
		chain := members.New(members.Deps{Store: o.Office.Store})
		if _, _, err := chain.VerifyAudit(t.Context(), store.AuditHash, ""); err != nil {
			rt.Fatal(err)
		}
	})
}

// anyAct does something to a tip and says whether it was done.
func (o *office) anyAct(rt *rapid.T, t *testing.T, tip string, last map[string]string) bool {
	lane := o.row(t, tip).Lane
	switch kind := rapid.IntRange(0, 9).Draw(rt, "kind"); kind {
	case 0:
		return o.tried(rt, o.Release(t.Context(), o.wang, tip))
	case 1:
		return o.tried(rt, o.Answer(t.Context(), o.zhao, tip, "words"))
	case 2:
		_, err := o.Read(t.Context(), o.zhao, tip)
		return o.tried(rt, err)
	default:
		to := rapid.SampledFrom(intake.States()).Draw(rt, "to")
		if !o.tried(rt, o.Move(t.Context(), o.wang, tip, casework.Triage{To: to, Reason: "r"})) {
			return false
		}
		if to.Disposition() && lane == intake.Normal {
			last[tip] = string(to)
		}
		return true
	}
}

func (o *office) tried(rt *rapid.T, err error) bool {
	if err != nil && !errors.Is(err, casework.ErrTransition) && !errors.Is(err, casework.ErrHeld) && !errors.Is(err, intake.ErrConflict) {
		rt.Fatal(err)
	}
	return err == nil
}

func (o *office) checkLedger(rt *rapid.T, t *testing.T, l *ledger.Ledger, last map[string]string) {
	seen := map[string]bool{}
	for r, err := range l.Rows(t.Context(), ledger.Filter{}) {
		intaketest.Must(t, err)
		if seen[r.Tip] || r.Disposition != last[r.Tip] {
			rt.Fatalf("the ledger says %q of a tip that ended as %q", r.Disposition, last[r.Tip])
		}
		seen[r.Tip] = true
	}
	for st, err := range o.Office.Store.Standings(t.Context()) {
		intaketest.Must(t, err)
		if seen[st.Tip] == (st.Lane == intake.Held) {
			rt.Fatalf("a tip in the %s lane is in the ledger: %v", st.Lane, seen[st.Tip])
		}
	}
	got, err := l.Reconcile(t.Context(), o.Office.Store.Standings(t.Context()))
	if err != nil || !got.Balanced() || got.Received != got.InLedger+got.Held {
		rt.Fatalf("%+v, %v", got, err)
	}
}
