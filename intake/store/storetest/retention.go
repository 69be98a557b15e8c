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
	lift := intake.Act{Audit: row("hold.lift", a.Tip.ID), Lift: &intake.Hold{ID: hold.ID, Tip: a.Tip.ID, LiftedBy: "li", LiftedOn: "2029-03-03"}}
	fails(t, intake.ErrConflict, s.Act(t.Context(), lift)) // another's, by the asker
	lift.Lift.Tip, lift.Lift.LiftedBy = intake.NewID(), "sun"
	fails(t, intake.ErrConflict, s.Act(t.Context(), lift)) // by another tip's name
	lift.Lift.Tip = a.Tip.ID
	check(t, s.Act(t.Context(), lift))
	fails(t, intake.ErrConflict, s.Act(t.Context(), lift))
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("destroy.approve", a.Tip.ID), Doomed: &approve})) // nobody read what was added
	check(t, s.Act(t.Context(), intake.Act{Audit: row("read", a.Tip.ID), Read: true}))
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
	told, err := s.AuditPage(t.Context(), intake.AuditFilter{Acts: []string{"destroy"}, Tip: a.Tip.ID, Limit: 1})
	check(t, err)
	equal(t, row("destroy.done", a.Tip.ID).Detail+" 4 1 2", told[0].Detail)
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
	done.State, done.Texts, done.Messages, done.Files, done.KeyVersion = intake.DestructionDone, 4, 1, 2, 2
	done.Channel, done.Source, done.Category, done.ReceivedOn = intake.Web, intake.SourcePublic, "dumping", "2026-03-01"
	equal(t, done, cert)
	busy := errors.New("another database is being read")
	_, err = s.Scrub(t.Context(), "2029-03-04", false, func(context.Context) error { return busy })
	fails(t, busy, err)
	cert, err = s.Destruction(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, intake.Date(""), cert.ScrubbedOn)
	for _, want := range []bool{true, false} {
		scrubbed, err := s.Scrub(t.Context(), "2029-03-04", false)
		check(t, err)
		equal(t, want, scrubbed)
	}
	others := 0 // are written anew when it is asked for, though nothing waits
	scrubbed, err := s.Scrub(t.Context(), "2029-03-05", true, func(context.Context) error { others++; return nil })
	check(t, err)
	equal(t, true, scrubbed)
	equal(t, 1, others)
	left, err := s.HeldUnder(t.Context(), desk, 2)
	check(t, err)
	equal(t, map[string]int{}, left)
	list, err := s.Destructions(t.Context(), "", 9, intake.DestructionDone)
	check(t, err)
	equal(t, intake.Date("2029-03-04"), list[0].ScrubbedOn)
}

// Who lifted another's hold neither asks for the tip's destruction nor approves it.
func lifters(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a := concludedTip(t, s)
	hold := intake.Hold{ID: intake.NewID(), Tip: a.Tip.ID, Desk: desk, By: "zhao", On: "2029-03-02", Note: []byte("why"), KeyVersion: 2}
	check(t, s.Act(t.Context(), intake.Act{Audit: row("hold", a.Tip.ID), Hold: &hold}))
	check(t, s.Act(t.Context(), intake.Act{Audit: row("hold.lift", a.Tip.ID), Lift: &intake.Hold{ID: hold.ID, Tip: a.Tip.ID, LiftedBy: "sun", LiftedOn: "2029-03-02"}}))
	fails(t, intake.ErrConflict, s.Act(t.Context(), doomOf(a, "sun")))
	ask := doomOf(a, "li")
	check(t, s.Act(t.Context(), ask))
	fails(t, intake.ErrConflict, s.Act(t.Context(), approvalOf(ask, "sun")))
	check(t, s.Act(t.Context(), approvalOf(ask, "wang")))
}

// A merged tip isn't destroyed while the one it is part of is worked on.
func mergedDestructions(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	whole, part := accepted(t, s, tip()), accepted(t, s, tip())
	check(t, s.Act(t.Context(), together(part.Tip, whole.Tip)))
	check(t, s.Act(t.Context(), intake.Act{Audit: row("read", part.Tip.ID), Read: true}))
	finish(t, s)
	overage := func(want int) {
		t.Helper()
		got, err := s.Overage(t.Context(), desk, intake.StateMerged, "2029-01-01", 9)
		check(t, err)
		equal(t, want, len(got))
	}
	overage(0)
	ask := doomOf(part, "li")
	ask.Doom.Disposition = intake.StateMerged
	check(t, s.Act(t.Context(), ask))
	fails(t, intake.ErrConflict, s.Act(t.Context(), approvalOf(ask, "wang")))
	refused := approvalOf(ask, "wang")
	refused.Doomed.State = intake.DestructionRefused
	check(t, s.Act(t.Context(), refused))
	check(t, s.Act(t.Context(), moved(whole, intake.StateReceived, intake.StateConcluded, "2026-03-02", "")))
	finish(t, s)
	overage(1)
	again := *ask.Doom
	again.ID = intake.NewID()
	ask.Doom = &again
	check(t, s.Act(t.Context(), ask))
	check(t, s.Act(t.Context(), approvalOf(ask, "wang")))
}

