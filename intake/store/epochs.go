package store

import (
	"context"
	"fmt"

	"tipline/intake"
)

// EpochAsker is who asked for the destruction of a version of a role's key, or
// [intake.ErrNotFound].
func (s *Store) EpochAsker(ctx context.Context, role string, version int) (member string, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT asker FROM epochs WHERE role = $1 AND version = $2`, role, version).Scan(&member)
	return member, missing(err, intake.ErrNotFound)
}

// AskEpoch asks for it, which one member does.
func (s *Store) AskEpoch(ctx context.Context, role string, version int, on intake.Date, a intake.Audit) error {
	return s.withAudit(ctx, a, func(t *tx) error {
		n, err := t.exec(`INSERT INTO epochs (role, version, asker, asked_on, done_on) VALUES ($1, $2, $3, $4, '') ON CONFLICT (role, version) DO NOTHING`, role, version, a.Member, on)
		if err == nil && n == 0 {
			err = fmt.Errorf("the destruction of %s version %d is asked for: %w", role, version, intake.ErrConflict)
		}
		return err
	})
}

// DestroyEpoch removes every sealed copy of a version of a desk's role key, and says how
// many there were. Its public part stays, by which it is pinned. What is sealed to it
// still is [intake.ErrConflict]. From then on the tables take nothing more that is sealed to it.
func (s *Store) DestroyEpoch(ctx context.Context, desk string, version int, on intake.Date, a intake.Audit) (copies int, err error) {
	role := intake.DeskKey(desk)
	err = s.withAudit(ctx, a, func(t *tx) error {
		if t.dialect.still != "" {
			if _, err := t.exec(t.dialect.still); err != nil {
				return err
			}
		}
		n, err := t.exec(`UPDATE epochs SET done_on = $3 WHERE role = $1 AND version = $2 AND done_on = ''`, role, version, on)
		if err == nil && n == 0 {
			err = fmt.Errorf("%s version %d is destroyed: %w", role, version, intake.ErrConflict)
		}
		if err != nil {
			return err
		}
		for _, table := range sealedTables() {
			held, err := t.held(table, desk, version)
			if err != nil {
				return err
			}
			if held > 0 {
				return fmt.Errorf("%s has rows that are sealed to %s version %d: %w", table, role, version, intake.ErrConflict)
			}
		}
		gone, err := t.exec(`DELETE FROM grants WHERE role = $1 AND version = $2`, role, version)
		copies = int(gone)
		return err
	})
	return copies, err
}

func (t *tx) held(table, desk string, version int) (n int, err error) {
	return n, t.row(`SELECT COUNT(*) FROM `+table+` WHERE desk = $1 AND key_version = $2`, desk, version).Scan(&n)
}
