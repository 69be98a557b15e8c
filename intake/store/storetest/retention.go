package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/store"
)

// What is at its end goes by two acts, with everything that was sealed; its row, its
// history and the counts stay, and nothing can be added any more.
func destructions(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a := accepted(t, s, tip(reachable))
	finish(t, s)
	check(t, s.Act(t.Context(), moved(a, intake.StateReceived, intake.StateConcluded, "2026-03-02", "")))
	check(t, s.Act(t.Context(), intake.Act{Audit: row("note", a.Tip.ID), Note: &intake.InsideNote{Part: intake.Part{Compartment: "notes", Name: "inside.1", Sealed: []byte("note")}, KeyVersion: 2}}))
	_, err := s.AddFollowUp(t.Context(), intake.FollowUp{Message: intake.Message{ID: intake.NewID(), Tip: a.Tip.ID, From: intake.FromReporter, On: "2026-03-02", Sealed: []byte("more")}})
	check(t, err)
	before, err := s.Counts(t.Context(), desk)
	check(t, err)
	for _, c := range []struct {
		by   intake.Date
		want int
	}{{"2026-03-01", 0}, {"2026-03-02", 1}} {
		got, err := s.Overage(t.Context(), desk, intake.StateConcluded, c.by, 9)
		check(t, err)
		equal(t, c.want, len(got))
	}
	doom := intake.Destruction{ID: intake.NewID(), Tip: a.Tip.ID, Desk: desk, State: intake.DestructionAsked, Disposition: intake.StateConcluded, Since: "2026-03-02", Reason: "period_over",
		Asker: "li", AskedOn: "2029-03-02"}
	check(t, s.Act(t.Context(), intake.Act{Audit: row("destroy.ask", a.Tip.ID), Doom: &doom}))
	again := doom
	again.ID = intake.NewID()
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("destroy.ask", a.Tip.ID), Doom: &again}))
	got, err := s.Overage(t.Context(), desk, intake.StateConcluded, "2029-01-01", 9)
	check(t, err)
	equal(t, 0, len(got))

	hold := intake.Hold{ID: intake.NewID(), Tip: a.Tip.ID, Desk: desk, By: "sun", On: "2029-03-02", Note: []byte("why"), KeyVersion: 2}
	check(t, s.Act(t.Context(), intake.Act{Audit: row("hold", a.Tip.ID), Hold: &hold}))
	approve := doom
	approve.State, approve.Decider, approve.DecidedOn = intake.DestructionApproved, "wang", "2029-03-03"
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("destroy.approve", a.Tip.ID), Doomed: &approve}))
	held, err := s.HeldBack(t.Context(), desk, 9)
	check(t, err)
	equal(t, []intake.Hold{hold}, held)
	lift := intake.Act{Audit: row("hold.lift", a.Tip.ID), Lift: &intake.Hold{ID: hold.ID, Tip: a.Tip.ID, LiftedBy: "sun", LiftedOn: "2029-03-03"}}
	check(t, s.Act(t.Context(), lift))
	fails(t, intake.ErrConflict, s.Act(t.Context(), lift))
	stale := approve
	stale.Since = "2026-03-01"
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("destroy.approve", a.Tip.ID), Doomed: &stale}))
	check(t, s.Act(t.Context(), intake.Act{Audit: row("destroy.approve", a.Tip.ID), Doomed: &approve}))

	late := hold
	late.ID = intake.NewID()
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("hold", a.Tip.ID), Hold: &late}))
	fails(t, intake.ErrConflict, s.Act(t.Context(), moved(a, intake.StateConcluded, intake.StateObjection, "2029-03-03", "")))
	_, err = s.AddFollowUp(t.Context(), intake.FollowUp{Message: intake.Message{ID: intake.NewID(), Tip: a.Tip.ID, From: intake.FromReporter, On: "2029-03-03", Sealed: []byte("late")}})
	if err == nil {
		t.Fatal("a destroyed tip took a message")
	}
	done := approve
	done.DoneOn, done.BackupsEnd = "2029-03-03", "2029-04-07"
	check(t, s.Act(t.Context(), intake.Act{Audit: row("destroy.done", a.Tip.ID), Destroy: &done}))
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("destroy.done", a.Tip.ID), Destroy: &done}))
	now, err := s.Tip(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, intake.Tip{ID: a.Tip.ID, State: intake.StateConcluded, KeyVersion: 2, DestroyedOn: "2029-03-03",
		Facts: intake.Facts{Desk: desk, Channel: intake.Web, Source: intake.SourcePublic, Category: "dumping", Place: "411422207", Lane: intake.Normal, Reply: intake.ReplyNone, ReceivedOn: "2026-03-01"}}, now)
	_, err = s.Thread(t.Context(), a.ReceiptTag)
	fails(t, intake.ErrUnknownReceipt, err)
	parts, err := s.AllParts(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, 0, len(parts))
	history, err := s.History(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, 2, len(history))
	after, err := s.Counts(t.Context(), desk)
	check(t, err)
	equal(t, before.ByState, after.ByState)
	equal(t, 0, after.Unread)
	cert, err := s.Destruction(t.Context(), a.Tip.ID)
	check(t, err)
	done.State, done.Texts, done.Messages, done.Files = intake.DestructionDone, 4, 1, 2
	done.Channel, done.Source, done.Category, done.ReceivedOn = intake.Web, intake.SourcePublic, "dumping", "2026-03-01"
	equal(t, done, cert)
	busy := errors.New("another database is being read")
	_, err = s.Scrub(t.Context(), "2029-03-04", func(context.Context) error { return busy })
	fails(t, busy, err)
	cert, err = s.Destruction(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, intake.Date(""), cert.ScrubbedOn)
	for _, want := range []bool{true, false} {
		scrubbed, err := s.Scrub(t.Context(), "2029-03-04")
		check(t, err)
		equal(t, want, scrubbed)
	}
	left, err := s.HeldUnder(t.Context(), desk, 2)
	check(t, err)
	equal(t, map[string]int{}, left)
	list, err := s.Destructions(t.Context(), "", 9, intake.DestructionDone)
	check(t, err)
	equal(t, intake.Date("2029-03-04"), list[0].ScrubbedOn)
}

// finish takes everything out of the outbox.
func finish(t *testing.T, s *store.Store) {
	t.Helper()
	events, err := s.ClaimEvents(t.Context(), "test", 100, time.Minute)
	check(t, err)
	for _, e := range events {
		check(t, s.FinishEvents(t.Context(), "test", e.ID))
	}
}
