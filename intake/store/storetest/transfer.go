package storetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/store"
)

// elsewhere is the desk that tips are moved to.
const elsewhere = "county"

// rich is a tip with something in every table that a transfer touches.
func rich(t *testing.T, s *store.Store) *intake.Acceptance {
	t.Helper()
	a := accepted(t, s, tip(func(a *intake.Acceptance) {
		a.Tip.Reply, a.Tip.Urgent, a.Tip.Department = intake.ReplyContact, true, "land"
		a.Parts = append(a.Parts, intake.Part{Compartment: intake.CompartmentIdentity, Name: intake.PartName, Sealed: []byte("who")})
		a.Containers = []intake.Container{{Compartment: intake.CompartmentClean, Inline: []byte("clean"), Streams: []intake.Stream{{Name: "1", Length: 5}}},
			{Compartment: intake.CompartmentOriginals, Streams: []intake.Stream{{Name: "1", Length: 3}, {Name: "raw", Offset: 3, Length: 4}}}}
	}))
	said(t, s, intake.Message{ID: intake.NewID(), Tip: a.Tip.ID, From: intake.FromReporter, On: "2026-03-02", Sealed: []byte("said")})
	check(t, s.Act(t.Context(), intake.Act{Audit: row("identity.ask", a.Tip.ID), Ask: asked(a)}))
	check(t, s.Alerted(t.Context(), "mail", a.Tip.ID))
	return a
}

// transfer is the act that moves a tip as it stands.
func transfer(t *testing.T, s *store.Store, a *intake.Acceptance) intake.Act {
	t.Helper()
	now, err := s.Tip(t.Context(), a.Tip.ID)
	check(t, err)
	history, err := s.History(t.Context(), a.Tip.ID)
	check(t, err)
	m := &intake.Transfer{From: desk, To: elsewhere, On: "2026-03-03", KeyVersion: 7, Commitment: "beef", DueOn: "2026-03-20", Left: event(now, intake.EventWithdrawn)}
	m.Parts, err = s.AllParts(t.Context(), a.Tip.ID)
	check(t, err)
	for i := range m.Parts {
		m.Parts[i].Sealed = append([]byte("anew "), m.Parts[i].Sealed...)
	}
	m.Messages, err = s.Messages(t.Context(), a.Tip.ID)
	check(t, err)
	for i := range m.Messages {
		m.Messages[i].Sealed = append([]byte("anew "), m.Messages[i].Sealed...)
	}
	m.Containers, err = s.Containers(t.Context(), a.Tip.ID)
	check(t, err)
	for i := range m.Containers {
		c := &m.Containers[i]
		c.File, c.Streams = c.Compartment+"-00c0ffee", []intake.Stream{{Name: "1", Offset: 9, Length: 9}}
	}
	m.Handover = &intake.Custody{ID: intake.NewID(), Tip: a.Tip.ID, Desk: desk, ForDesk: elsewhere, Asker: "li", AskedOn: "2026-03-03", Reason: []byte{}, KeyVersion: 7}
	moved := now
	moved.Desk = elsewhere
	m.Received = event(moved, intake.EventReceived)
	m.Arrived = row("transfer.in", a.Tip.ID)
	m.Arrived.Desk = elsewhere
	return intake.Act{Audit: row("transfer", a.Tip.ID), Transfer: m, Seen: &intake.Seen{State: now.State, Lane: now.Lane, Changes: len(history)},
		Move: &intake.Move{From: now.State, To: intake.StateReceived, On: "2026-03-03", DueOn: m.DueOn},
		Note: &intake.InsideNote{Part: intake.Part{Compartment: intake.CompartmentNotes, Name: intake.NoteInside + "1", Sealed: []byte("why")}, KeyVersion: 7}}
}

