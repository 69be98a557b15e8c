package storetest

import (
	"testing"

	"tipline/intake"
	"tipline/intake/store"
)

// full is a tip with something in every table whose rows name a version of the desk's key.
func full(t *testing.T, s *store.Store) *intake.Acceptance {
	t.Helper()
	a := rich(t, s)
	id := a.Tip.ID
	act := func(change func(*intake.Act)) {
		t.Helper()
		one := intake.Act{Audit: row("x", id)}
		change(&one)
		check(t, s.Act(t.Context(), one))
	}
	act(func(a *intake.Act) {
		a.Review = &intake.Review{ID: intake.NewID(), Tip: id, Desk: desk, Kind: intake.ReviewAfter, Asker: "li", AskedOn: "2026-03-02", To: intake.StateSpam, Sealed: []byte("review"), KeyVersion: 2}
	})
	act(func(a *intake.Act) {
		a.Extend = &intake.Extension{ID: intake.NewID(), Tip: id, Desk: desk, Asker: "li", AskedOn: "2026-03-02", Note: []byte("later"), KeyVersion: 2, LetterID: intake.NewID(), Letter: []byte("letter")}
	})
	act(func(a *intake.Act) {
		a.Look = &intake.Look{ID: intake.NewID(), Tip: id, Desk: desk, Kind: intake.LookRetaliation, DueOn: "2026-04-02", By: "li", On: "2026-03-02", KeyVersion: 2, LetterID: intake.NewID(), Letter: []byte("how are you")}
	})
	act(func(a *intake.Act) {
		a.Hold = &intake.Hold{ID: intake.NewID(), Tip: id, Desk: desk, By: "sun", On: "2026-03-02", Note: []byte("why"), KeyVersion: 2}
	})
	return a
}

// anew is what a desk has of a tip under version 2, as it would be sealed to version 3.
func anew(t *testing.T, s *store.Store, tip string) (intake.Resealed, intake.Act) {
	t.Helper()
	r, err := s.SealedUnder(t.Context(), tip, desk, 2)
	check(t, err)
	read := r
	fresh := func(b []byte) []byte {
		if b == nil {
			return nil
		}
		return append([]byte("anew "), b...)
	}
	r.To, r.Commitment = 3, "beef"
	r.Parts, r.Messages, r.Containers, r.Requests = clone(r.Parts), clone(r.Messages), clone(r.Containers), clone(r.Requests)
	r.Reviews, r.Extensions, r.Looks, r.Holds = clone(r.Reviews), clone(r.Extensions), clone(r.Looks), clone(r.Holds)
	for i := range r.Parts {
		r.Parts[i].Sealed = fresh(r.Parts[i].Sealed)
	}
	for i := range r.Messages {
		r.Messages[i].Sealed = fresh(r.Messages[i].Sealed)
	}
	for i := range r.Containers {
		r.Containers[i].File, r.Containers[i].Inline = r.Containers[i].Compartment+"-anew", nil
		r.Containers[i].Streams = []intake.Stream{{Name: "1", Offset: 7, Length: 9}}
	}
	for i := range r.Requests {
		r.Requests[i].Reason = fresh(r.Requests[i].Reason)
	}
	for i := range r.Reviews {
		r.Reviews[i].Sealed = fresh(r.Reviews[i].Sealed)
	}
	for i := range r.Extensions {
		r.Extensions[i].Note, r.Extensions[i].Letter = fresh(r.Extensions[i].Note), fresh(r.Extensions[i].Letter)
	}
	for i := range r.Looks {
		r.Looks[i].Note, r.Looks[i].Letter = fresh(r.Looks[i].Note), fresh(r.Looks[i].Letter)
	}
	for i := range r.Holds {
		r.Holds[i].Note = fresh(r.Holds[i].Note)
	}
	return read, intake.Act{Audit: row("keys.reseal", tip), Reseal: &r}
}

func clone[T any](all []T) []T { return append([]T(nil), all...) }

