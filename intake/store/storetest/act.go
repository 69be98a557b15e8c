package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"tipline/intake"
)

// After any sequence of acts the kept counts are what a scan finds.
func counts(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	rapid.Check(t, func(t *rapid.T) {
		office := intake.NewID()[:8]
		var tips []string
		some := func() string { return rapid.SampledFrom(tips).Draw(t, "tip") }
		note := func(tip string) intake.Audit { return intake.Audit{Member: "li", Act: "act", Desk: office, Tip: tip} }
		for range rapid.IntRange(1, 25).Draw(t, "acts") {
			op := rapid.IntRange(0, 5).Draw(t, "act")
			if len(tips) == 0 {
				op = 0
			}
			var err error
			switch op {
			case 0, 1:
				a := tip(func(a *intake.Acceptance) {
					a.Tip.Desk, a.Tip.Unread = office, rapid.Bool().Draw(t, "unread")
					a.Tip.Lane = rapid.SampledFrom(lanes[1:]).Draw(t, "lane")
				})
				tips = append(tips, a.Tip.ID)
				_, err = s.Accept(t.Context(), a)
			case 2:
				m := &intake.Move{From: rapid.SampledFrom(states[1:]).Draw(t, "from"), To: rapid.SampledFrom(states[1:]).Draw(t, "to"), On: "2026-03-02"}
				id := some()
				err = s.Act(t.Context(), intake.Act{Audit: note(id), Move: m, Release: rapid.Bool().Draw(t, "release")})
			case 3:
				id := some()
				err = s.Act(t.Context(), intake.Act{Audit: note(id), Release: true})
			case 4:
				id := some()
				err = s.Act(t.Context(), intake.Act{Audit: note(id), Read: true})
			case 5:
				_, err = s.AddFollowUp(t.Context(), intake.FollowUp{Message: intake.Message{ID: intake.NewID(), Tip: some(), From: intake.FromReporter, On: "2026-03-02", Sealed: []byte("m")}})
			}
			if err != nil {
				fails(t, intake.ErrConflict, err)
			}
		}
		want := intake.Counts{ByState: map[intake.State]int{}}
		for _, p := range all(t.Context(), t, s, intake.Filter{Desk: office}) {
			switch {
			case p.Lane == intake.Held && p.State == intake.StateSpam:
				want.Spam++
				continue
			case p.Lane == intake.Held:
				want.Held++
				continue
			case p.Unread:
				want.Unread++
			}
			want.ByState[p.State]++
		}
		got, err := s.Counts(t.Context(), office)
		check(t, err)
		equal(t, want, got)
	})
}

func moves(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a := accepted(t, s, tip())
	to := func(from, to intake.State, department string) intake.Act {
		return intake.Act{Audit: row("state", a.Tip.ID), Event: event(a.Tip, intake.EventAccepted),
			Move: &intake.Move{From: from, To: to, On: "2026-03-02", Department: department, DueOn: "2026-06-01"}}
	}
	// of many who move it from the same state, one does
	var won atomic.Int32
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			err := s.Act(t.Context(), to(intake.StateReceived, intake.StateAccepted, "land"))
			if err == nil {
				won.Add(1)
				return
			}
			fails(t, intake.ErrConflict, err)
		})
	}
	wait.Wait()
	equal(t, int32(1), won.Load())
	check(t, s.Act(t.Context(), to(intake.StateAccepted, intake.StateInLedger, "")))
	want := a.Tip
	want.State, want.Department, want.DueOn, want.AcceptedOn = intake.StateInLedger, "land", "2026-06-01", "2026-03-02"
	got, err := s.Tip(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, want, got)
	history, err := s.History(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, []intake.Change{{State: intake.StateReceived, On: "2026-03-01"}, {State: intake.StateAccepted, On: "2026-03-02"}, {State: intake.StateInLedger, On: "2026-03-02"}}, history)
	// what failed left neither an event nor an audit row
	rows, err := s.AuditRows(t.Context(), 0, 100)
	check(t, err)
	equal(t, 2, len(rows))
	waiting, _, err := s.OutboxStats(t.Context(), "")
	check(t, err)
	equal(t, 3, waiting)
	// an act about the tip as it was is refused, though it is back in that state
	for _, seen := range []intake.Seen{
		{State: intake.StateInLedger, Lane: intake.Normal, Changes: 2},
		{State: intake.StateInLedger, Lane: intake.Held, Changes: 3},
		{State: intake.StateVerifying, Lane: intake.Normal, Changes: 3},
	} {
		fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("read", a.Tip.ID), Seen: &seen}))
	}
	check(t, s.Act(t.Context(), intake.Act{Audit: row("read", a.Tip.ID), Seen: &intake.Seen{State: intake.StateInLedger, Lane: intake.Normal, Changes: 3}}))
	fails(t, intake.ErrNotFound, s.Act(t.Context(), intake.Act{Audit: row("read", "none"), Seen: &intake.Seen{}}))
	unknown := to(intake.StateReceived, intake.StateSpam, "")
	unknown.Audit.Tip = "none"
	fails(t, intake.ErrNotFound, s.Act(t.Context(), unknown))
}

