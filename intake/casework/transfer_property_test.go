package casework_test

import (
	"errors"
	"maps"
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

// TestAnyOrderOfActsAtTwoDesks: whatever two desks do to some tips and move them to and
// fro, while reporters write: each tip is at one desk, which alone opens it and all that
// was said; it has one disposition, which its desk's ledger holds and no other; kept
// counts are what a scan finds; both reconciliations balance and the chain holds.
func TestAnyOrderOfActsAtTwoDesks(t *testing.T) {
	w := openTwo(t)
	l, err := ledger.Open(t.Context(), w.Office.Store.Database())
	intaketest.Must(t, err)
	rapid.Check(t, func(rt *rapid.T) {
		m := &moving{twoDesks: w, t: t, last: map[string]string{}, said: map[string]int{}}
		for i := range 3 {
			m.tips = append(m.tips, w.tip(t, []func(*intake.Report){nobody, contact, held}[i]))
		}
		for range rapid.IntRange(1, 20).Draw(rt, "acts") {
			m.anyAct(rt, rapid.SampledFrom(m.tips).Draw(rt, "tip"))
			if rapid.Bool().Draw(rt, "apply now") {
				intaketest.Must(t, l.Apply(t.Context(), w.events(t)))
			}
		}
		events := w.events(t)
		intaketest.Must(t, l.Apply(t.Context(), rapid.Permutation(events).Draw(rt, "arrival")))
		m.check(rt, l)
		if _, _, err := members.New(members.Deps{Store: w.Office.Store}).VerifyAudit(t.Context(), store.AuditHash, ""); err != nil {
			rt.Fatal(err)
		}
	})
}

// moving is some tips that two desks work on.
type moving struct {
	*twoDesks
	t    *testing.T
	tips []intake.Filed
	last map[string]string // disposition by tip
	said map[string]int    // messages by tip
}

// crew are the handler and the custodian of a desk.
func (m *moving) crew(desk string) (handler, custodian casework.Actor) {
	if desk == "main" {
		return m.wang, m.li
	}
	return m.chen, m.xu
}

func (m *moving) anyAct(rt *rapid.T, f intake.Filed) {
	ctx, row := m.t.Context(), m.row(m.t, f.ID)
	handler, custodian := m.crew(row.Desk)
	stranger, _ := m.crew(map[string]string{"main": "county", "county": "main"}[row.Desk])
	switch rapid.IntRange(0, 9).Draw(rt, "kind") {
	case 0, 1, 2:
		if m.refused(rt, m.Transfer(ctx, handler, f.ID, stranger.Desk, "why")) {
			return
		}
		m.last[f.ID] = ""
	case 3:
		m.handOver(rt)
	case 4:
		if m.door.Say(ctx, f.Receipt, "said") == nil {
			m.said[f.ID]++
		}
	case 5:
		if !m.refused(rt, m.Answer(ctx, handler, f.ID, "已经收到。", false)) {
			m.said[f.ID]++
		}
	case 6:
		waiting, err := m.ToSend(ctx, custodian)
		intaketest.Must(m.t, err)
		for _, s := range waiting {
			m.refused(rt, m.ReturnAnswer(ctx, custodian, s.ID, "why"))
		}
	case 7:
		m.refused(rt, m.Release(ctx, handler, f.ID))
	case 8:
		if err := m.Note(ctx, stranger, f.ID, "x"); !errors.Is(err, intake.ErrNotFound) {
			rt.Fatalf("another desk notes something: %v", err)
		}
	default:
		to := rapid.SampledFrom(intake.States()).Draw(rt, "to")
		if !m.refused(rt, m.Move(ctx, handler, f.ID, casework.Triage{To: to, Reason: "r"})) && to.Disposition() && row.Lane == intake.Normal {
			m.last[f.ID] = string(to)
		}
	}
}

// handOver makes what waits for custodians, at both desks.
func (m *moving) handOver(rt *rapid.T) {
	for _, custodian := range []casework.Actor{m.li, m.xu} {
		open, err := m.Handovers(m.t.Context(), custodian)
		intaketest.Must(m.t, err)
		for _, c := range open {
			m.refused(rt, m.Handover(m.t.Context(), custodian, c.ID))
		}
	}
}

// refused passes over what the office's own rules refuse.
func (m *moving) refused(rt *rapid.T, err error) bool {
	rules := []error{casework.ErrTransition, casework.ErrHeld, casework.ErrKept, casework.ErrUnsent, intake.ErrConflict}
	if err != nil && !slices.ContainsFunc(rules, func(rule error) bool { return errors.Is(err, rule) }) {
		rt.Fatal(err)
	}
	return err != nil
}

func (m *moving) check(rt *rapid.T, l *ledger.Ledger) {
	for _, f := range m.tips {
		row := m.row(m.t, f.ID)
		handler, _ := m.crew(row.Desk)
		v, err := m.Read(m.t.Context(), handler, f.ID)
		if err != nil || v.Report.Text != canary+" words" || len(v.Messages) != m.said[f.ID] || len(v.Differs) != 0 {
			rt.Fatalf("at %s: %d messages of %d, differs %v, %v", row.Desk, len(v.Messages), m.said[f.ID], v.Differs, err)
		}
		if talk, err := m.door.Look(m.t.Context(), f.Receipt); err != nil || talk.State != row.State {
			rt.Fatalf("the receipt says %s, %v", talk.State, err)
		}
		for _, desk := range []string{"main", "county"} {
			got, there := m.inLedger(l, desk)[f.ID]
			if there != (desk == row.Desk && row.Lane == intake.Normal) || there && got != m.last[f.ID] {
				rt.Fatalf("a tip at %s, %s lane: in the ledger of %s %v as %q, not %q", row.Desk, row.Lane, desk, there, got, m.last[f.ID])
			}
		}
	}
	for _, desk := range []string{"main", "county"} {
		r, err := l.Reconcile(m.t.Context(), desk, m.Office.Store.Standings(m.t.Context(), desk))
		if err != nil || !r.Balanced() || r.Received != r.InLedger+r.Held {
			rt.Fatalf("%s: %+v, %v", desk, r, err)
		}
		m.counted(rt, desk, r.Received)
	}
}

// inLedger are the dispositions in a desk's ledger, by tip.
func (m *moving) inLedger(l *ledger.Ledger, desk string) map[string]string {
	out := map[string]string{}
	for r, err := range l.Rows(m.t.Context(), ledger.Filter{Desk: desk}) {
		intaketest.Must(m.t, err)
		out[r.Tip] = r.Disposition
	}
	return out
}

// counted: the kept counts are those of the tips that are at the desk.
func (m *moving) counted(rt *rapid.T, desk string, want int) {
	c, err := m.Office.Store.Counts(m.t.Context(), desk)
	intaketest.Must(m.t, err)
	got := c.Held + c.Spam
	for n := range maps.Values(c.ByState) {
		got += n
	}
	if got != want {
		rt.Fatalf("%s counts %d of %d", desk, got, want)
	}
}