// What is sealed to an old version is found tip by tip and replaced whole; then the version can go.
func reseals(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a, b := full(t, s), accepted(t, s, tip())
	accepted(t, s, tip(func(a *intake.Acceptance) { a.Tip.KeyVersion = 3 }))
	ids := []string{min(a.Tip.ID, b.Tip.ID), max(a.Tip.ID, b.Tip.ID)}
	got, err := s.SealedTo(t.Context(), desk, 2, "", 9)
	check(t, err)
	equal(t, ids, got)
	got, err = s.SealedTo(t.Context(), desk, 2, ids[0], 9)
	check(t, err)
	equal(t, ids[1:], got)
	got, err = s.SealedTo(t.Context(), desk, 2, "", 1)
	check(t, err)
	equal(t, ids[:1], got)
	got, err = s.SealedTo(t.Context(), elsewhere, 2, "", 9)
	check(t, err)
	equal(t, 0, len(got))
	n, err := s.CountSealedTo(t.Context(), desk, 2)
	check(t, err)
	equal(t, 2, n)

	check(t, s.AskEpoch(t.Context(), intake.DeskKey(desk), 2, "2026-03-03", row("keys.destroy.ask", "")))
	_, act := anew(t, s, b.Tip.ID)
	check(t, s.Act(t.Context(), act))
	read, act := anew(t, s, a.Tip.ID)
	equal(t, []int{2, 1, 2, 1, 1, 1, 1, 1}, []int{len(read.Parts), len(read.Messages), len(read.Containers), len(read.Requests), len(read.Reviews), len(read.Extensions), len(read.Looks), len(read.Holds)})
	equal(t, "inner", string(read.Requests[0].Inner))
	_, err = s.DestroyEpoch(t.Context(), desk, 2, "2026-03-03", row("keys.destroy", ""))
	fails(t, intake.ErrConflict, err)
	check(t, s.Act(t.Context(), act))
	now, err := s.Tip(t.Context(), a.Tip.ID)
	check(t, err)
	want := a.Tip
	want.KeyVersion, want.Commitment = 3, "beef"
	equal(t, want, now)
	after, err := s.SealedUnder(t.Context(), a.Tip.ID, desk, 3)
	check(t, err)
	whole := *act.Reseal
	whole.From, whole.To, whole.Commitment = 3, 0, ""
	for i := range whole.Messages {
		whole.Messages[i].KeyVersion = 3
	}
	whole.Requests[0].KeyVersion, whole.Reviews[0].KeyVersion, whole.Extensions[0].KeyVersion, whole.Looks[0].KeyVersion, whole.Holds[0].KeyVersion = 3, 3, 3, 3, 3
	equal(t, whole, after)

	fails(t, intake.ErrConflict, s.Act(t.Context(), act)) // it was done
	held, err := s.HeldUnder(t.Context(), desk, 2)
	check(t, err)
	equal(t, map[string]int{}, held)
	_, err = s.DestroyEpoch(t.Context(), desk, 2, "2026-03-03", row("keys.destroy", ""))
	check(t, err)

	// A part that runs with the old keys still stores nothing that nobody could open.
	late := tip()
	_, err = s.Accept(t.Context(), late)
	fails(t, intake.ErrNotDurable, err)
	_, err = s.Tip(t.Context(), late.Tip.ID)
	fails(t, intake.ErrNotFound, err)
	act = intake.Act{Audit: row("hold", a.Tip.ID), Hold: &intake.Hold{ID: intake.NewID(), Tip: a.Tip.ID, Desk: desk, By: "sun", On: "2026-03-04", Note: []byte("why"), KeyVersion: 2}}
	fails(t, intake.ErrNotDurable, s.Act(t.Context(), act))
	accepted(t, s, tip(func(a *intake.Acceptance) { a.Tip.KeyVersion = 3 }))
}

