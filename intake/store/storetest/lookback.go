package storetest

import (
	"testing"

	"tipline/intake"
)

// An appointment stands once a reason, in the order of its day; its reporter is asked
// once, and what is over isn't open.
func looks(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a, b := accepted(t, s, tip()), accepted(t, s, tip())
	look := func(kind intake.LookKind, due intake.Date, from string) intake.Look {
		return intake.Look{ID: intake.NewID(), Tip: a.Tip.ID, Desk: desk, Kind: kind, DueOn: due, From: from, Number: "2026-7", By: "li", On: "2026-03-02", KeyVersion: 2}
	}
	later, soon, watch := look(intake.LookBack, "2026-05-01", ""), look(intake.LookRelapse, "2026-04-01", b.Tip.ID), look(intake.LookRetaliation, "2026-04-02", "")
	watch.LetterID, watch.Letter, watch.Note = intake.NewID(), []byte("letter"), []byte("note")
	for _, l := range []intake.Look{later, soon, watch} {
		check(t, s.Act(t.Context(), intake.Act{Audit: row("look.open", a.Tip.ID), Look: &l}))
	}
	again := look(intake.LookRelapse, "2026-06-01", b.Tip.ID)
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("look.open", a.Tip.ID), Look: &again}))
	got, err := s.Looks(t.Context(), desk, false, 9)
	check(t, err)
	equal(t, []intake.Look{soon, watch, later}, got)
	got, err = s.Looks(t.Context(), "other", false, 9)
	check(t, err)
	equal(t, 0, len(got))
	got, err = s.LooksOf(t.Context(), b.Tip.ID)
	check(t, err)
	equal(t, []intake.Look{soon}, got)
	watched, err := s.Watched(t.Context(), []intake.Tip{a.Tip, b.Tip})
	check(t, err)
	equal(t, map[string]bool{a.Tip.ID: true}, watched)

	got, err = s.LooksToAsk(t.Context(), "2026-04-01", 9)
	check(t, err)
	equal(t, 0, len(got))
	got, err = s.LooksToAsk(t.Context(), "2026-04-02", 9)
	check(t, err)
	equal(t, []intake.Look{watch}, got)
	asked := watch
	asked.AskedOn = "2026-04-02"
	letter := &intake.Message{ID: watch.LetterID, Tip: a.Tip.ID, From: intake.FromDesk, On: "2026-04-02", Sealed: watch.Letter, KeyVersion: 2}
	check(t, s.Act(t.Context(), intake.Act{Audit: row("look.ask", a.Tip.ID), Looked: &asked, Message: letter}))
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("look.ask", a.Tip.ID), Looked: &asked}))
	done := asked
	done.Letter, done.Result, done.DoneBy, done.DoneOn = nil, "safe", "wang", "2026-04-03"
	check(t, s.Act(t.Context(), intake.Act{Audit: row("look.done", a.Tip.ID), Looked: &done}))
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("look.done", a.Tip.ID), Looked: &done}))
	got, err = s.Looks(t.Context(), desk, true, 9)
	check(t, err)
	equal(t, []intake.Look{done}, got)
	one, err := s.Look(t.Context(), done.ID)
	check(t, err)
	equal(t, done, one)
	_, err = s.Look(t.Context(), again.ID)
	fails(t, intake.ErrNotFound, err)
}

// A tip is found by its parcel's tag and by the number that the ledger gave it.
func parcels(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a, b := accepted(t, s, tip()), accepted(t, s, tip())
	for _, p := range []*intake.Acceptance{a, b} {
		check(t, s.Act(t.Context(), intake.Act{Audit: row("state", p.Tip.ID), Parcel: []byte("tag")}))
	}
	check(t, s.Act(t.Context(), intake.Act{Audit: row("state", b.Tip.ID), Parcel: []byte("another")}))
	for i, number := range []string{"2026-7", ""} { // the ledger needn't say it again
		check(t, s.Act(t.Context(), intake.Act{Audit: row("outcome", a.Tip.ID), Outcome: &intake.OutcomeMark{Event: intake.NewID(), Sequence: i + 1, Number: number}}))
	}
	want := []intake.Numbered{{Tip: a.Tip, Number: "2026-7"}}
	got, err := s.OfParcel(t.Context(), desk, []byte("tag"), 9)
	check(t, err)
	equal(t, want, got)
	got, err = s.OfNumber(t.Context(), desk, "2026-7", 9)
	check(t, err)
	equal(t, want, got)
	for _, none := range []func() ([]intake.Numbered, error){
		func() ([]intake.Numbered, error) { return s.OfParcel(t.Context(), "other", []byte("tag"), 9) },
		func() ([]intake.Numbered, error) { return s.OfNumber(t.Context(), "other", "2026-7", 9) },
		func() ([]intake.Numbered, error) { return s.OfNumber(t.Context(), desk, "", 9) },
	} {
		got, err := none()
		check(t, err)
		equal(t, 0, len(got))
	}
}
