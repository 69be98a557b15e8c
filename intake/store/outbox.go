package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"tipline/intake"
)

func (t *tx) addEvent(e *intake.Event) error {
	if e == nil {
		return nil
	}
	body, err := e.JSON()
	if err != nil {
		return err
	}
	return t.put(`INSERT INTO outbox (id, type, tip, desk, day, body, claimed_by, claimed_until) VALUES ($1, $2, $3, $4, $5, $6, '', 0)`,
		e.ID, e.Type, e.Data.Tip, e.Data.Desk, upTo(e.Time, len(time.DateOnly)), body)
}

// Wake is sent to after this process committed events.
func (s *Store) Wake() <-chan struct{} { return s.wake }

// mostLeases is how many leases ahead a claim may end. One that ends later was
// made under a clock that was set back since, and would hold for as long as that.
const mostLeases = 10

// ClaimEvents lends claimer at most n events for lease, in the order in which
// they were committed. One that isn't finished by then can be claimed again. A
// tip's later event isn't lent while somebody else holds an earlier one.
func (s *Store) ClaimEvents(ctx context.Context, claimer string, n int, lease time.Duration) ([]intake.Event, error) {
	now := s.now()
	far := leaseEnd(now, mostLeases*lease)
	free, err := s.unclaimed(ctx, now, far)
	if err != nil || !free || n <= 0 {
		return nil, err
	}
	var lent []lentEvent
	err = s.group.write(ctx, false, func(t *tx) error {
		rows, err := t.query(t.dialect.claim, claimer, leaseEnd(now, lease), now.Unix(), n, far)
		lent, err = collect(rows, err, scanLent)
		return err
	})
	if err != nil || len(lent) == 0 {
		return nil, notDurable(err)
	}
	slices.SortFunc(lent, func(a, b lentEvent) int { return cmp.Compare(a.seq, b.seq) })
	events := make([]intake.Event, len(lent))
	for i, l := range lent { // behind the transaction: while one writes, nobody else does
		if err := json.Unmarshal(l.body, &events[i]); err != nil {
			return nil, fmt.Errorf("outbox row %d is not an event: %w", l.seq, err)
		}
	}
	return events, nil
}

// unclaimed spares a writing transaction when there is nothing to claim.
func (s *Store) unclaimed(ctx context.Context, now time.Time, far int64) (free bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT CASE WHEN EXISTS (SELECT 1 FROM outbox WHERE (claimed_until <= $1 OR claimed_until > $2) AND relayed_as = '') THEN 1 ELSE 0 END`, now.Unix(), far).Scan(&free)
	return free, err
}

// leaseEnd is in whole seconds, never before the lease is over.
func leaseEnd(now time.Time, lease time.Duration) int64 {
	end := now.Add(lease)
	if end.Nanosecond() > 0 {
		return end.Unix() + 1
	}
	return end.Unix()
}

type lentEvent struct {
	seq  int64
	body []byte
}

func scanLent(row scanner) (l lentEvent, err error) {
	err = row.Scan(&l.seq, &l.body)
	return l, err
}

// FinishEvents removes events that the queue has taken. Those that claimer
// doesn't hold any more are left to who does.
func (s *Store) FinishEvents(ctx context.Context, claimer string, ids ...string) error {
	return s.each(ctx, `DELETE FROM outbox WHERE claimed_by = $1 AND id = $2`, claimer, ids)
}

// ReturnEvents gives events back before their lease is over.
func (s *Store) ReturnEvents(ctx context.Context, claimer string, ids ...string) error {
	return s.each(ctx, `UPDATE outbox SET claimed_by = '', claimed_until = 0 WHERE claimed_by = $1 AND id = $2`, claimer, ids)
}

func (s *Store) each(ctx context.Context, query, claimer string, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	return notDurable(s.group.write(ctx, true, func(t *tx) error {
		for _, id := range ids {
			if err := t.put(query, claimer, id); err != nil {
				return err
			}
		}
		return nil
	}))
}

// OutboxStats are how many events of a desk, of all with "", its ledger hasn't acknowledged and the oldest
// one's day, "" when none waits.
func (s *Store) OutboxStats(ctx context.Context, desk string) (waiting int, oldest intake.Date, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(MIN(day), '') FROM outbox WHERE $1 = '' OR desk = $1`, desk).Scan(&waiting, &oldest)
	return waiting, oldest, err
}