// Everything of a tip goes to the other desk at once: the row, what is sealed, the counts,
// the events and the record.
func transfers(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a := rich(t, s)
	check(t, s.Act(t.Context(), intake.Act{Audit: row("outcome", a.Tip.ID), Outcome: &intake.OutcomeMark{Event: "e", Sequence: 9}}))
	act := transfer(t, s, a)
	check(t, s.Act(t.Context(), act))
	want := a.Tip
	want.Desk, want.KeyVersion, want.Commitment, want.DueOn, want.Department, want.Unread = elsewhere, 7, "beef", "2026-03-20", "", true
	got, err := s.Tip(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, want, got)
	for d, n := range map[string]int{desk: 0, elsewhere: 1} {
		c, err := s.Counts(t.Context(), d)
		check(t, err)
		equal(t, n, c.ByState[intake.StateReceived])
		equal(t, n, c.Unread)
		equal(t, n, len(all(t.Context(), t, s, intake.Filter{Desk: d})))
		head, err := s.AuditPage(t.Context(), intake.AuditFilter{Desk: d, Limit: 1})
		check(t, err)
		equal(t, map[string]string{desk: "transfer", elsewhere: "transfer.in"}[d], head[0].Act)
		waiting, _, err := s.OutboxStats(t.Context(), d)
		check(t, err)
		equal(t, map[string]int{desk: 2, elsewhere: 1}[d], waiting)
		urgent, err := s.Urgent(t.Context(), d, "mail", "2026-03-03", 10)
		check(t, err)
		equal(t, n, len(urgent)) // it rings there
		for st, err := range s.Standings(t.Context(), d) {
			check(t, err)
			equal(t, intake.Standing{Tip: a.Tip.ID, Desk: d, Lane: intake.Normal, Waiting: true, Gone: d == desk}, st)
		}
	}
	thread, err := s.Thread(t.Context(), a.ReceiptTag)
	check(t, err)
	equal(t, "anew said", string(thread.Messages[0].Sealed))
	equal(t, []intake.Change{{State: intake.StateReceived, On: "2026-03-01"}, {State: intake.StateReceived, On: "2026-03-03"}}, thread.History)
	report, err := s.Part(t.Context(), a.Tip.ID, intake.CompartmentReport, intake.PartName)
	check(t, err)
	equal(t, "anew sealed "+a.Tip.ID, string(report))
	containers, err := s.Containers(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, act.Transfer.Containers, containers)
	for file, kept := range map[string]bool{intake.CompartmentClean: false, intake.CompartmentOriginals: false, intake.CompartmentOriginals + "-00c0ffee": true} {
		there, err := s.HasFile(t.Context(), a.Tip.ID, file)
		check(t, err)
		equal(t, kept, there)
	}
	ways, err := s.Transfers(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, []intake.Transferred{{From: desk, To: elsewhere, On: "2026-03-03"}}, ways)
	requests, err := s.Custodies(t.Context(), desk, a.Tip.ID)
	check(t, err)
	equal(t, intake.CustodyClosed, requests[0].State)
	equal(t, nil, requests[0].Inner)
	notes, err := s.InsideNotes(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, 1, len(notes))
	for at, want := range map[string]int{desk: 0, elsewhere: 1} { // it came to the other desk on the day it was moved
		tallies, err := s.Tallies(t.Context(), at, "2026-03-01", "2026-03-31")
		check(t, err)
		equal(t, want, len(tallies))
		none, err := s.Tallies(t.Context(), at, "2026-03-01", "2026-03-02")
		check(t, err)
		equal(t, 0, len(none))
	}
	// the desk it left does nothing about it any more, and nothing sealed to that desk is taken
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("read", a.Tip.ID), Read: true}))
	fails(t, intake.ErrConflict, s.Act(t.Context(), act))
	late := intake.Message{ID: intake.NewID(), Tip: a.Tip.ID, From: intake.FromReporter, On: "2026-03-03", Sealed: []byte("late"), Desk: desk}
	_, err = s.AddFollowUp(t.Context(), intake.FollowUp{Message: late})
	fails(t, intake.ErrConflict, err)
	late.Desk = elsewhere
	_, err = s.AddFollowUp(t.Context(), intake.FollowUp{Message: late})
	check(t, err)
	// the other ledger's first word isn't older than what this one said
	here := row("outcome", a.Tip.ID)
	here.Desk = elsewhere
	check(t, s.Act(t.Context(), intake.Act{Audit: here, Outcome: &intake.OutcomeMark{Event: "f", Sequence: 1}}))
	arrived, err := s.AuditPage(t.Context(), intake.AuditFilter{Desk: elsewhere, Limit: 1})
	check(t, err)
	older, err := s.AuditPage(t.Context(), intake.AuditFilter{Desk: desk, Before: arrived[0].Hash, Limit: 1})
	check(t, err)
	equal(t, 0, len(older)) // another desk's row is none
}

