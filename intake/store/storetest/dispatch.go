package storetest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/store"
)

func reachable(a *intake.Acceptance) {
	a.Tip.Reply, a.Tip.RealName = intake.ReplyContact, true
	for _, p := range []string{intake.CompartmentIdentity, intake.CompartmentOriginals} {
		a.Parts = append(a.Parts, intake.Part{Compartment: p, Name: intake.PartName, Sealed: []byte("sealed " + p)})
	}
	for _, c := range []string{intake.CompartmentClean, intake.CompartmentOriginals} {
		a.Containers = append(a.Containers, intake.Container{Compartment: c, Inline: []byte(c), Streams: []intake.Stream{{Name: "1", Length: 5}}})
	}
	a.SenderTag = []byte("sender " + a.Tip.ID)
}

func written(a *intake.Acceptance) *intake.Dispatch {
	return &intake.Dispatch{ID: intake.NewID(), Tip: a.Tip.ID, Desk: desk, Message: intake.NewID(), Asker: "li", AskedOn: "2026-03-02",
		Inner: []byte("inner"), Text: []byte("answer"), State: intake.DispatchWaiting, On: "2026-03-02"}
}

func claimed(d *intake.Dispatch, by string, again bool) intake.Act {
	return intake.Act{Audit: row("dispatch.claim", d.Tip), Claim: &intake.Claim{ID: d.ID, Member: by, On: "2026-03-03", At: newClock().now().Unix(), Again: again}}
}

// Whoever presses, one of them has it to send; what went out leaves nothing behind.
func dispatches(t *testing.T, open Opener) {
	s, c := opened(t, open)
	a := accepted(t, s, tip(reachable))
	first, second := written(a), written(a)
	for _, d := range []*intake.Dispatch{first, second} {
		check(t, s.Act(t.Context(), intake.Act{Audit: row("message", a.Tip.ID), Dispatch: d}))
	}
	got, err := s.Dispatches(t.Context(), desk, "", 9, intake.OpenDispatches()...)
	check(t, err)
	equal(t, []intake.Dispatch{*first, *second}, got)
	waiting(t, s, 0, 2)
	one, err := s.Dispatches(t.Context(), desk, a.Tip.ID, 1)
	check(t, err)
	equal(t, 1, len(one))

	var won atomic.Int32
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if err := s.Act(t.Context(), claimed(first, "wang", true)); err == nil {
				won.Add(1)
			} else {
				fails(t, intake.ErrConflict, err)
			}
		})
	}
	wait.Wait()
	equal(t, int32(1), won.Load())
	sent := *first
	sent.State, sent.Channel, sent.Decider, sent.On, sent.Tries = intake.DispatchFailed, intake.SMS, "wang", "2026-03-03", 1
	sent.Result = intake.SendLimited
	check(t, s.Act(t.Context(), intake.Act{Audit: row("dispatch.failed", a.Tip.ID), Sent: &sent}))
	kept, err := s.Dispatch(t.Context(), first.ID)
	check(t, err)
	equal(t, sent, kept)

	check(t, s.Act(t.Context(), claimed(first, "sun", false)))
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("dispatch.sent", a.Tip.ID), Sent: &sent})) // of the try before
	n, err := s.GiveUpSending(t.Context(), c.now().Add(9*time.Minute))
	check(t, err)
	equal(t, 0, n)
	n, err = s.GiveUpSending(t.Context(), c.now().Add(10*time.Minute))
	check(t, err)
	equal(t, 1, n)
	fails(t, intake.ErrConflict, s.Act(t.Context(), claimed(first, "sun", false)))
	check(t, s.Act(t.Context(), claimed(first, "sun", true)))
	sent.State, sent.Result, sent.Decider, sent.Tries, sent.Inner, sent.Text = intake.DispatchSent, "", "sun", 3, nil, nil
	check(t, s.Act(t.Context(), intake.Act{Audit: row("dispatch.sent", a.Tip.ID), Sent: &sent}))
	kept, err = s.Dispatch(t.Context(), first.ID)
	check(t, err)
	equal(t, sent, kept)
	waiting(t, s, 0, 1)
	dispatchEnds(t, s, c, a, second)
}

// dispatchEnds returns one, and lets another one lapse.
func dispatchEnds(t *testing.T, s *store.Store, c *clock, a *intake.Acceptance, d *intake.Dispatch) {
	t.Helper()
	back := *d
	back.State, back.Decider, back.On = intake.DispatchReturned, "wang", "2026-03-03"
	check(t, s.Act(t.Context(), intake.Act{Audit: row("dispatch.return", a.Tip.ID), Returned: &back}))
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("dispatch.return", a.Tip.ID), Returned: &back}))
	fails(t, intake.ErrConflict, s.Act(t.Context(), claimed(d, "wang", true)))
	late := written(a)
	check(t, s.Act(t.Context(), intake.Act{Audit: row("message", a.Tip.ID), Dispatch: late}))
	_, err := s.Expire(t.Context(), c.now().AddDate(0, 0, 29))
	check(t, err)
	got, err := s.Dispatch(t.Context(), late.ID)
	check(t, err)
	equal(t, intake.DispatchWaiting, got.State)
	_, err = s.Expire(t.Context(), c.now().AddDate(0, 0, 32))
	check(t, err)
	got, err = s.Dispatch(t.Context(), late.ID)
	check(t, err)
	equal(t, intake.DispatchStopped, got.State)
	equal(t, intake.ResultLapsed, got.Result)
	equal(t, 0, len(got.Inner)+len(got.Text))
	_, err = s.Dispatch(t.Context(), "none")
	fails(t, intake.ErrNotFound, err)
}

