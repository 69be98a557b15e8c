package storetest

import (
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/store"
)

// mailboxes: marks are one mailbox's own, and what is shown of it keeps the hour in
// which it last worked.
func mailboxes(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	marks := func(name string, known bool, want ...intake.MailboxMark) {
		t.Helper()
		got, was, err := s.MailboxMarks(t.Context(), name)
		check(t, err)
		equal(t, want, got)
		equal(t, known, was)
	}
	marks("box", false)
	one, two := intake.MailboxMark{ID: []byte{0, 1}, Content: []byte("c")}, intake.MailboxMark{ID: []byte{0, 2}}
	check(t, s.MarkMailbox(t.Context(), "box", one, two))
	check(t, s.MarkMailbox(t.Context(), "other", intake.MailboxMark{ID: one.ID}))
	marks("box", true, one, two)
	two.Content = []byte("d")
	check(t, s.MarkMailbox(t.Context(), "box", two))
	check(t, s.UnmarkMailbox(t.Context(), "box", one.ID, []byte("none")))
	marks("box", true, two)
	marks("other", true, intake.MailboxMark{ID: one.ID})
	check(t, s.UnmarkMailbox(t.Context(), "box", two.ID))
	marks("box", false)

	hour := time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
	check(t, s.NoteChannel(t.Context(), intake.ChannelState{Channel: "box", Provider: "imap", WorkedAt: hour, Left: 1}))
	failing := intake.ChannelState{Channel: "box", Provider: "imap", Cause: "login", Since: hour.Add(time.Minute), Failures: 3}
	check(t, s.NoteChannel(t.Context(), failing))
	failing.WorkedAt = hour
	got, err := s.Channels(t.Context())
	check(t, err)
	equal(t, []intake.ChannelState{failing}, got)
	marks("box", true)
}

// leases: one holder at a time, for as long as it says; a clock that was ahead
// holds nobody up.
func leases(t *testing.T, open Opener) {
	s, c := opened(t, open)
	a, b := s.Lease("box", "a"), s.Lease("box", "b")
	try := func(what string, ask func() (bool, error), want bool) {
		t.Helper()
		got, err := ask()
		check(t, err)
		if got != want {
			t.Errorf("%s: %t", what, got)
		}
	}
	acquire := func(l *store.Lease) func() (bool, error) {
		return func() (bool, error) { return l.Acquire(t.Context(), time.Minute) }
	}
	renew := func(l *store.Lease) func() (bool, error) {
		return func() (bool, error) { return l.Renew(t.Context(), time.Minute) }
	}
	try("nobody's", renew(a), false)
	try("free", acquire(a), true)
	try("again", acquire(a), true)
	try("taken", acquire(b), false)
	try("another's", renew(b), false)
	try("another lease", acquire(s.Lease("mail", "b")), true)
	check(t, b.Release(t.Context()))
	c.advance(50 * time.Second)
	try("kept", renew(a), true)
	c.advance(50 * time.Second)
	try("still taken", acquire(b), false)
	c.advance(10 * time.Second)
	try("over", renew(a), false)
	try("free again", acquire(b), true)
	c.advance(-time.Hour)
	try("a clock set back", acquire(a), true)
	check(t, a.Release(t.Context()))
	try("given back", acquire(b), true)
}