// What changed between reading and writing is neither lost nor brought back; what came, stays as it came.
func resealsAmongOthers(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a := full(t, s)
	read, act := anew(t, s, a.Tip.ID)
	gone := read.Extensions[0]
	gone.State, gone.Decider, gone.DecidedOn = intake.ExtensionRefused, "sun", "2026-03-03"
	check(t, s.Act(t.Context(), intake.Act{Audit: row("extension.refuse", a.Tip.ID), Extended: &gone}))
	told := read.Looks[0]
	told.AskedOn = "2026-04-02"
	check(t, s.Act(t.Context(), intake.Act{Audit: row("look.ask", a.Tip.ID), Looked: &told}))
	said(t, s, intake.Message{ID: intake.NewID(), Tip: a.Tip.ID, From: intake.FromReporter, On: "2026-03-03", Sealed: []byte("meanwhile"), KeyVersion: 2})
	check(t, s.Act(t.Context(), act))
	left, err := s.SealedUnder(t.Context(), a.Tip.ID, desk, 2)
	check(t, err)
	equal(t, 1, len(left.Messages))
	after, err := s.SealedUnder(t.Context(), a.Tip.ID, desk, 3)
	check(t, err)
	equal(t, nil, after.Extensions[0].Letter)
	equal(t, nil, after.Looks[0].Letter)
	equal(t, intake.ExtensionRefused, after.Extensions[0].State)

	b := full(t, s)
	read, act = anew(t, s, b.Tip.ID)
	leaves := transfer(t, s, b)
	leaves.Transfer.Holds = read.Holds
	check(t, s.Act(t.Context(), leaves)) // it is another desk's by now
	before, err := s.Part(t.Context(), b.Tip.ID, intake.CompartmentReport, intake.PartName)
	check(t, err)
	fails(t, intake.ErrConflict, s.Act(t.Context(), act))
	still, err := s.Part(t.Context(), b.Tip.ID, intake.CompartmentReport, intake.PartName)
	check(t, err)
	equal(t, string(before), string(still))
	_, act = anew(t, s, b.Tip.ID) // the desk's own requests stay with it
	equal(t, []int{0, 0, 1}, []int{len(act.Reseal.Parts), len(act.Reseal.Messages), len(act.Reseal.Requests)})
	check(t, s.Act(t.Context(), act))
	now, err := s.Tip(t.Context(), b.Tip.ID)
	check(t, err)
	equal(t, 7, now.KeyVersion)
}

// Nor does it hand an identity over to a key that is destroyed: no row is new then.
func handsOverToNoGoneKey(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a := rich(t, s)
	act := transfer(t, s, a)
	check(t, s.Act(t.Context(), act))
	destroy := row("keys.destroy", "")
	destroy.Desk = elsewhere
	check(t, s.AskEpoch(t.Context(), intake.DeskKey(elsewhere), 6, "2026-03-04", destroy))
	_, err := s.DestroyEpoch(t.Context(), elsewhere, 6, "2026-03-04", destroy)
	check(t, err)
	h := &intake.Handover{ID: act.Transfer.Handover.ID, To: elsewhere, KeyVersion: 6, Decider: "wang", On: "2026-03-05",
		Parts: []intake.StoredPart{{Part: intake.Part{Compartment: intake.CompartmentIdentity, Name: intake.PartName, Sealed: []byte("handed")}, N: 1}}}
	h.Arrived = row("identity.handover.in", a.Tip.ID)
	h.Arrived.Desk = elsewhere
	before, err := s.Part(t.Context(), a.Tip.ID, intake.CompartmentIdentity, intake.PartName)
	check(t, err)
	fails(t, intake.ErrNotDurable, s.Act(t.Context(), intake.Act{Audit: row("identity.handover", a.Tip.ID), Handover: h}))
	still, err := s.Part(t.Context(), a.Tip.ID, intake.CompartmentIdentity, intake.PartName)
	check(t, err)
	equal(t, string(before), string(still))
	h.KeyVersion = 7
	check(t, s.Act(t.Context(), intake.Act{Audit: row("identity.handover", a.Tip.ID), Handover: h}))
}