// A wish holds from its commit: nothing is claimed, nothing more is taken out.
func wishes(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	a, b := accepted(t, s, tip(reachable)), accepted(t, s, tip(reachable))
	d, r := written(a), asked(a)
	check(t, s.Act(t.Context(), intake.Act{Audit: row("message", a.Tip.ID), Dispatch: d}))
	check(t, s.Act(t.Context(), intake.Act{Audit: row("identity.ask", a.Tip.ID), Ask: r}))
	withdraw := intake.Wish{Tip: a.Tip.ID, Kind: intake.WishWithdraw, On: "2026-03-04"}
	quiet := intake.Wish{Tip: b.Tip.ID, Kind: intake.WishNoContact, On: "2026-03-04"}
	fails(t, intake.ErrNotFound, s.Wish(t.Context(), intake.Wish{Tip: "none", Kind: intake.WishWithdraw, On: "2026-03-04"}))
	check(t, s.Act(t.Context(), intake.Act{Audit: row("read", a.Tip.ID), Read: true}))
	for _, w := range []intake.Wish{withdraw, quiet, {Tip: a.Tip.ID, Kind: intake.WishWithdraw, On: "2026-03-05"}} {
		check(t, s.Wish(t.Context(), w))
	}
	all, err := s.OpenWishes(t.Context(), 9)
	check(t, err)
	equal(t, 2, len(all))
	one, err := s.Wishes(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, []intake.Wish{withdraw}, one)

	row1, err := s.Tip(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, intake.ReplyReceipt, row1.Reply)
	equal(t, false, row1.RealName)
	equal(t, true, row1.Unread)
	row2, err := s.Tip(t.Context(), b.Tip.ID)
	check(t, err)
	equal(t, true, row2.DoNotContact && !row1.DoNotContact)
	equal(t, true, row2.RealName)

	fails(t, intake.ErrConflict, s.Act(t.Context(), claimed(d, "wang", true)))
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("identity.ask", a.Tip.ID), Ask: asked(a)}))
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("message", a.Tip.ID), Dispatch: written(a)}))
	check(t, s.Act(t.Context(), intake.Act{Audit: row("message", b.Tip.ID), Dispatch: written(b)})) // and isn't kept
	none, err := s.Dispatches(t.Context(), desk, b.Tip.ID, 9)
	check(t, err)
	equal(t, 0, len(none))
	wishCarried(t, s, a, withdraw, d, r)
}

func wishCarried(t *testing.T, s *store.Store, a *intake.Acceptance, w intake.Wish, d *intake.Dispatch, r *intake.Custody) {
	t.Helper()
	check(t, s.Act(t.Context(), intake.Act{Audit: row("identity.destroy", a.Tip.ID), Carry: &w}))
	fails(t, intake.ErrConflict, s.Act(t.Context(), intake.Act{Audit: row("identity.destroy", a.Tip.ID), Carry: &w}))
	for _, p := range []string{intake.CompartmentIdentity, intake.CompartmentOriginals} {
		_, err := s.Part(t.Context(), a.Tip.ID, p, intake.PartName)
		fails(t, intake.ErrNotFound, err)
	}
	_, err := s.Part(t.Context(), a.Tip.ID, intake.CompartmentReport, intake.PartName)
	check(t, err)
	containers, err := s.Containers(t.Context(), a.Tip.ID)
	check(t, err)
	equal(t, 1, len(containers))
	equal(t, intake.CompartmentClean, containers[0].Compartment)
	same, err := s.SameSender(t.Context(), a.Tip, "2026-03-01", 9)
	check(t, err)
	equal(t, 0, len(same))
	gone, err := s.Custody(t.Context(), r.ID)
	check(t, err)
	equal(t, intake.CustodyClosed, gone.State)
	equal(t, 0, len(gone.Inner)+len(gone.View))
	over, err := s.Dispatch(t.Context(), d.ID)
	check(t, err)
	equal(t, intake.DispatchStopped, over.State)
	equal(t, 0, len(over.Inner)+len(over.Text))
	th, err := s.Thread(t.Context(), a.ReceiptTag)
	check(t, err)
	equal(t, false, th.Identity)
	equal(t, []intake.Wish{w}, th.Wishes)
	equal(t, []intake.Dispatch{{State: intake.DispatchStopped, On: w.On}}, th.Dispatches)
}

// Urgent tips of the normal lane are announced once by each way, also one that is
// released.
func alerts(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	urgent := func(a *intake.Acceptance) { a.Tip.Urgent = true }
	a, h := accepted(t, s, tip(urgent)), accepted(t, s, tip(urgent, held))
	accepted(t, s, tip())
	want := func(way string, today intake.Date, ids ...string) {
		t.Helper()
		got, err := s.Urgent(t.Context(), desk, way, today, 9)
		check(t, err)
		equal(t, ids, got)
	}
	want("mail", "2026-03-02", a.Tip.ID)
	want("mail", "2026-03-16")
	check(t, s.Alerted(t.Context(), "mail", a.Tip.ID, a.Tip.ID))
	want("mail", "2026-03-02")
	want("webhook", "2026-03-02", a.Tip.ID)
	check(t, s.Act(t.Context(), intake.Act{Audit: row("release", h.Tip.ID), Release: true}))
	want("mail", "2026-03-02", h.Tip.ID)
	other, err := s.Urgent(t.Context(), "another", "mail", "2026-03-02", 9)
	check(t, err)
	equal(t, 0, len(other))
}
