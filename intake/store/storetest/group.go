package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"

	"tipline/intake"
	"tipline/intake/database"
	"tipline/intake/store"
)

// holdUp begins a transaction that every writer has to wait for.
func holdUp(t *testing.T, s *store.Store) *sql.Tx {
	t.Helper()
	hold, err := s.Database().Write.BeginTx(t.Context(), nil)
	check(t, err)
	if s.Database().Dialect == database.Postgres { // its transactions wait for what another holds, not for one another
		_, err = hold.Exec(`LOCK TABLE tips IN ACCESS EXCLUSIVE MODE`)
		check(t, err)
	}
	return hold
}

// behind runs every acceptance at once behind a transaction that holds the writer
// up, so that they wait together and share theirs.
func behind(t *testing.T, s *store.Store, each []*intake.Acceptance) ([]intake.Accepted, []error) {
	t.Helper()
	hold := holdUp(t, s)
	got, errs := make([]intake.Accepted, len(each)), make([]error, len(each))
	var all, begun sync.WaitGroup
	begun.Add(len(each))
	for i, a := range each {
		all.Go(func() {
			begun.Done()
			got[i], errs[i] = s.Accept(t.Context(), a)
		})
	}
	begun.Wait()
	check(t, hold.Rollback())
	all.Wait()
	return got, errs
}

// One that fails and duplicates inside one transaction take nobody with them.
func groupNeighbours(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	before := accepted(t, s, tip())
	each := []*intake.Acceptance{tip(), tip(func(a *intake.Acceptance) { a.Tip.ID = before.Tip.ID })} // an id that is taken: unexpected
	for range 40 {
		each = append(each, tip())
	}
	each = append(each, tip(func(a *intake.Acceptance) { a.ReceiptTag = each[0].ReceiptTag }),
		tip(func(a *intake.Acceptance) { a.ReceiptTag = before.ReceiptTag }))
	got, errs := behind(t, s, each)
	fails(t, intake.ErrNotDurable, errs[1])
	duplicates := 0
	for i, err := range errs {
		if i == 1 {
			continue
		}
		check(t, err)
		if got[i].Duplicate {
			duplicates++
		}
		thread, err := s.Thread(t.Context(), each[i].ReceiptTag)
		check(t, err)
		equal(t, thread.Tip.ID, got[i].ID)
	}
	equal(t, 2, duplicates)
	_, err := s.Thread(t.Context(), each[1].ReceiptTag)
	fails(t, intake.ErrUnknownReceipt, err)
	equal(t, 42, len(all(t.Context(), t, s, intake.Filter{})))
}

func manyAtOnce(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	const senders, each = 64, 20
	var mu sync.Mutex
	fresh := map[string]bool{}
	var wait sync.WaitGroup
	for n := range senders {
		wait.Go(func() {
			for i := range each {
				// pairs of senders send the same report
				a := tip(func(a *intake.Acceptance) { a.ReceiptTag = fmt.Append(nil, "receipt ", n/2, i) })
				got, err := s.Accept(t.Context(), a)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if got.Duplicate == fresh[got.ID] || !got.Duplicate {
					fresh[got.ID] = true
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	equal(t, senders*each/2, len(fresh))
	c, err := s.Counts(t.Context(), desk)
	check(t, err)
	equal(t, intake.Counts{ByState: map[intake.State]int{intake.StateReceived: senders * each / 2}, Unread: senders * each / 2}, c)
	equal(t, senders*each/2, len(all(t.Context(), t, s, intake.Filter{Limit: 500})))
	waiting, _, err := s.OutboxStats(t.Context(), "")
	check(t, err)
	equal(t, senders*each/2, waiting)
}

// Whoever got an error because they gave up has no tip, unless it was being written, and the
// others have one.
func givingUp(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	var each []*intake.Acceptance
	for range 80 {
		each = append(each, tip())
	}
	hold := holdUp(t, s)
	impatient, giveUp := context.WithCancel(t.Context())
	errs := make([]error, len(each))
	var wait sync.WaitGroup
	for i, a := range each {
		ctx := t.Context()
		if i%2 == 0 {
			ctx = impatient
		}
		wait.Go(func() { _, errs[i] = s.Accept(ctx, a) })
	}
	giveUp()
	check(t, hold.Rollback())
	wait.Wait()
	for i, a := range each {
		_, err := s.Thread(t.Context(), a.ReceiptTag)
		if errs[i] == nil {
			check(t, err)
			continue
		}
		fails(t, intake.ErrNotDurable, errs[i])
		fails(t, context.Canceled, errs[i])
		if !errors.Is(errs[i], intake.ErrInDoubt) { // who is told that nobody knows
			fails(t, intake.ErrUnknownReceipt, err)
		}
		if i%2 == 1 {
			t.Fatalf("a patient sender got %v", errs[i])
		}
	}
}

func closed(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	check(t, s.Close())
	_, err := s.Accept(t.Context(), tip())
	if !errors.Is(err, store.ErrClosed) || !errors.Is(err, intake.ErrNotDurable) {
		t.Fatalf("error is %v", err)
	}
}
