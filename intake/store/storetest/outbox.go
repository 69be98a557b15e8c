package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"tipline/intake"
)

func outboxOrder(t *testing.T, open Opener) {
	s, c := opened(t, open)
	a, b := accepted(t, s, tip()), accepted(t, s, tip())
	follow := event(a.Tip, intake.EventAccepted)
	check(t, s.Act(t.Context(), intake.Act{Audit: row("state", a.Tip.ID), Event: follow}))
	claim := func(who string, n int) []intake.Event {
		got, err := s.ClaimEvents(t.Context(), who, n, time.Minute)
		check(t, err)
		return got
	}
	equal(t, []intake.Event{*a.Event}, claim("one", 1))
	// the later event of a's waits for the one who holds the earlier
	equal(t, []intake.Event{*b.Event}, claim("two", 9))
	equal(t, nil, claim("three", 9))
	equal(t, []intake.Event{*follow}, claim("one", 9))
	check(t, s.ReturnEvents(t.Context(), "one", a.Event.ID, follow.ID, b.Event.ID)) // b isn't one's to return
	equal(t, []intake.Event{*a.Event, *follow}, claim("three", 9))
	check(t, s.FinishEvents(t.Context(), "one", a.Event.ID)) // nor is a's any more
	c.advance(time.Minute - time.Second)
	equal(t, nil, claim("four", 9))
	c.advance(time.Second)
	equal(t, []intake.Event{*a.Event, *b.Event, *follow}, claim("four", 9))
	check(t, s.FinishEvents(t.Context(), "four", a.Event.ID, b.Event.ID, follow.ID))
	waiting, oldest, err := s.OutboxStats(t.Context(), "")
	check(t, err)
	equal(t, 0, waiting)
	equal(t, "", oldest)
}

// A claim made under a clock that was then set back holds nobody up for longer
// than a claim may last.
func clockSetBack(t *testing.T, open Opener) {
	s, c := opened(t, open)
	a := accepted(t, s, tip())
	follow := event(a.Tip, intake.EventAccepted)
	check(t, s.Act(t.Context(), intake.Act{Audit: row("state", a.Tip.ID), Event: follow}))
	claim := func(who string) []intake.Event {
		got, err := s.ClaimEvents(t.Context(), who, 9, time.Minute)
		check(t, err)
		return got
	}
	c.advance(20 * time.Hour)
	equal(t, []intake.Event{*a.Event, *follow}, claim("one"))
	c.advance(-20 * time.Hour)
	equal(t, []intake.Event{*a.Event, *follow}, claim("two"))
	equal(t, nil, claim("three"))
}

// Several claimers, some of which die with what they hold: every event is
// delivered, each tip's in order, and no two hold one at a time.
func claimers(t *testing.T, open Opener) {
	s, c := opened(t, open)
	const tips, each, lease = 30, 4, time.Minute
	for range tips {
		a := accepted(t, s, tip())
		for n := 1; n < each; n++ {
			check(t, s.Act(t.Context(), intake.Act{Audit: row("state", a.Tip.ID), Event: event(a.Tip, intake.EventType(fmt.Sprint(n)))}))
		}
	}
	var mu sync.Mutex
	heldBy, finished := map[string]int{}, map[string][]string{}
	round := func(who int, dies bool) (claimed int) {
		name := fmt.Sprint(who)
		events, err := s.ClaimEvents(t.Context(), name, 7, lease)
		if err != nil {
			t.Error(err)
			return 0
		}
		for _, e := range events {
			mu.Lock()
			heldBy[e.ID]++
			if heldBy[e.ID] > 1 {
				t.Errorf("event %s is held twice", e.ID)
			}
			mu.Unlock()
			if dies {
				continue
			}
			mu.Lock()
			heldBy[e.ID]--
			finished[e.Subject] = append(finished[e.Subject], string(e.Type))
			mu.Unlock()
			if err := s.FinishEvents(t.Context(), name, e.ID); err != nil {
				t.Error(err)
			}
		}
		return len(events)
	}
	for generation := range 3 {
		var wait sync.WaitGroup
		for who := range 4 {
			dies := generation < 2 && who == 0
			wait.Go(func() {
				for round(10*generation+who, dies) > 0 && !dies {
				}
			})
		}
		wait.Wait()
		clear(heldBy)
		c.advance(lease)
	}
	equal(t, tips, len(finished))
	for tip, types := range finished {
		if !slices.Equal(types, []string{string(intake.EventReceived), "1", "2", "3"}) {
			t.Errorf("tip %s was told as %v", tip, types)
		}
	}
}

func standings(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	want := map[string]intake.Standing{}
	add := func(a *intake.Acceptance) *intake.Acceptance {
		accepted(t, s, a)
		want[a.Tip.ID] = intake.Standing{Tip: a.Tip.ID, Desk: desk, Lane: a.Tip.Lane, Waiting: a.Event != nil}
		return a
	}
	taken := add(tip())
	events, err := s.ClaimEvents(t.Context(), "relay", 1, time.Minute)
	check(t, err)
	check(t, s.FinishEvents(t.Context(), "relay", events[0].ID))
	want[taken.Tip.ID] = intake.Standing{Tip: taken.Tip.ID, Desk: desk, Lane: intake.Normal}
	for range 1001 { // more than is read at once
		add(tip(held))
	}
	add(tip())
	last, got := "", map[string]intake.Standing{}
	for st, err := range s.Standings(t.Context(), desk) {
		check(t, err)
		if st.Tip <= last {
			t.Fatalf("tip %s comes behind %s", st.Tip, last)
		}
		last, got[st.Tip] = st.Tip, st
	}
	equal(t, want, got)
}