// A transfer of what isn't there any more as it was read writes nothing.
func transfersOfOld(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	for name, change := range map[string]func(a *intake.Acceptance){
		"message": func(a *intake.Acceptance) {
			said(t, s, intake.Message{ID: intake.NewID(), Tip: a.Tip.ID, From: intake.FromReporter, On: "2026-03-02", Sealed: []byte("m")})
		},
		"note": func(a *intake.Acceptance) {
			check(t, s.Act(t.Context(), intake.Act{Audit: row("note", a.Tip.ID), Note: &intake.InsideNote{Part: intake.Part{Compartment: intake.CompartmentNotes, Name: intake.NoteInside + "2", Sealed: []byte("n")}}}))
		},
		"state": func(a *intake.Acceptance) {
			check(t, s.Act(t.Context(), intake.Act{Audit: row("state", a.Tip.ID), Move: &intake.Move{From: intake.StateReceived, To: intake.StateReviewing, On: "2026-03-02"}}))
		},
		"merged": func(a *intake.Acceptance) {
			b := accepted(t, s, tip())
			check(t, s.Act(t.Context(), intake.Act{Audit: row("merge", b.Tip.ID), Merge: &intake.Merge{Tip: b.Tip.ID, Into: a.Tip.ID, Back: intake.StateReceived, On: "2026-03-02", By: "li"},
				Move: &intake.Move{From: intake.StateReceived, To: intake.StateMerged, On: "2026-03-02"}}))
		},
		"answer": func(a *intake.Acceptance) {
			check(t, s.Act(t.Context(), intake.Act{Audit: row("message", a.Tip.ID), Dispatch: &intake.Dispatch{ID: intake.NewID(), Tip: a.Tip.ID, Asker: "li", AskedOn: "2026-03-02", Inner: []byte("i"), Text: []byte("t")}}))
		},
		"withdrawn": func(a *intake.Acceptance) {
			check(t, s.Wish(t.Context(), intake.Wish{Tip: a.Tip.ID, Kind: intake.WishWithdraw, On: "2026-03-02"}))
			check(t, s.Act(t.Context(), intake.Act{Audit: row("identity.destroy", a.Tip.ID), Carry: &intake.Wish{Tip: a.Tip.ID, Kind: intake.WishWithdraw, On: "2026-03-02"}}))
		},
	} {
		a := rich(t, s)
		act := transfer(t, s, a)
		change(a)
		before, err := s.AuditHead(t.Context())
		check(t, err)
		fails(t, intake.ErrConflict, s.Act(t.Context(), act))
		got, err := s.Tip(t.Context(), a.Tip.ID)
		check(t, err)
		if got.Desk != desk || got.KeyVersion != a.Tip.KeyVersion {
			t.Fatalf("%s: the tip moved all the same", name)
		}
		after, err := s.AuditHead(t.Context())
		check(t, err)
		equal(t, before, after)
	}
}

