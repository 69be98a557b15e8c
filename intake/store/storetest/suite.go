// Package storetest is what every store must do, whatever database is under it:
// one suite that each runs with its own way to open one.
package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
	"tipline/intake/store"
)

// Opener opens an empty store for one test with the options' clock and zone, and
// closes it with the test.
type Opener func(t *testing.T, o store.Options) *store.Store

// Run runs the suite.
func Run(t *testing.T, open Opener) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, open Opener)
	}{
		{"Accept keeps everything", acceptKeeps},
		{"Accept knows a receipt again", acceptReceiptTwice},
		{"Accept knows a message again", acceptMessageTwice},
		{"A message's tag ends", messageTagEnds},
		{"Nonces and parts", noncesAndParts},
		{"Texts", texts},
		{"One text of a sender begins", opens},
		{"Waiting", waits},
		{"Group", groupNeighbours},
		{"Many at once", manyAtOnce},
		{"An error means not stored", givingUp},
		{"Closed", closed},
		{"Paging", paging},
		{"Paging in steps", pagingInSteps},
		{"Floods", floods},
		{"Cursor", badCursor},
		{"Counts", counts},
		{"Move", moves},
		{"Release", releases},
		{"Messages", conversation},
		{"Messages at once", messagesAtOnce},
		{"Files added later", additions},
		{"Messages read later", readings},
		{"Reasons", notes},
		{"Audit chain", auditChain},
		{"Outbox", outboxOrder},
		{"A clock set back", clockSetBack},
		{"Claimers", claimers},
		{"Relayed", relayed},
		{"Relayed by another", relayedByAnother},
		{"Outcomes", outcomes},
		{"Outcomes say more", outcomesSay},
		{"Standings", standings},
		{"Flow", flow},
		{"Custody", custody},
		{"Views end", viewsEnd},
		{"Expiry", expiry},
		{"Dispatches", dispatches},
		{"Wishes", wishes},
		{"Alerts", alerts},
		{"Transfers", transfers},
		{"Transfers of what has changed", transfersOfOld},
		{"Transfers at once", transfersAtOnce},
		{"Handovers", handovers},
		{"A handover of what is withdrawn", handoverWithdrawn},
		{"Merge", merges},
		{"Merge at once", mergesAtOnce},
		{"Similar", similar},
		{"Reviews", reviews},
		{"Notes inside", insideNotes},
		{"Due counts", dueCounts},
		{"Saved views", views},
		{"Pauses", pauses},
		{"Extensions", extensions},
		{"Unsent", unsent},
		{"Digests", digests},
		{"Looks", looks},
		{"Parcels", parcels},
		{"Destructions", destructions},
		{"Destructions and who lifted a hold", lifters},
		{"Destructions of merged tips", mergedDestructions},
		{"Destructions of spam together", spamTogether},
		{"Keys destroyed again", keysAgain},
		{"Sealed anew", reseals},
		{"Sealed anew among others", resealsAmongOthers},
		{"Handed over to no key that is gone", handsOverToNoGoneKey},
		{"Transfers of what is held", heldTransfers},
		{"Drafts", drafts},
		{"Mailboxes", mailboxes},
		{"Inlets", inlets},
		{"Fetches", fetches},
		{"Leases", leases},
		{"Set-up", setUp},
		{"Members", members},
		{"Factors", factors},
		{"Grants and roles", grantsAndRoles},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open) })
	}
}

// The suite's office.
const desk = "suncheng"

var beijing = time.FixedZone("UTC+8", 8*60*60)

// clock is a clock that only the test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 1, 9, 30, 0, 0, beijing)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func opened(t *testing.T, open Opener) (*store.Store, *clock) {
	t.Helper()
	c := newClock()
	return open(t, store.Options{Loc: beijing, Now: c.now}), c
}

// tip is an acceptance of the normal lane with its event.
func tip(change ...func(*intake.Acceptance)) *intake.Acceptance {
	id := intake.NewID()
	a := &intake.Acceptance{
		Tip: intake.Tip{ID: id, KeyVersion: 2, Commitment: "c0ffee", Unread: true, DueOn: "2026-03-16", State: intake.StateReceived,
			Facts: intake.Facts{Desk: desk, Channel: intake.Web, Source: intake.SourcePublic, Category: "dumping", Conduct: []string{"soil", "night"},
				Place: "411422207201", Lane: intake.Normal, Reply: intake.ReplyReceipt, ReceivedOn: "2026-03-01"}},
		Parts:      []intake.Part{{Compartment: intake.CompartmentReport, Name: intake.PartName, Sealed: []byte("sealed " + id)}},
		ReceiptTag: []byte("receipt " + id),
		Reporter:   "age1pq1" + id,
	}
	for _, c := range change {
		c(a)
	}
	if a.Tip.Lane == intake.Normal {
		a.Event = event(a.Tip, intake.EventReceived)
	}
	return a
}

func held(a *intake.Acceptance) { a.Tip.Lane = intake.Held }

func event(t intake.Tip, kind intake.EventType) *intake.Event {
	e := intake.Events{Source: "https://tips.example.org", Loc: beijing, Now: newClock().now}.New(kind, t, intake.Decision{})
	return &e
}

// accepted stores a tip and fails the test unless it is new.
func accepted(t testing.TB, s *store.Store, a *intake.Acceptance) *intake.Acceptance {
	t.Helper()
	got, err := s.Accept(t.Context(), a)
	check(t, err)
	equal(t, intake.Accepted{ID: a.Tip.ID, ReceivedOn: a.Tip.ReceivedOn, State: a.Tip.State}, got)
	return a
}

// row is the audit row of an act about a tip.
func row(act, tip string) intake.Audit {
	return intake.Audit{At: newClock().now(), Member: "li", Act: act, Desk: desk, Tip: tip, Detail: "code"}
}

// failing is what a test and one of its checks have in common.
type failing interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func check(t failing, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func fails(t failing, want, err error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error is %v, not %v", err, want)
	}
}

func equal[T any](t failing, want, got T) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("differs (- wanted, + got):\n%s", d)
	}
}

// all pages through everything a filter leaves.
func all(ctx context.Context, t failing, s *store.Store, f intake.Filter) []intake.Tip {
	t.Helper()
	var out []intake.Tip
	for {
		page, err := s.List(ctx, f)
		check(t, err)
		out = append(out, page.Tips...)
		if page.Next == "" {
			return out
		}
		f.Cursor = page.Next
	}
}