// What holds a tip goes with it to another desk, sealed anew; a destruction that is asked
// for ends.
func heldTransfers(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a := rich(t, s)
	hold := intake.Hold{ID: intake.NewID(), Tip: a.Tip.ID, Desk: desk, By: "zhao", On: "2026-03-02", Note: []byte("why"), KeyVersion: 2}
	old := transfer(t, s, a)
	check(t, s.Act(t.Context(), intake.Act{Audit: row("hold", a.Tip.ID), Hold: &hold}))
	check(t, s.Act(t.Context(), doomOf(a, "li")))
	fails(t, intake.ErrConflict, s.Act(t.Context(), old)) // it was read before the hold
	act := transfer(t, s, a)
	anew := hold
	anew.Note = []byte("anew why")
	act.Transfer.Holds = []intake.Hold{anew}
	check(t, s.Act(t.Context(), act))
	anew.Desk, anew.KeyVersion = elsewhere, 7
	for d, want := range map[string][]intake.Hold{desk: nil, elsewhere: {anew}} {
		got, err := s.HeldBack(t.Context(), d, 9)
		check(t, err)
		equal(t, want, got)
	}
	waits, err := s.Destructions(t.Context(), "", 9, intake.DestructionAsked)
	check(t, err)
	equal(t, 0, len(waits))
	_, err = s.Destruction(t.Context(), a.Tip.ID)
	fails(t, intake.ErrNotFound, err)
}

// concludedTip is a tip that was read and concluded.
func concludedTip(t *testing.T, s *store.Store) *intake.Acceptance {
	t.Helper()
	a := accepted(t, s, tip())
	check(t, s.Act(t.Context(), moved(a, intake.StateReceived, intake.StateConcluded, "2026-03-02", "")))
	check(t, s.Act(t.Context(), intake.Act{Audit: row("read", a.Tip.ID), Read: true}))
	finish(t, s)
	return a
}

// doomOf asks for a concluded tip's destruction, approvalOf approves it.
func doomOf(a *intake.Acceptance, asker string) intake.Act {
	return intake.Act{Audit: row("destroy.ask", a.Tip.ID), Doom: &intake.Destruction{ID: intake.NewID(), Tip: a.Tip.ID, Desk: desk, Disposition: intake.StateConcluded,
		Since: "2026-03-02", Reason: "law", Asker: asker, AskedOn: "2029-03-02"}}
}

func approvalOf(ask intake.Act, decider string) intake.Act {
	d := *ask.Doom
	d.State, d.Decider, d.DecidedOn = intake.DestructionApproved, decider, "2029-03-03"
	return intake.Act{Audit: row("destroy.approve", d.Tip), Doomed: &d}
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

// Spam that nobody opened is destroyed together. Of what was asked for, what isn't as it was
// then is kept.
func spamTogether(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	var all []intake.Destruction
	for range 3 {
		a := accepted(t, s, tip())
		check(t, s.Act(t.Context(), moved(a, intake.StateReceived, intake.StateSpam, "2026-03-02", "")))
	}
	finish(t, s)
	list := func(by intake.Date, member string, want int) {
		t.Helper()
		got, err := s.OldSpam(t.Context(), desk, by, member, 9)
		check(t, err)
		equal(t, want, len(got))
		all = got
	}
	list("2026-03-01", "li", 0)
	list("2026-03-02", "li", 3)
	batch := intake.NewID()
	for i := range all {
		all[i].ID, all[i].Batch, all[i].Reason, all[i].Asker, all[i].AskedOn = intake.NewID(), batch, "period_over", "li", "2026-09-01"
	}
	check(t, s.AskBatch(t.Context(), all, row("destroy.ask", "")))
	fails(t, intake.ErrConflict, s.AskBatch(t.Context(), all[:1], row("destroy.ask", "")))
	page, err := s.Destructions(t.Context(), desk, 9, intake.DestructionAsked)
	check(t, err)
	equal(t, 1, len(page))
	hold := intake.Hold{ID: intake.NewID(), Tip: all[0].Tip, Desk: desk, By: "sun", On: "2026-09-01", Note: []byte("why"), KeyVersion: 2}
	check(t, s.Act(t.Context(), intake.Act{Audit: row("hold", all[0].Tip), Hold: &hold}))
	d := intake.Destruction{Batch: batch, State: intake.DestructionApproved, Decider: "wang", DecidedOn: "2026-09-02"}
	check(t, s.DecideBatch(t.Context(), d, row("destroy.approve", "")))
	fails(t, intake.ErrConflict, s.DecideBatch(t.Context(), d, row("destroy.approve", "")))
	got, err := s.Batch(t.Context(), batch)
	check(t, err)
	equal(t, 2, len(got))
	kept, err := s.Tip(t.Context(), all[0].Tip)
	check(t, err)
	equal(t, intake.Date(""), kept.DestroyedOn)
	for _, g := range got {
		now, err := s.Tip(t.Context(), g.Tip)
		check(t, err)
		equal(t, intake.Date("2026-09-02"), now.DestroyedOn)
	}
	got, err = s.Batch(t.Context(), "")
	check(t, err)
	equal(t, 0, len(got))
}

// Keys that were destroyed stay so, whatever a restored backup brings back.
func keysAgain(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	k := intake.GoneKey{Role: "desk:main", Version: 1, Asker: "li", AskedOn: "2026-03-01", On: "2026-03-02"}
	check(t, s.DestroyKeyAgain(t.Context(), k, row("keys.destroy.again", "")))
	check(t, s.DestroyKeyAgain(t.Context(), k, row("keys.destroy.again", "")))
	gone, err := s.GoneKeys(t.Context())
	check(t, err)
	equal(t, []intake.GoneKey{k}, gone)
	n, since, err := s.Rough(t.Context())
	check(t, err)
	equal(t, 1, n)
	equal(t, intake.Date("2026-03-02"), since)
	done, err := s.Scrub(t.Context(), "2026-03-03", false)
	check(t, err)
	equal(t, true, done)
	n, since, err = s.Rough(t.Context())
	check(t, err)
	equal(t, 0, n)
	equal(t, intake.Date(""), since)
}