// A handover is made once, for the desk the tip is at, and waits as long as it takes.
func handovers(t *testing.T, open Opener) {
	s, c := opened(t, open)
	a := rich(t, s)
	act := transfer(t, s, a)
	check(t, s.Act(t.Context(), act))
	for _, f := range [][2]string{{desk, ""}, {"", a.Tip.ID}} {
		open, err := s.Handovers(t.Context(), f[0], f[1])
		check(t, err)
		equal(t, 1, len(open))
		equal(t, elsewhere, open[0].ForDesk)
	}
	requests, _, err := s.Waiting(t.Context(), desk)
	check(t, err)
	equal(t, 1, requests)
	_, err = s.Expire(t.Context(), c.now().Add(60*24*time.Hour))
	check(t, err)
	id := act.Transfer.Handover.ID
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("identity.approve", a.Tip.ID), Decide: &intake.Custody{ID: id, State: intake.CustodyApproved}}))

	// an answer that was written while it waits is handed over with it
	there := row("message", a.Tip.ID)
	there.Desk = elsewhere
	answer := &intake.Dispatch{ID: intake.NewID(), Tip: a.Tip.ID, Asker: "zhao", AskedOn: "2026-03-04", Inner: []byte("inner"), Text: []byte("text")}
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: there, Dispatch: answer}))
	answer.Keeper = desk
	check(t, s.Act(t.Context(), intake.Act{Audit: there, Dispatch: answer}))

	h := &intake.Handover{ID: id, To: elsewhere, KeyVersion: 8, Decider: "wang", On: "2026-03-05", Dispatches: []intake.Dispatch{{ID: answer.ID, Inner: []byte("theirs")}},
		Parts:      []intake.StoredPart{{Part: intake.Part{Compartment: intake.CompartmentIdentity, Name: intake.PartName, Sealed: []byte("handed")}, N: 1}},
		Containers: []intake.Container{{Compartment: intake.CompartmentOriginals, File: "originals-0badcafe", Streams: []intake.Stream{{Name: "1", Length: 2}}}}}
	h.Arrived = row("identity.handover.in", a.Tip.ID)
	h.Arrived.Desk = elsewhere
	wrong := *h
	wrong.To = desk
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("identity.handover", a.Tip.ID), Handover: &wrong}))
	check(t, s.Act(t.Context(), intake.Act{Audit: row("identity.handover", a.Tip.ID), Handover: h}))
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("identity.handover", a.Tip.ID), Handover: h}))
	who, err := s.Part(t.Context(), a.Tip.ID, intake.CompartmentIdentity, intake.PartName)
	check(t, err)
	equal(t, "handed", string(who))
	d, err := s.Dispatch(t.Context(), answer.ID)
	check(t, err)
	equal(t, "theirs", string(d.Inner))
	open1, err := s.Handovers(t.Context(), desk, "")
	check(t, err)
	equal(t, 0, len(open1))
	got, err := s.Custody(t.Context(), id)
	check(t, err)
	equal(t, intake.CustodyHanded, got.State)
}

// What was taken back meanwhile is handed over to nobody.
func handoverWithdrawn(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a := rich(t, s)
	act := transfer(t, s, a)
	check(t, s.Act(t.Context(), act))
	check(t, s.Wish(t.Context(), intake.Wish{Tip: a.Tip.ID, Kind: intake.WishWithdraw, On: "2026-03-04"}))
	h := &intake.Handover{ID: act.Transfer.Handover.ID, To: elsewhere, Decider: "wang", On: "2026-03-05"}
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("identity.handover", a.Tip.ID), Handover: h}))
	destroyed := row("identity.destroy", a.Tip.ID)
	destroyed.Desk = elsewhere
	check(t, s.Act(t.Context(), intake.Act{Audit: destroyed, Carry: &intake.Wish{Tip: a.Tip.ID, Kind: intake.WishWithdraw, On: "2026-03-05"}}))
	open1, err := s.Handovers(t.Context(), desk, "")
	check(t, err)
	equal(t, 0, len(open1))
}

// While a tip is moved, its reporter writes: what was stored went along, sealed anew, and
// the rest was refused.
func transfersAtOnce(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a := rich(t, s)
	var wait sync.WaitGroup
	var stored atomic.Int32
	for range 12 {
		wait.Go(func() {
			m := intake.Message{ID: intake.NewID(), Tip: a.Tip.ID, From: intake.FromReporter, On: "2026-03-02", Sealed: []byte("said"), Desk: desk}
			_, err := s.AddFollowUp(t.Context(), intake.FollowUp{Message: m})
			if err == nil {
				stored.Add(1)
			} else if !errors.Is(err, intake.ErrConflict) {
				t.Error(err)
			}
		})
	}
	for tries := 0; ; tries++ {
		err := s.Act(t.Context(), transfer(t, s, a))
		if err == nil {
			break
		}
		fails(t, intake.ErrConflict, err)
		if tries > 50 {
			t.Fatal("the tip never moves")
		}
	}
	wait.Wait()
	all, err := s.Messages(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, int(stored.Load())+1, len(all))
	for _, m := range all {
		equal(t, "anew said", string(m.Sealed))
	}
}
