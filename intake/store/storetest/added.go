package storetest

import (
	"reflect"
	"slices"
	"testing"

	"tipline/intake"
	"tipline/intake/store"
)

// said adds a reporter's message, and adds it again, which changes nothing.
func said(t *testing.T, s *store.Store, m intake.Message) {
	t.Helper()
	for _, want := range []bool{false, true} {
		duplicate, err := s.AddFollowUp(t.Context(), intake.FollowUp{Message: m})
		check(t, err)
		equal(t, want, duplicate)
	}
}

// Files that were added stand in containers of their own beside the report's, and are stored once.
func additions(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a := accepted(t, s, tip())
	f := intake.FollowUp{Message: intake.Message{ID: intake.NewID(), Tip: a.Tip.ID, From: intake.FromReporter, On: "2026-03-02", Sealed: []byte("m"), KeyVersion: 1, Files: 2},
		Parts: []intake.Part{{Compartment: intake.CompartmentFollowUps, Name: "x.files", Sealed: []byte("files")}},
		Containers: []intake.Container{{Compartment: "clean.b1", Inline: []byte("c"), Streams: []intake.Stream{{Name: "1.b1", Length: 1}}},
			{Compartment: "originals.b1", Streams: []intake.Stream{{Name: "1.b1", Length: 70_000}}}}}
	for _, want := range []bool{false, true} {
		duplicate, err := s.AddFollowUp(t.Context(), f)
		check(t, err)
		equal(t, want, duplicate)
	}
	got, err := s.Containers(t.Context(), a.Tip.ID)
	check(t, err)
	for _, c := range f.Containers {
		if !slices.ContainsFunc(got, func(g intake.Container) bool { return reflect.DeepEqual(g, c) }) {
			t.Errorf("container %s isn't there as it was given", c.Compartment)
		}
	}
	equal(t, len(a.Containers)+2, len(got))
	sealed, err := s.Part(t.Context(), a.Tip.ID, intake.CompartmentFollowUps, "x.files")
	check(t, err)
	equal(t, "files", string(sealed))
	thread, err := s.Thread(t.Context(), a.ReceiptTag)
	check(t, err)
	equal(t, 1, thread.Additions)
	equal(t, []intake.Message{f.Message}, thread.Messages)
	for compartment, want := range map[string]bool{"clean.b1": true, "clean.b2": false} {
		has, err := s.HasFile(t.Context(), a.Tip.ID, compartment)
		check(t, err)
		equal(t, want, has)
	}
}

// What is read of a message later takes the place of its sender, in one transaction with the
// record, and once.
func readings(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a := accepted(t, s, tip())
	f := intake.FollowUp{Message: intake.Message{ID: intake.RereadID(a.Tip.ID), Tip: a.Tip.ID, Desk: desk, From: intake.FromReporter, On: "2026-03-02", Sealed: []byte("m"), KeyVersion: 1},
		Reading: &intake.Reading{Found: intake.Found{Reply: intake.ReplyContact, RealName: true}, Audit: row("reread", a.Tip.ID),
			Identity: &intake.Part{Compartment: intake.CompartmentIdentity, Name: intake.PartName, Sealed: []byte("who")},
			Fetches:  []intake.Fetch{{ID: "f1", Tip: a.Tip.ID, Gateway: "city", N: 1, On: "2026-03-02", Sealed: []byte("where"), State: intake.FetchWaiting}}}}
	for _, want := range []bool{false, true} {
		duplicate, err := s.AddFollowUp(t.Context(), f)
		check(t, err)
		equal(t, want, duplicate)
	}
	sealed, err := s.Part(t.Context(), a.Tip.ID, intake.CompartmentIdentity, intake.PartName)
	check(t, err)
	equal(t, "who", string(sealed))
	now, err := s.Tip(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, intake.ReplyContact, now.Reply)
	equal(t, true, now.RealName)
	waiting, err := s.Fetches(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, 1, len(waiting))
	rows, err := s.AuditRows(t.Context(), 0, 100)
	check(t, err)
	equal(t, "reread", rows[len(rows)-1].Act)

	check(t, s.Wish(t.Context(), intake.Wish{Tip: a.Tip.ID, Kind: intake.WishWithdraw, On: "2026-03-03"}))
	f.ID = intake.NewID()
	_, err = s.AddFollowUp(t.Context(), f)
	fails(t, intake.ErrConflict, err)
}
