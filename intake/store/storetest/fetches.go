package storetest

import (
	"errors"
	"testing"
	"time"

	"tipline/intake"
)

// fetches: what comes with a tip is due at once, one taker has it for a while, what
// fails waits or is given up, a handler has it tried again, and with the message that
// brings it it ends. Nothing is fetched for who withdrew.
func fetches(t *testing.T, open Opener) {
	s, c := opened(t, open)
	waits := func(id string) func(*intake.Acceptance) {
		return func(a *intake.Acceptance) {
			a.Fetches = []intake.Fetch{{ID: id, Tip: a.Tip.ID, Gateway: "city", N: 1, On: a.Tip.ReceivedOn, State: intake.FetchWaiting, Sealed: []byte("sealed " + id)}}
		}
	}
	a, b := accepted(t, s, tip(waits("a"))), accepted(t, s, tip(waits("b")))
	due := func(want ...string) (first intake.DueFetch) {
		t.Helper()
		got, err := s.DueFetches(t.Context(), c.now(), 10)
		check(t, err)
		var ids []string
		for _, f := range got {
			ids = append(ids, f.ID)
			if string(f.Sealed) != "sealed "+f.ID || f.Desk != desk {
				t.Errorf("%+v", f)
			}
		}
		equal(t, want, ids)
		if len(got) > 0 {
			first = got[0]
		}
		return first
	}
	first := due("a", "b")
	for _, want := range []bool{true, false} {
		claimed, err := s.ClaimFetch(t.Context(), first.Fetch, c.now().Add(time.Minute))
		check(t, err)
		equal(t, want, claimed)
	}
	due("b")
	c.advance(2 * time.Minute)
	due("b", "a")
	check(t, s.FailFetch(t.Context(), "b", intake.FetchUnreachable, c.now().Add(time.Hour)))
	check(t, s.Act(t.Context(), intake.Act{Audit: intake.Audit{At: c.now(), Member: "li", Act: "read", Tip: a.Tip.ID}, Read: true}))
	check(t, s.FailFetch(t.Context(), "a", intake.FetchGone, time.Time{}))
	due()
	row, err := s.Tip(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, true, row.Unread)
	failed, err := s.FailedFetches(t.Context(), desk, 10)
	check(t, err)
	equal(t, []intake.Fetch{{ID: "a", Tip: a.Tip.ID, Gateway: "city", N: 1, On: a.Tip.ReceivedOn, State: intake.FetchFailed, Cause: intake.FetchGone, Tries: 1, Again: failed[0].Again}}, failed)

	again := intake.Act{Audit: intake.Audit{At: c.now(), Member: "li", Act: "media", Tip: a.Tip.ID}, Refetch: "a"}
	check(t, s.Act(t.Context(), again))
	if err := s.Act(t.Context(), again); !errors.Is(err, intake.ErrConflict) {
		t.Errorf("once more: %v", err)
	}
	due("a")
	f := intake.FollowUp{Message: intake.Message{ID: intake.NewID(), Tip: a.Tip.ID, From: intake.FromReporter, On: "2026-03-02", Sealed: []byte("m"), KeyVersion: 1}, Fetched: "a"}
	for _, want := range []bool{false, true} {
		duplicate, err := s.AddFollowUp(t.Context(), f)
		check(t, err)
		equal(t, want, duplicate)
	}
	f.ID = intake.NewID()
	duplicate, err := s.AddFollowUp(t.Context(), f)
	check(t, err)
	equal(t, true, duplicate) // it came by another way

	check(t, s.Wish(t.Context(), intake.Wish{Tip: b.Tip.ID, Kind: intake.WishWithdraw, On: "2026-03-02"}))
	left, err := s.Fetches(t.Context(), b.Tip.ID)
	check(t, err)
	equal(t, 0, len(left))
	accepted(t, s, tip(waits("old")))
	_, err = s.Expire(t.Context(), c.now().AddDate(0, 1, 0))
	check(t, err)
	c.advance(24 * time.Hour)
	due()
}
