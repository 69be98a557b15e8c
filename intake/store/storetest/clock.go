package storetest

import (
	"testing"

	"tipline/intake"
	"tipline/intake/store"
)

func moved(a *intake.Acceptance, from, to intake.State, on, due intake.Date) intake.Act {
	return intake.Act{Audit: row("state", a.Tip.ID), Move: &intake.Move{From: from, To: to, On: on, DueOn: due}}
}

// A clock stands still once, until the reporter wrote or the wait is over; what was
// written before the question is no answer to it.
func pauses(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a, b := accepted(t, s, tip()), accepted(t, s, tip())
	early := intake.Message{ID: intake.NewID(), Tip: a.Tip.ID, From: intake.FromReporter, On: "2026-03-02", Sealed: []byte("early")}
	_, err := s.AddFollowUp(t.Context(), intake.FollowUp{Message: early})
	check(t, err)
	stop := func(a *intake.Acceptance) intake.Act {
		act := moved(a, intake.StateReceived, intake.StateNeedsInfo, "2026-03-02", "")
		act.Clock = &intake.ClockMark{Stop: &intake.Pause{Tip: a.Tip.ID, From: "2026-03-02", Wait: "2026-03-12"}}
		return act
	}
	check(t, s.Act(t.Context(), stop(a)))
	check(t, s.Act(t.Context(), stop(b)))
	again := stop(b)
	again.Move = nil
	fails(t, intake.ErrConflict, s.Act(t.Context(), again))
	th, err := s.Thread(t.Context(), a.ReceiptTag)
	check(t, err)
	equal(t, intake.Date("2026-03-12"), th.Waits)
	over, err := s.ToGoOn(t.Context(), "2026-03-12", 9)
	check(t, err)
	equal(t, 0, len(over))
	for _, m := range []intake.Message{{From: intake.FromDesk, On: "2026-03-02"}, {From: intake.FromReporter, On: "2026-03-05"}, {From: intake.FromReporter, On: "2026-03-07"}} {
		m.ID, m.Tip, m.Sealed = intake.NewID(), a.Tip.ID, []byte("sealed")
		_, err := s.AddFollowUp(t.Context(), intake.FollowUp{Message: m})
		check(t, err)
	}
	th, err = s.Thread(t.Context(), a.ReceiptTag)
	check(t, err)
	equal(t, "", th.Waits) // they wrote: the receipt doesn't ask any more
	answered := intake.Pause{Tip: a.Tip.ID, From: "2026-03-02", Wait: "2026-03-12", Answered: "2026-03-05"}
	over, err = s.ToGoOn(t.Context(), "2026-03-12", 9)
	check(t, err)
	equal(t, []intake.Pause{answered}, over)
	over, err = s.ToGoOn(t.Context(), "2026-03-13", 9)
	check(t, err)
	equal(t, 2, len(over))
	goOn := intake.Act{Audit: row("clock.go", a.Tip.ID), Clock: &intake.ClockMark{Go: "2026-03-05", DueOn: "2026-03-19"}}
	check(t, s.Act(t.Context(), goOn))
	fails(t, intake.ErrConflict, s.Act(t.Context(), goOn))
	answered.Until = "2026-03-05"
	got, err := s.Pauses(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, []intake.Pause{answered}, got)
	now, err := s.Tip(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, intake.Date("2026-03-19"), now.DueOn)
	th, err = s.Thread(t.Context(), a.ReceiptTag)
	check(t, err)
	equal(t, intake.Date(""), th.Waits)
}

// A later date is asked for once at a time, and granted only while the date runs that
// it was asked for.
func extensions(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a := accepted(t, s, tip())
	check(t, s.Act(t.Context(), moved(a, intake.StateReceived, intake.StateAccepted, "2026-03-02", "2026-04-01")))
	e := intake.Extension{ID: intake.NewID(), Tip: a.Tip.ID, Desk: desk, Asker: "li", AskedOn: "2026-03-20", From: "2026-04-01", To: "2026-04-20", Reason: "season",
		Note: []byte("note"), KeyVersion: 2, LetterID: intake.NewID(), Letter: []byte("letter"), State: intake.ExtensionAsked}
	check(t, s.Act(t.Context(), intake.Act{Audit: row("extension.ask", a.Tip.ID), Extend: &e}))
	other := e
	other.ID = intake.NewID()
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("extension.ask", a.Tip.ID), Extend: &other}))
	for _, where := range []struct {
		desk, tip string
		state     intake.ExtensionState
		n         int
	}{{desk, "", intake.ExtensionAsked, 1}, {desk, a.Tip.ID, "", 1}, {"other", "", "", 0}, {desk, "", intake.ExtensionGranted, 0}} {
		got, err := s.Extensions(t.Context(), where.desk, where.tip, where.state, 9)
		check(t, err)
		equal(t, where.n, len(got))
	}
	got, err := s.Extension(t.Context(), e.ID)
	check(t, err)
	equal(t, e, got)
	_, err = s.Extension(t.Context(), other.ID)
	fails(t, intake.ErrNotFound, err)

	decided := e
	decided.State, decided.Decider, decided.DecidedOn = intake.ExtensionGranted, "sun", "2026-03-21"
	stale := decided
	stale.From = "2026-03-30"
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("extension.grant", a.Tip.ID), Extended: &stale}))
	letter := &intake.Message{ID: e.LetterID, Tip: a.Tip.ID, From: intake.FromDesk, On: "2026-03-21", Sealed: e.Letter, KeyVersion: 2}
	check(t, s.Act(t.Context(), intake.Act{Audit: row("extension.grant", a.Tip.ID), Extended: &decided, Message: letter}))
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("extension.grant", a.Tip.ID), Extended: &decided}))
	now, err := s.Tip(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, intake.Date("2026-04-20"), now.DueOn)
	decided.Letter = nil
	got, err = s.Extension(t.Context(), e.ID)
	check(t, err)
	equal(t, decided, got)
	last, err := s.LastDue(t.Context(), desk)
	check(t, err)
	equal(t, intake.Date("2026-04-20"), last)
	last, err = s.LastDue(t.Context(), "other")
	check(t, err)
	equal(t, intake.Date(""), last)
	pending(t, s)
}

