package storetest

import (
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/store"
)

// lines are the relayed events without their place.
func lines(t *testing.T, s *store.Store) (out []intake.Relayed) {
	t.Helper()
	last := int64(0)
	for {
		page, err := s.Relayed(t.Context(), last, 2)
		check(t, err)
		if len(page) == 0 {
			return out
		}
		for _, r := range page {
			if r.Seq <= last {
				t.Fatalf("place %d comes behind %d", r.Seq, last)
			}
			last, r.Seq = r.Seq, 0
			out = append(out, r)
		}
	}
}

// A relayed event stays and counts as waiting until it is confirmed, isn't lent
// meanwhile and holds none of its tip's later ones up; lost, it goes again.
func relayed(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a, b := accepted(t, s, tip()), accepted(t, s, tip())
	claim := func(want ...intake.Event) {
		t.Helper()
		got, err := s.ClaimEvents(t.Context(), "relay", 9, time.Minute)
		check(t, err)
		equal(t, want, got)
	}
	waiting := func(want int) {
		t.Helper()
		got, _, err := s.OutboxStats(t.Context(), "")
		check(t, err)
		equal(t, want, got)
	}
	first, second := intake.Relayed{ID: a.Event.ID, Desk: desk, Entry: "5-1"}, intake.Relayed{ID: b.Event.ID, Desk: desk, Entry: "5-2"}
	claim(*a.Event, *b.Event)
	check(t, s.MarkRelayed(t.Context(), "relay", first, second))
	equal(t, []intake.Relayed{first, second}, lines(t, s))
	claim()
	waiting(2)
	follow := event(a.Tip, intake.EventAccepted)
	check(t, s.Act(t.Context(), intake.Act{Audit: row("state", a.Tip.ID), Event: follow}))
	claim(*follow)
	third := intake.Relayed{ID: follow.ID, Desk: desk, Entry: "5-3"}
	check(t, s.MarkRelayed(t.Context(), "relay", third))

	other := first
	other.Entry = "6-1"
	check(t, s.ConfirmRelayed(t.Context(), other)) // of an entry that it no longer is
	check(t, s.ResetRelayed(t.Context(), other))
	waiting(3)
	check(t, s.ConfirmRelayed(t.Context(), second))
	waiting(2)
	check(t, s.ResetRelayed(t.Context(), first))
	claim(*a.Event)
	check(t, s.MarkRelayed(t.Context(), "relay", other))
	equal(t, []intake.Relayed{other, third}, lines(t, s))
	check(t, s.ForgetRelayed(t.Context()))
	check(t, s.ForgetRelayed(t.Context()))
	equal(t, nil, lines(t, s))
	got, err := s.ClaimEvents(t.Context(), "relay", 1, time.Minute)
	check(t, err)
	equal(t, []intake.Event{*a.Event}, got)
	check(t, s.MarkRelayed(t.Context(), "relay", first))
	claim(*follow)
	for st, err := range s.Standings(t.Context(), desk) {
		check(t, err)
		equal(t, st.Tip == a.Tip.ID, st.Waiting)
	}
}

// A relay that was away too long marks nothing that another has claimed since.
func relayedByAnother(t *testing.T, open Opener) {
	s, c := opened(t, open)
	a := accepted(t, s, tip())
	for _, who := range []string{"paused", "heir"} {
		got, err := s.ClaimEvents(t.Context(), who, 9, time.Minute)
		check(t, err)
		equal(t, []intake.Event{*a.Event}, got)
		c.advance(time.Minute)
	}
	check(t, s.MarkRelayed(t.Context(), "paused", intake.Relayed{ID: a.Event.ID, Entry: "1-1"}))
	equal(t, nil, lines(t, s))
	check(t, s.MarkRelayed(t.Context(), "heir", intake.Relayed{ID: a.Event.ID, Entry: "1-2"}))
	equal(t, []intake.Relayed{{ID: a.Event.ID, Desk: desk, Entry: "1-2"}}, lines(t, s))
}

// An outcome that comes twice, or behind a newer one, changes nothing.
func outcomes(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a := accepted(t, s, tip())
	follow := func(sequence int, from, to intake.State) error {
		return s.Act(t.Context(), intake.Act{Audit: row("state", a.Tip.ID), Outcome: &intake.OutcomeMark{Event: intake.NewID(), Sequence: sequence},
			Move: &intake.Move{From: from, To: to, On: "2026-03-02"}})
	}
	check(t, follow(2, intake.StateReceived, intake.StateVerifying))
	for _, sequence := range []int{0, 1, 2} {
		fails(t, intake.ErrStale, follow(sequence, intake.StateVerifying, intake.StateInLedger))
	}
	fails(t, intake.ErrConflict, follow(3, intake.StateReceived, intake.StateConcluded)) // it takes its mark back
	check(t, follow(3, intake.StateVerifying, intake.StateConcluded))
	history, err := s.History(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, 3, len(history))
	fails(t, intake.ErrNotFound, s.Act(t.Context(), intake.Act{Audit: row("state", intake.NewID()), Outcome: &intake.OutcomeMark{Sequence: 1}}))
}

// What an outcome says beside the state: a date, and a note, of which the newest
// is read. A ledger that doesn't count is known again by its last event.
func outcomesSay(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a := accepted(t, s, tip())
	hear := func(o intake.OutcomeMark) error {
		return s.Act(t.Context(), intake.Act{Audit: row("outcome", a.Tip.ID), Outcome: &o})
	}
	check(t, hear(intake.OutcomeMark{Event: "a", DueOn: "2026-05-01", Note: []byte("first")}))
	fails(t, intake.ErrStale, hear(intake.OutcomeMark{Event: "a", DueOn: "2026-06-01"}))
	check(t, hear(intake.OutcomeMark{Event: "b", Note: []byte("second")}))
	check(t, hear(intake.OutcomeMark{Event: "c", Sequence: 1}))
	fails(t, intake.ErrStale, hear(intake.OutcomeMark{Event: "d"}))
	got, err := s.Tip(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, "2026-05-01", got.DueOn)
	equal(t, a.Tip.State, got.State)
	note, err := s.Part(t.Context(), a.Tip.ID, intake.CompartmentNotes, intake.NoteOfLedger)
	check(t, err)
	equal(t, "second", string(note))
}
