package storetest

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"tipline/intake"
)

// together is the act that puts a tip to another.
func together(a, b intake.Tip) intake.Act {
	return intake.Act{Audit: row("merge", a.ID), Move: &intake.Move{From: intake.StateReceived, To: intake.StateMerged, On: "2026-03-02"},
		Merge: &intake.Merge{Tip: a.ID, Into: b.ID, Back: intake.StateReceived, On: "2026-03-02", By: "li"}, Event: event(a, intake.EventMerged)}
}

// apart is the act that takes it away again.
func apart(a, b intake.Tip) intake.Act {
	return intake.Act{Audit: row("unmerge", a.ID), Move: &intake.Move{From: intake.StateMerged, To: intake.StateReceived, On: "2026-03-03", DueOn: a.DueOn},
		Unmerge: &intake.Merge{Tip: a.ID, Into: b.ID}, Event: event(a, intake.EventUnmerged)}
}

// A tip goes into another and comes back as it was; never into itself, into one
// that is put away, or in a chain.
func merges(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a, b, c := accepted(t, s, tip()).Tip, accepted(t, s, tip()).Tip, accepted(t, s, tip()).Tip
	waiting := accepted(t, s, tip(held)).Tip
	foreign := accepted(t, s, tip(func(a *intake.Acceptance) { a.Tip.Desk = "other" })).Tip
	check(t, s.Act(t.Context(), together(a, b)))
	got, err := s.MergeOf(t.Context(), a.ID)
	check(t, err)
	equal(t, intake.Merge{Tip: a.ID, Into: b.ID, Back: intake.StateReceived, On: "2026-03-02", By: "li"}, got)
	in, err := s.MergedInto(t.Context(), b.ID, 9)
	check(t, err)
	equal(t, 1, len(in))
	equal(t, intake.StateMerged, in[0].State)
	for _, refused := range []intake.Act{together(b, c), together(c, a), together(c, c), together(c, waiting), together(c, foreign), together(c, tip().Tip), apart(c, b)} {
		fails(t, intake.ErrConflict, s.Act(t.Context(), refused))
	}
	left, err := s.Tip(t.Context(), c.ID)
	check(t, err)
	equal(t, c, left)
	check(t, s.Act(t.Context(), apart(a, b)))
	fails(t, intake.ErrConflict, s.Act(t.Context(), apart(a, b)))
	back, err := s.Tip(t.Context(), a.ID)
	check(t, err)
	equal(t, a, back)
	_, err = s.MergeOf(t.Context(), a.ID)
	fails(t, intake.ErrNotFound, err)
	for prefix, want := range map[string][]string{a.ID: {a.ID}, a.ID[:12]: {a.ID}, foreign.ID: nil, "g": nil} {
		named, err := s.Named(t.Context(), desk, prefix, 2)
		check(t, err)
		equal(t, want, ids(named))
	}
	counts, err := s.Counts(t.Context(), desk)
	check(t, err)
	equal(t, map[intake.State]int{intake.StateReceived: 3}, counts.ByState)
	rows, err := s.AuditRows(t.Context(), 0, 9)
	check(t, err)
	equal(t, 2, len(rows)) // none for what failed
}

// Whoever puts two tips together the other way round at the same moment, one of
// them stays.
func mergesAtOnce(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	for range 8 {
		a, b := accepted(t, s, tip()).Tip, accepted(t, s, tip()).Tip
		var won atomic.Int32
		var wait sync.WaitGroup
		for _, act := range []intake.Act{together(a, b), together(b, a), together(a, b)} {
			wait.Go(func() {
				if err := s.Act(t.Context(), act); err == nil {
					won.Add(1)
				} else {
					fails(t, intake.ErrConflict, err)
				}
			})
		}
		wait.Wait()
		equal(t, int32(1), won.Load())
	}
}

// ids are the tips' ids in order.
func ids(tips []intake.Tip) (out []string) {
	for _, p := range tips {
		out = append(out, p.ID)
	}
	slices.Sort(out)
	return out
}

func similar(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	stored := func(place, on, sender string) intake.Tip {
		return accepted(t, s, tip(func(a *intake.Acceptance) {
			a.Tip.Place, a.Tip.ReceivedOn = place, intake.Date(on)
			if sender != "" {
				a.SenderTag = []byte(sender)
			}
		})).Tip
	}
	one := stored("411422207201", "2026-03-10", "tag")
	group, edge := stored("411422207201003", "2026-03-24", ""), stored("411422207201", "2026-02-24", "")
	stored("411422207201", "2026-03-25", "")
	stored("411422207202", "2026-03-10", "")
	same := stored("411422207203", "2026-03-11", "tag")
	stored("411422207203", "2026-03-11", "another")
	near, err := s.Nearby(t.Context(), one, 14, 50)
	check(t, err)
	equal(t, ids([]intake.Tip{group, edge}), ids(near))
	near, err = s.Nearby(t.Context(), one, 14, 1)
	check(t, err)
	equal(t, []string{group.ID}, ids(near)) // the newest
	for day, want := range map[intake.Date][]string{"2026-03-12": {same.ID}, "2026-03-13": nil} {
		sent, err := s.SameSender(t.Context(), one, day, 50)
		check(t, err)
		equal(t, want, ids(sent))
	}
	placeless := one
	placeless.Place = ""
	near, err = s.Nearby(t.Context(), placeless, 14, 50)
	check(t, err)
	equal(t, 0, len(near))
}

