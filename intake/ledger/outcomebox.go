package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"tipline/intake"
)

// Outcomes are what the desk hasn't been told yet: the outbox of the way back.
type Outcomes struct {
	ledger *Ledger
	now    func() time.Time
}

// Outcomes is the ledger's outbox to the desk, on a clock.
func (l *Ledger) Outcomes(now func() time.Time) *Outcomes { return &Outcomes{ledger: l, now: now} }

// Wake is never sent to: outcomes are written by commands of their own.
func (*Outcomes) Wake() <-chan struct{} { return nil }

// ClaimEvents lends claimer at most n outcomes for lease, in the order in which
// they were committed. One that isn't finished by then can be claimed again.
func (b *Outcomes) ClaimEvents(ctx context.Context, claimer string, n int, lease time.Duration) ([]intake.OutcomeEvent, error) {
	now := b.now()
	// A claim that ends later was made under a clock that was set back since.
	far := now.Add(10 * lease).Unix()
	var some bool
	err := b.ledger.read.QueryRowContext(ctx, `SELECT CASE WHEN EXISTS (SELECT 1 FROM ledger_outcomes WHERE told = 0 AND relayed_as = '' AND (claimed_until <= $1 OR claimed_until > $2)) THEN 1 ELSE 0 END`, now.Unix(), far).Scan(&some)
	if err != nil || !some || n <= 0 {
		return nil, err // no writing transaction for nothing
	}
	// The conditions stand twice: who waited for another's claim looks at the row
	// again, but not at the inner choice.
	rows, err := b.ledger.write.QueryContext(ctx, `UPDATE ledger_outcomes SET claimed_by = $1, claimed_until = $2
		WHERE (claimed_until <= $3 OR claimed_until > $5) AND told = 0 AND relayed_as = '' AND seq IN (
			SELECT seq FROM ledger_outcomes WHERE told = 0 AND relayed_as = '' AND (claimed_until <= $3 OR claimed_until > $5) ORDER BY seq LIMIT $4)
		RETURNING seq, body`, claimer, now.Add(lease+time.Second-1).Unix(), now.Unix(), n, far)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	bySeq, order := map[int64]intake.OutcomeEvent{}, []int64{}
	for rows.Next() {
		var seq int64
		var body []byte
		if err := rows.Scan(&seq, &body); err != nil {
			return nil, err
		}
		var e intake.OutcomeEvent
		if err := json.Unmarshal(body, &e); err != nil {
			return nil, fmt.Errorf("outcome %d is not an event: %w", seq, err)
		}
		bySeq[seq], order = e, append(order, seq)
	}
	slices.Sort(order)
	events := make([]intake.OutcomeEvent, len(order))
	for i, seq := range order {
		events[i] = bySeq[seq]
	}
	return events, rows.Err()
}

// FinishEvents notes that the desk has outcomes which claimer still holds.
func (b *Outcomes) FinishEvents(ctx context.Context, claimer string, ids ...string) error {
	return each(ctx, b, ids, `UPDATE ledger_outcomes SET told = 1, claimed_by = '' WHERE claimed_by = $1 AND id = $2`, func(id string) []any { return []any{claimer, id} })
}

// ReturnEvents gives outcomes back before their lease is over.
func (b *Outcomes) ReturnEvents(ctx context.Context, claimer string, ids ...string) error {
	return each(ctx, b, ids, `UPDATE ledger_outcomes SET claimed_by = '', claimed_until = 0 WHERE claimed_by = $1 AND id = $2`, func(id string) []any { return []any{claimer, id} })
}

// MarkRelayed notes which stream entries outcomes became that claimer still holds,
// and gives their claim up.
func (b *Outcomes) MarkRelayed(ctx context.Context, claimer string, relayed ...intake.Relayed) error {
	return each(ctx, b, relayed, `UPDATE ledger_outcomes SET relayed_as = $3, claimed_by = '', claimed_until = 0 WHERE claimed_by = $1 AND id = $2`,
		func(r intake.Relayed) []any { return []any{claimer, r.ID, r.Entry} })
}

// Relayed are at most n relayed outcomes behind the place after, in the order in
// which they were committed.
func (b *Outcomes) Relayed(ctx context.Context, after int64, n int) (out []intake.Relayed, err error) {
	rows, err := b.ledger.read.QueryContext(ctx, `SELECT seq, id, desk, relayed_as FROM ledger_outcomes WHERE told = 0 AND relayed_as <> '' AND seq > $1 ORDER BY seq LIMIT $2`, after, n)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r intake.Relayed
		if err := rows.Scan(&r.Seq, &r.ID, &r.Desk, &r.Entry); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// ConfirmRelayed notes that the desk has outcomes, if they still are the entries
// they are said to be.
func (b *Outcomes) ConfirmRelayed(ctx context.Context, relayed ...intake.Relayed) error {
	return each(ctx, b, relayed, `UPDATE ledger_outcomes SET told = 1 WHERE id = $1 AND relayed_as = $2`, asEntry)
}

// ResetRelayed lets outcomes be claimed again whose entries are lost.
func (b *Outcomes) ResetRelayed(ctx context.Context, relayed ...intake.Relayed) error {
	return each(ctx, b, relayed, `UPDATE ledger_outcomes SET relayed_as = '' WHERE told = 0 AND id = $1 AND relayed_as = $2`, asEntry)
}

func asEntry(r intake.Relayed) []any { return []any{r.ID, r.Entry} }

// ForgetRelayed lets all be claimed again: there are no streams any more.
func (b *Outcomes) ForgetRelayed(ctx context.Context) error {
	some, err := b.Relayed(ctx, 0, 1)
	if err != nil || len(some) == 0 {
		return err
	}
	_, err = b.ledger.write.ExecContext(ctx, `UPDATE ledger_outcomes SET relayed_as = '' WHERE told = 0 AND relayed_as <> ''`)
	return err
}

// each runs one statement for each item, in one transaction.
func each[T any](ctx context.Context, b *Outcomes, items []T, statement string, args func(T) []any) error {
	if len(items) == 0 {
		return nil
	}
	tx, err := b.ledger.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // no effect after the commit
	for _, i := range items {
		if _, err := tx.ExecContext(ctx, statement, args(i)...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// Untold is how many outcomes a desk hasn't been told yet.
func (l *Ledger) Untold(ctx context.Context, desk string) (n int, err error) {
	return n, l.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM ledger_outcomes WHERE told = 0 AND desk = $1`, desk).Scan(&n)
}
