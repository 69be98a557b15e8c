package storetest

import (
	"testing"
	"time"

	"tipline/intake"
)

func acceptKeeps(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a := accepted(t, s, tip(func(a *intake.Acceptance) {
		a.Tip.Urgent, a.Tip.RealName, a.Tip.Files = true, true, 2
		a.Parts = append(a.Parts, intake.Part{Compartment: intake.CompartmentIdentity, Name: intake.PartName, Sealed: []byte{0, 1, 0xff}})
		a.Containers = []intake.Container{
			{Compartment: intake.CompartmentClean, Inline: []byte("small"), Streams: []intake.Stream{{Name: "2", Length: 3}, {Name: "1", Offset: 3, Length: 2}}},
			{Compartment: intake.CompartmentOriginals, Streams: []intake.Stream{{Name: "raw", Length: 1 << 40}}},
		}
		a.SenderTag = []byte("sender")
		r := row("keyin", a.Tip.ID)
		a.Audit = &r
	}))
	got, err := s.Tip(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, a.Tip, got)
	thread, err := s.Thread(t.Context(), a.ReceiptTag)
	check(t, err)
	equal(t, intake.Thread{Tip: a.Tip, Reporter: a.Reporter, History: []intake.Change{{State: intake.StateReceived, On: "2026-03-01"}}, Identity: true}, thread)
	for _, p := range a.Parts {
		sealed, err := s.Part(t.Context(), a.Tip.ID, p.Compartment, p.Name)
		check(t, err)
		equal(t, p.Sealed, sealed)
	}
	containers, err := s.Containers(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, a.Containers, containers)
	reporter, err := s.Reporter(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, a.Reporter, reporter)
	head, err := s.AuditHead(t.Context())
	check(t, err)
	equal(t, "keyin", head.Act)
	unknown(t, open)
}

func unknown(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	_, err := s.Tip(t.Context(), "none")
	fails(t, intake.ErrNotFound, err)
	_, err = s.Thread(t.Context(), []byte("none"))
	fails(t, intake.ErrUnknownReceipt, err)
	_, err = s.Part(t.Context(), "none", intake.CompartmentReport, intake.PartName)
	fails(t, intake.ErrNotFound, err)
	_, err = s.Reporter(t.Context(), "none")
	fails(t, intake.ErrNotFound, err)
	has, err := s.HasTip(t.Context(), "none")
	check(t, err)
	equal(t, false, has)
}

func acceptReceiptTwice(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	first := accepted(t, s, tip())
	check(t, s.Act(t.Context(), intake.Act{Audit: row("state", first.Tip.ID), Move: &intake.Move{From: intake.StateReceived, To: intake.StateReviewing, On: "2026-03-02"}}))
	second := tip(func(a *intake.Acceptance) {
		a.ReceiptTag, a.MessageTag, a.Tip.ReceivedOn = first.ReceiptTag, []byte("message"), "2026-03-03"
	})
	got, err := s.Accept(t.Context(), second)
	check(t, err)
	equal(t, intake.Accepted{ID: first.Tip.ID, ReceivedOn: "2026-03-01", State: intake.StateReviewing, Duplicate: true}, got)
	_, err = s.Tip(t.Context(), second.Tip.ID)
	fails(t, intake.ErrNotFound, err)
	waiting, oldest, err := s.OutboxStats(t.Context(), "")
	check(t, err)
	equal(t, 1, waiting)
	equal(t, "2026-03-01", oldest)
	// what the duplicate began to write is undone with it
	accepted(t, s, tip(func(a *intake.Acceptance) { a.MessageTag = []byte("message") }))
}

func acceptMessageTwice(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	withTag := func(a *intake.Acceptance) { a.MessageTag = []byte("message") }
	first := accepted(t, s, tip(withTag, held))
	second := tip(withTag)
	got, err := s.Accept(t.Context(), second)
	check(t, err)
	equal(t, intake.Accepted{ID: first.Tip.ID, ReceivedOn: "2026-03-01", State: intake.StateReceived, Duplicate: true}, got)
	_, err = s.Thread(t.Context(), second.ReceiptTag)
	fails(t, intake.ErrUnknownReceipt, err)
	equal(t, 1, len(all(t.Context(), t, s, intake.Filter{})))
}

// A redelivery within 14 days is the same tip; later the tag is free again, also
// before anything has swept it away.
func messageTagEnds(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	on := func(day intake.Date) func(*intake.Acceptance) {
		return func(a *intake.Acceptance) { a.MessageTag, a.Tip.ReceivedOn = []byte("message"), day }
	}
	accepted(t, s, tip(on("2026-03-01")))
	got, err := s.Accept(t.Context(), tip(on("2026-03-15")))
	check(t, err)
	equal(t, true, got.Duplicate)
	later := accepted(t, s, tip(on("2026-03-16")))
	got, err = s.Accept(t.Context(), tip(on("2026-03-17")))
	check(t, err)
	equal(t, later.Tip.ID, got.ID)
}

// A nonce is good for one message, for longer than the message's id; every part of
// a text is known again on its own.
func noncesAndParts(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	known := func(day intake.Date, message, nonce string, parts ...string) func(*intake.Acceptance) {
		return func(a *intake.Acceptance) {
			a.MessageTag, a.NonceTag, a.Tip.ReceivedOn = []byte(message), []byte(nonce), day
			for _, p := range parts {
				a.PartTags = append(a.PartTags, []byte(p))
			}
		}
	}
	first := accepted(t, s, tip(known("2026-03-01", "m1", "n1", "p2", "p3")))
	for name, again := range map[string]func(*intake.Acceptance){
		"another message under the nonce": known("2026-03-01", "m2", "n1"),
		"the nonce after a year":          known("2027-03-01", "m3", "n1"),
		"a part":                          known("2026-03-02", "p3", ""),
		"a part of another":               known("2026-03-02", "m4", "", "p2"),
		"the whole":                       known("2026-03-02", "m1", "n2", "p2", "p3"),
	} {
		got, err := s.Accept(t.Context(), tip(again))
		check(t, err)
		if got.ID != first.Tip.ID || !got.Duplicate {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for _, day := range []intake.Date{"2026-03-02", "2027-05-01"} { // new ones, and the nonce when its time is over
		got, err := s.Accept(t.Context(), tip(known(day, "m5"+string(day), map[intake.Date]string{"2026-03-02": "n5", "2027-05-01": "n1"}[day])))
		check(t, err)
		equal(t, false, got.Duplicate)
	}
}

func expiry(t *testing.T, open Opener) {
	s, c := opened(t, open)
	a := accepted(t, s, tip(func(a *intake.Acceptance) { a.MessageTag, a.SenderTag = []byte("message"), []byte("sender") }))
	gone := func(after time.Duration) int {
		n, err := s.Expire(t.Context(), c.now().Add(after))
		check(t, err)
		return n
	}
	const day = 24 * time.Hour
	equal(t, 0, gone(2*day))
	equal(t, 1, gone(3*day)) // the sender's, within 72 hours
	equal(t, 0, gone(14*day))
	equal(t, 1, gone(15*day)) // the message's
	has, err := s.HasTip(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, true, has)
}
