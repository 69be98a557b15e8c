package casework_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
	"tipline/intake/ledger"
	"tipline/intake/members"
	"tipline/intake/store"
)

// world is some tips under any rule for refusals, and what the ledger should know
// of them.
type world struct {
	*office
	t    *testing.T
	tips []string
	last map[string]string // disposition by tip
	done map[string]int    // acts that succeeded, by tip
}

// TestAnyOrderOfActs: whatever handlers do to some tips, merging, taking apart and
// reviewing each other's refusals among it, each tip has one disposition and the
// ledger holds it, the reconciliation balances, and the chain holds with a row for
// every act that succeeded.
func TestAnyOrderOfActs(t *testing.T) {
	o := open(t)
	l, err := ledger.Open(t.Context(), o.Office.Store.Database())
	intaketest.Must(t, err)
	last := map[string]string{}
	rapid.Check(t, func(rt *rapid.T) {
		mode := rapid.SampledFrom([]casework.ReviewMode{"", casework.ReviewBefore, casework.ReviewAfter, casework.ReviewSample}).Draw(rt, "refusals")
		ruled := *o
		ruled.Service = o.under(casework.Refusals{Mode: mode, OneIn: 2})
		w := &world{office: &ruled, t: t, tips: []string{o.tip(t).ID, o.tip(t).ID, o.tip(t, held).ID}, last: last, done: map[string]int{}}
		for range rapid.IntRange(1, 25).Draw(rt, "acts") {
			tip := rapid.SampledFrom(w.tips).Draw(rt, "tip")
			if w.anyAct(rt, tip) {
				w.done[tip]++
			}
			if rapid.Bool().Draw(rt, "apply now") {
				intaketest.Must(t, l.Apply(t.Context(), o.events(t)))
			}
		}
		w.check(rt)
		intaketest.Must(t, l.Apply(t.Context(), o.events(t)))
		o.checkLedger(rt, t, l, last)
		chain := members.New(members.Deps{Store: o.Office.Store})
		if _, _, err := chain.VerifyAudit(t.Context(), store.AuditHash, ""); err != nil {
			rt.Fatal(err)
		}
	})
}

// check: as many rows as acts; a merged tip names the one it went into, no other
// does; what waits for a reviewer before it takes effect is under review.
func (w *world) check(rt *rapid.T) {
	for _, tip := range w.tips {
		if n := len(w.acts(w.t, tip)); n != w.done[tip] {
			rt.Fatalf("%d acts left %d rows", w.done[tip], n)
		}
		row := w.row(w.t, tip)
		_, err := w.Office.Store.MergeOf(w.t.Context(), tip)
		if merged := err == nil; merged != (row.State == intake.StateMerged) {
			rt.Fatalf("a tip in state %s is merged: %v", row.State, merged)
		}
		r, err := w.Office.Store.Review(w.t.Context(), tip)
		if err == nil && (r.Kind == intake.ReviewBefore) != (row.State == intake.StateReviewing) {
			rt.Fatalf("a review %s waits in state %s", r.Kind, row.State)
		}
		if row.Lane == intake.Normal && row.State.Disposition() && w.last[tip] != string(row.State) {
			rt.Fatalf("%s, and the last disposition was %q", row.State, w.last[tip])
		}
	}
}

// anyAct does something to a tip and says whether it was done.
func (w *world) anyAct(rt *rapid.T, tip string) bool {
	ctx := w.t.Context()
	switch kind := rapid.IntRange(0, 14).Draw(rt, "kind"); kind {
	case 0:
		return w.tried(rt, w.Release(ctx, w.wang, tip))
	case 1:
		return w.tried(rt, w.Answer(ctx, w.zhao, tip, "words", false))
	case 2:
		_, err := w.Read(ctx, w.zhao, tip)
		return w.tried(rt, err)
	case 3, 4:
		return w.tried(rt, w.Merge(ctx, w.wang, tip, rapid.SampledFrom(w.tips).Draw(rt, "into"))) && w.told(tip, intake.StateMerged)
	case 5:
		return w.tried(rt, w.Unmerge(ctx, w.wang, tip)) && w.told(tip, "")
	case 6:
		return w.tried(rt, w.Note(ctx, w.wang, tip, "note"))
	case 7, 8:
		to := intake.State("")
		if r, err := w.Office.Store.Review(ctx, tip); err == nil {
			to = r.To
		}
		return w.tried(rt, w.Confirm(ctx, rapid.SampledFrom([]casework.Actor{w.wang, w.zhao}).Draw(rt, "who"), tip)) && w.told(tip, to)
	case 9:
		return w.tried(rt, w.Return(ctx, w.zhao, tip, "why"))
	default:
		to := rapid.SampledFrom(intake.States()).Draw(rt, "to")
		lane := w.row(w.t, tip).Lane
		if !w.tried(rt, w.Move(ctx, w.wang, tip, casework.Triage{To: to, Reason: "r"})) {
			return false
		}
		if to.Disposition() && lane == intake.Normal && w.row(w.t, tip).State == to {
			w.told(tip, to)
		}
		return true
	}
}

// told notes what the ledger hears.
func (w *world) told(tip string, s intake.State) bool {
	w.last[tip] = string(s)
	return true
}

// tried passes over what the office's own rules refuse.
func (o *office) tried(rt *rapid.T, err error) bool {
	refused := func(target error) bool { return errors.Is(err, target) }
	if err != nil && !slices.ContainsFunc([]error{casework.ErrTransition, casework.ErrHeld, casework.ErrMerge, casework.ErrWaits, casework.ErrOwnRefusal, intake.ErrConflict}, refused) {
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
	for st, err := range o.Office.Store.Standings(t.Context(), intaketest.Desk) {
		intaketest.Must(t, err)
		if seen[st.Tip] == (st.Lane == intake.Held) {
			rt.Fatalf("a tip in the %s lane is in the ledger: %v", st.Lane, seen[st.Tip])
		}
	}
	got, err := l.Reconcile(t.Context(), intaketest.Desk, o.Office.Store.Standings(t.Context(), intaketest.Desk))
	if err != nil || !got.Balanced() || got.Received != got.InLedger+got.Held {
		rt.Fatalf("%+v, %v", got, err)
	}
}
