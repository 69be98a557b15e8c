package storetest

import (
	"errors"
	"sync"
	"testing"

	"tipline/intake"
	"tipline/intake/store"
)

// of makes a tip of a sender known by a tag.
func of(sender string, day intake.Date) func(*intake.Acceptance) {
	return func(a *intake.Acceptance) { a.SenderTag, a.Tip.ReceivedOn = []byte(sender), day }
}

func texts(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	first := accepted(t, s, tip(of("sender", "2026-03-01")))
	other := accepted(t, s, tip(of("other", "2026-03-01")))
	for day, want := range map[intake.Date]error{"2026-03-01": nil, "2026-03-03": nil, "2026-03-04": intake.ErrNotFound} {
		got, err := s.Latest(t.Context(), []byte("sender"), day)
		fails(t, want, err)
		if want == nil {
			equal(t, first.Tip.ID, got.ID)
		}
	}
	join := intake.Joining{Tags: [][]byte{[]byte("m2"), []byte("n2")}, Nonce: []byte("n2"),
		Message: intake.Message{ID: "message", Tip: first.Tip.ID, From: intake.FromReporter, On: "2026-03-02", Sealed: []byte("sealed"), KeyVersion: 1}}
	got, err := s.Join(t.Context(), join)
	check(t, err)
	equal(t, intake.Accepted{ID: first.Tip.ID, ReceivedOn: "2026-03-01", State: intake.StateReceived}, got)
	join.Message.ID = "again"
	got, err = s.Join(t.Context(), join)
	check(t, err)
	equal(t, intake.Accepted{ID: first.Tip.ID, ReceivedOn: "2026-03-01", State: intake.StateReceived, Duplicate: true}, got)
	messages, err := s.Messages(t.Context(), first.Tip.ID)
	check(t, err)
	equal(t, 1, len(messages))
	stops(t, s, first, other)
}

// stops is what a sender's wish does to tips that are there and to those that come.
func stops(t *testing.T, s *store.Store, first, other *intake.Acceptance) {
	t.Helper()
	n, err := s.Stop(t.Context(), []byte("sender"), "2026-03-02")
	check(t, err)
	equal(t, 1, n)
	check(t, s.Act(t.Context(), intake.Act{Audit: row("state", first.Tip.ID), Move: &intake.Move{From: intake.StateReceived, To: intake.StateDeclined, On: "2026-03-02"}}))
	_, err = s.Latest(t.Context(), []byte("sender"), "2026-03-02")
	fails(t, intake.ErrNotFound, err)
	_, err = s.Join(t.Context(), intake.Joining{Tags: [][]byte{[]byte("m3")}, Message: intake.Message{ID: "late", Tip: first.Tip.ID, From: intake.FromReporter, On: "2026-03-02", Sealed: []byte("x"), KeyVersion: 1}})
	fails(t, intake.ErrConflict, err)
	got, err := s.Accept(t.Context(), tip(of("sender", "2026-03-03"), func(a *intake.Acceptance) { a.MessageTag = []byte("m3") }))
	check(t, err)
	equal(t, true, got.DoNotContact && !got.Duplicate) // what the failed joining claimed is free
	for id, want := range map[string]bool{first.Tip.ID: true, got.ID: true, other.Tip.ID: false} {
		there, err := s.Tip(t.Context(), id)
		check(t, err)
		equal(t, want, there.DoNotContact)
	}
}

// opens: of a sender's texts that come at once one begins a tip, in whatever process; what takes nothing up any more,
// and what another sender wrote, is in nobody's way.
func opens(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	on := func(sender string, day intake.Date) *intake.Acceptance {
		return tip(of(sender, day), func(a *intake.Acceptance) { a.Opens = true })
	}
	var running sync.WaitGroup
	var mu sync.Mutex
	begun := map[string][]string{}
	for i := range 24 {
		running.Go(func() {
			a := on([]string{"sender", "other"}[i%2], "2026-03-01")
			_, err := s.Accept(t.Context(), a)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				begun[string(a.SenderTag)] = append(begun[string(a.SenderTag)], a.Tip.ID)
			} else if !errors.Is(err, intake.ErrConflict) {
				t.Error(err)
			}
		})
	}
	running.Wait()
	if len(begun["sender"]) != 1 || len(begun["other"]) != 1 || len(all(t.Context(), t, s, intake.Filter{})) != 2 {
		t.Fatalf("begun: %v", begun)
	}
	again := on("sender", "2026-03-03")
	again.MessageTag = []byte("message")
	_, err := s.Accept(t.Context(), again)
	fails(t, intake.ErrConflict, err)
	again.Opens = false
	accepted(t, s, again) // nothing of it was kept
	accepted(t, s, on("sender", "2026-03-06"))
	check(t, s.Act(t.Context(), intake.Act{Audit: row("state", begun["other"][0]), Move: &intake.Move{From: intake.StateReceived, To: intake.StateSpam, On: "2026-03-02"}}))
	anew := on("other", "2026-03-02")
	accepted(t, s, anew)
	got, err := s.Accept(t.Context(), anew) // run again, when nobody knows whether it was committed
	check(t, err)
	equal(t, intake.Accepted{ID: anew.Tip.ID, ReceivedOn: "2026-03-02", State: intake.StateReceived}, got)
}

func waits(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	part := func(number int, tag string) intake.WaitingPart {
		return intake.WaitingPart{Group: []byte("group"), Number: number, Of: 2, Tag: []byte(tag), On: "2026-03-01", Sealed: []byte("sealed " + tag)}
	}
	for range 2 { // a redelivery waits as well
		known, err := s.Await(t.Context(), part(2, "b"))
		check(t, err)
		equal(t, intake.Accepted{}, known)
	}
	_, err := s.Await(t.Context(), part(2, "c"))
	fails(t, intake.ErrConflict, err)
	_, err = s.Await(t.Context(), part(1, "a"))
	check(t, err)
	parts, err := s.Parts(t.Context(), []byte("group"))
	check(t, err)
	first, second := part(1, "a"), part(2, "b")
	first.On, second.On = "", ""
	equal(t, []intake.WaitingPart{first, second}, parts)
	a := accepted(t, s, tip(func(a *intake.Acceptance) {
		a.MessageTag, a.PartTags, a.Waited = []byte("a"), [][]byte{[]byte("b")}, []byte("group")
	}))
	groups, err := s.Groups(t.Context())
	check(t, err)
	equal(t, 0, len(groups))
	known, err := s.Await(t.Context(), part(2, "b"))
	check(t, err)
	equal(t, intake.Accepted{ID: a.Tip.ID, ReceivedOn: a.Tip.ReceivedOn, State: a.Tip.State, Duplicate: true}, known)
	for day, again := range map[intake.Date]bool{"2026-03-15": true, "2026-03-16": false} { // a provider may give a number out again
		late := part(2, "b")
		late.On = day
		known, err = s.Await(t.Context(), late)
		check(t, err)
		equal(t, again, known.Duplicate)
	}
}