func releases(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a := accepted(t, s, tip(held))
	select {
	case <-s.Wake():
		t.Fatal("woken for a held tip")
	default:
	}
	act := intake.Act{Audit: row("release", a.Tip.ID), Release: true, Event: event(a.Tip, intake.EventReceived)}
	check(t, s.Act(t.Context(), act))
	<-s.Wake()
	act.Event = event(a.Tip, intake.EventReceived)
	fails(t, intake.ErrConflict, s.Act(t.Context(), act))
	got, err := s.Tip(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, intake.Normal, got.Lane)
	waiting, _, err := s.OutboxStats(t.Context(), "")
	check(t, err)
	equal(t, 1, waiting)
}

func conversation(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a := accepted(t, s, tip())
	check(t, s.Act(t.Context(), intake.Act{Audit: row("read", a.Tip.ID), Read: true}))
	unread := func() bool {
		got, err := s.Tip(t.Context(), a.Tip.ID)
		check(t, err)
		return got.Unread
	}
	equal(t, false, unread())
	var want []intake.Message
	for i := range 5 {
		m := intake.Message{ID: intake.NewID(), Tip: a.Tip.ID, From: intake.FromReporter, On: "2026-03-02", Sealed: fmt.Append(nil, i), KeyVersion: 3}
		want = append(want, m)
		if i%2 == 1 {
			want[i].From, want[i].KeyVersion = intake.FromDesk, a.Tip.KeyVersion
			m.From, m.KeyVersion = intake.FromDesk, 0 // the tip's
			check(t, s.Act(t.Context(), intake.Act{Audit: row("message", a.Tip.ID), Message: &m}))
			continue
		}
		said(t, s, m)
	}
	equal(t, true, unread())
	got, err := s.Messages(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, want, got)
	thread, err := s.Thread(t.Context(), a.ReceiptTag)
	check(t, err)
	equal(t, want, thread.Messages)
	_, err = s.AddFollowUp(t.Context(), intake.FollowUp{Message: intake.Message{ID: intake.NewID(), Tip: "none", From: intake.FromReporter, Sealed: []byte("m")}})
	fails(t, intake.ErrNotFound, err)
}

// A state entered twice keeps both reasons; the newest is what opens.
func notes(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a := accepted(t, s, tip())
	from := intake.StateReceived
	for i, to := range []intake.State{intake.StateSpam, intake.StateReviewing, intake.StateSpam} {
		check(t, s.Act(t.Context(), intake.Act{Audit: row("state", a.Tip.ID), Move: &intake.Move{From: from, To: to, On: "2026-03-02", Note: fmt.Append(nil, "reason ", i)}}))
		from = to
	}
	sealed, err := s.Part(t.Context(), a.Tip.ID, intake.CompartmentNotes, string(intake.StateSpam))
	check(t, err)
	equal(t, "reason 2", string(sealed))
}

// Several write to one tip at once, and nobody's words are refused for it.
func messagesAtOnce(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a := accepted(t, s, tip())
	const writers = 16
	var wait sync.WaitGroup
	for n := range writers {
		wait.Go(func() {
			m := intake.Message{ID: fmt.Sprint("m", n), Tip: a.Tip.ID, From: intake.FromReporter, On: "2026-03-02", Sealed: []byte("sealed")}
			if _, err := s.AddFollowUp(t.Context(), intake.FollowUp{Message: m}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	got, err := s.Messages(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, writers, len(got))
	c, err := s.Counts(t.Context(), desk)
	check(t, err)
	equal(t, 1, c.Unread)
}