// pending asks for two later dates with an answer each: one is granted, one isn't.
func pending(t *testing.T, s *store.Store) {
	t.Helper()
	for state, want := range map[intake.ExtensionState]intake.DispatchState{intake.ExtensionGranted: intake.DispatchWaiting, intake.ExtensionRefused: intake.DispatchStopped} {
		a := accepted(t, s, tip(reachable))
		check(t, s.Act(t.Context(), moved(a, intake.StateReceived, intake.StateAccepted, "2026-03-02", "2026-04-01")))
		d := written(a)
		d.State = intake.DispatchPending
		e := intake.Extension{ID: intake.NewID(), Tip: a.Tip.ID, Desk: desk, Asker: "li", AskedOn: "2026-03-20", From: "2026-04-01", To: "2026-04-20", Reason: "season",
			Note: []byte("note"), LetterID: d.Message, Letter: []byte("letter"), State: intake.ExtensionAsked}
		check(t, s.Act(t.Context(), intake.Act{Audit: row("extension.ask", a.Tip.ID), Extend: &e, Dispatch: d}))
		fails(t, intake.ErrConflict, s.Act(t.Context(), claimed(d, "wang", true)))
		e.State, e.Decider, e.DecidedOn = state, "sun", "2026-03-21"
		check(t, s.Act(t.Context(), intake.Act{Audit: row("extension.decide", a.Tip.ID), Extended: &e}))
		got, err := s.Dispatch(t.Context(), d.ID)
		check(t, err)
		equal(t, want, got.State)
		equal(t, want == intake.DispatchWaiting, got.Inner != nil && got.Text != nil && got.AskedOn == "2026-03-21")
	}
}

// What was taken up and lies is found in the order of the day, page by page.
func unsent(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	days := []intake.Date{"2026-03-02", "2026-03-03", "2026-03-03", "2026-03-05", "2026-03-06"}
	for _, on := range days {
		check(t, s.Act(t.Context(), moved(accepted(t, s, tip()), intake.StateReceived, intake.StateAccepted, on, "2026-04-01")))
	}
	sent := accepted(t, s, tip())
	check(t, s.Act(t.Context(), moved(sent, intake.StateReceived, intake.StateAccepted, "2026-03-02", "2026-04-01")))
	check(t, s.Act(t.Context(), moved(sent, intake.StateAccepted, intake.StateInLedger, "2026-03-03", "2026-04-01")))
	accepted(t, s, tip())
	f := intake.Filter{Desk: desk, Lane: intake.Normal, Due: intake.DueUnsent, Unsent: "2026-03-05", Limit: 2}
	var got []intake.Date
	for _, p := range all(t.Context(), t, s, f) {
		got = append(got, p.AcceptedOn)
	}
	equal(t, days[:4], got)
	f.Unsent = ""
	equal(t, 0, len(all(t.Context(), t, s, f)))
	n, err := s.DueCounts(t.Context(), desk, "2026-03-06", "2026-03-05", 3)
	check(t, err)
	equal(t, 3, n[intake.DueUnsent])
	late, err := s.Overdue(t.Context(), desk, "2026-04-02", 4)
	check(t, err)
	equal(t, 4, late) // up to the bound
	late, err = s.Overdue(t.Context(), desk, "2026-04-01", 4)
	check(t, err)
	equal(t, 1, late) // that of who was never looked at
}

// A day's dates are told once by each way.
func digests(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	claim := func(way string, day intake.Date) bool {
		first, err := s.ClaimDigest(t.Context(), desk, way, day)
		check(t, err)
		return first
	}
	equal(t, []bool{true, false, true, true, false}, []bool{claim("mail", "2026-03-02"), claim("mail", "2026-03-02"), claim("webhook", "2026-03-02"),
		claim("mail", "2026-03-03"), claim("mail", "2026-03-03")})
	check(t, s.DropDigest(t.Context(), desk, "mail", "2026-03-03"))
	equal(t, true, claim("mail", "2026-03-03"))
}
