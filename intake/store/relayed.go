package store

import (
	"context"

	"tipline/intake"
)

// MarkRelayed notes which entries of their streams events became, and gives their
// claim up. Events that claimer doesn't hold any more are left to who does.
func (s *Store) MarkRelayed(ctx context.Context, claimer string, relayed ...intake.Relayed) error {
	return s.eachRelayed(ctx, relayed, func(t *tx, r intake.Relayed) error {
		return t.put(`UPDATE outbox SET relayed_as = $3, claimed_by = '', claimed_until = 0 WHERE claimed_by = $1 AND id = $2`, claimer, r.ID, r.Entry)
	})
}

// Relayed are at most n relayed events behind the place after, in the order in
// which they were committed.
func (s *Store) Relayed(ctx context.Context, after int64, n int) ([]intake.Relayed, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT seq, id, desk, relayed_as FROM outbox WHERE relayed_as <> '' AND seq > $1 ORDER BY seq LIMIT $2`, after, n)
	return collect(rows, err, func(row scanner) (r intake.Relayed, err error) {
		return r, row.Scan(&r.Seq, &r.ID, &r.Desk, &r.Entry)
	})
}

// ConfirmRelayed removes events that the ledger has acknowledged, if they still
// are the entries they are said to be.
func (s *Store) ConfirmRelayed(ctx context.Context, relayed ...intake.Relayed) error {
	return s.eachRelayed(ctx, relayed, func(t *tx, r intake.Relayed) error {
		return t.put(`DELETE FROM outbox WHERE id = $1 AND relayed_as = $2`, r.ID, r.Entry)
	})
}

// ResetRelayed lets events be claimed again whose entries are lost.
func (s *Store) ResetRelayed(ctx context.Context, relayed ...intake.Relayed) error {
	return s.eachRelayed(ctx, relayed, func(t *tx, r intake.Relayed) error {
		return t.put(`UPDATE outbox SET relayed_as = '' WHERE id = $1 AND relayed_as = $2`, r.ID, r.Entry)
	})
}

// ForgetRelayed lets all events be claimed again: there are no streams any more.
func (s *Store) ForgetRelayed(ctx context.Context) error {
	if some, err := s.Relayed(ctx, 0, 1); err != nil || len(some) == 0 {
		return err
	}
	return notDurable(s.group.write(ctx, true, func(t *tx) error {
		_, err := t.exec(`UPDATE outbox SET relayed_as = '' WHERE relayed_as <> ''`)
		return err
	}))
}

func (s *Store) eachRelayed(ctx context.Context, relayed []intake.Relayed, change func(*tx, intake.Relayed) error) error {
	if len(relayed) == 0 {
		return nil
	}
	return notDurable(s.group.write(ctx, true, func(t *tx) error {
		for _, r := range relayed {
			if err := change(t, r); err != nil {
				return err
			}
		}
		return nil
	}))
}