// refusal asks a second reviewer about a tip.
func refusal(p intake.Tip, kind intake.ReviewKind) *intake.Review {
	return &intake.Review{ID: intake.NewID(), Tip: p.ID, Desk: desk, Kind: kind, Asker: "li", AskedOn: "2026-03-02", To: intake.StateDeclined, Reason: "unclear",
		Sealed: []byte("why"), KeyVersion: 2}
}

// A refusal waits for one decision, which ends it; another move of the tip ends it
// as well.
func reviews(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a, b := accepted(t, s, tip()).Tip, accepted(t, s, tip()).Tip
	first, second := refusal(a, intake.ReviewBefore), refusal(b, intake.ReviewAfter)
	second.AskedOn = "2026-03-03"
	check(t, s.Act(t.Context(), intake.Act{Audit: row("review.ask", a.ID), Review: first}))
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("review.ask", a.ID), Review: refusal(a, intake.ReviewBefore)}))
	check(t, s.Act(t.Context(), intake.Act{Audit: row("state", b.ID), Review: second,
		Move: &intake.Move{From: intake.StateReceived, To: intake.StateDeclined, On: "2026-03-03"}}))
	got, err := s.Reviews(t.Context(), desk, 9)
	check(t, err)
	equal(t, []intake.Review{*first, *second}, got)
	marks, err := s.Awaiting(t.Context(), []intake.Tip{a, b, tip().Tip})
	check(t, err)
	equal(t, map[string]intake.ReviewKind{a.ID: intake.ReviewBefore, b.ID: intake.ReviewAfter}, marks)

	confirm := intake.Act{Audit: row("review.confirm", a.ID), Reviewed: first.ID, Move: &intake.Move{From: intake.StateReceived, To: intake.StateDeclined, On: "2026-03-04"}}
	var won atomic.Int32
	var wait sync.WaitGroup
	for range 6 { // nobody decides twice
		wait.Go(func() {
			if err := s.Act(t.Context(), confirm); err == nil {
				won.Add(1)
			} else {
				fails(t, intake.ErrConflict, err)
			}
		})
	}
	wait.Wait()
	equal(t, int32(1), won.Load())
	_, err = s.Review(t.Context(), a.ID)
	fails(t, intake.ErrNotFound, err)
	check(t, s.Act(t.Context(), intake.Act{Audit: row("state", b.ID), Move: &intake.Move{From: intake.StateDeclined, To: intake.StateReviewing, On: "2026-03-04"}}))
	got, err = s.Reviews(t.Context(), desk, 9)
	check(t, err)
	equal(t, 0, len(got))
}

func insideNotes(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a, b := accepted(t, s, tip()).Tip, accepted(t, s, tip()).Tip
	check(t, s.Act(t.Context(), intake.Act{Audit: row("state", a.ID), Move: &intake.Move{From: intake.StateReceived, To: intake.StateReviewing, On: "2026-03-02", Note: []byte("reason")}}))
	var want []intake.Part
	for i := range 12 { // more than one digit
		part := intake.Part{Compartment: intake.CompartmentNotes, Name: intake.NoteInside + intake.NewID(), Sealed: fmt.Appendf(nil, "note %d", i)}
		check(t, s.Act(t.Context(), intake.Act{Audit: row("note", a.ID), Note: &intake.InsideNote{Part: part, KeyVersion: 2}}))
		want = append(want, part)
	}
	got, err := s.InsideNotes(t.Context(), a.ID)
	check(t, err)
	equal(t, want, got)
	got, err = s.InsideNotes(t.Context(), b.ID)
	check(t, err)
	equal(t, 0, len(got))
	stranger := tip().Tip.ID
	fails(t, intake.ErrNotFound, s.Act(t.Context(), intake.Act{Audit: row("note", stranger), Note: &intake.InsideNote{Part: want[0], KeyVersion: 2}}))
}

func dueCounts(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	for _, on := range []intake.Date{"2026-03-01", "2026-03-15", "2026-03-16", "2026-03-23", "2026-03-24", ""} {
		for range 3 {
			accepted(t, s, tip(func(a *intake.Acceptance) { a.Tip.DueOn = on }))
		}
		accepted(t, s, tip(held, func(a *intake.Acceptance) { a.Tip.DueOn = on }))
		accepted(t, s, tip(func(a *intake.Acceptance) { a.Tip.DueOn, a.Tip.Desk = on, "other" }))
	}
	got, err := s.DueCounts(t.Context(), desk, "2026-03-16", "", 5)
	check(t, err)
	equal(t, map[intake.DueFilter]int{intake.DueOverdue: 5, intake.DueToday: 3, intake.DueWeek: 5, intake.DueUnsent: 0}, got) // six would be more than the bound
}

func views(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	want := []intake.SavedView{{ID: "1", Sealed: []byte("one")}, {ID: "2", Sealed: []byte("two")}}
	for _, v := range want {
		check(t, s.SaveView(t.Context(), "li", v))
	}
	check(t, s.SaveView(t.Context(), "wang", intake.SavedView{ID: "1", Sealed: []byte("hers")}))
	got, err := s.Views(t.Context(), "li")
	check(t, err)
	equal(t, want, got)
	check(t, s.DropView(t.Context(), "li", "1"))
	check(t, s.DropView(t.Context(), "li", "1"))
	got, err = s.Views(t.Context(), "wang")
	check(t, err)
	equal(t, 1, len(got))
	for i := range 19 {
		check(t, s.SaveView(t.Context(), "li", intake.SavedView{ID: fmt.Sprint("x", i), Sealed: []byte("v")}))
	}
	fails(t, intake.ErrConflict, s.SaveView(t.Context(), "li", intake.SavedView{ID: "y", Sealed: []byte("v")}))
}
