package store

import (
	"context"

	"tipline/intake"
)

// SaveDraft replaces what member is typing, sealed to that member.
func (s *Store) SaveDraft(ctx context.Context, member string, sealed []byte) error {
	return notDurable(s.group.write(ctx, true, func(t *tx) error {
		_, err := t.exec(`INSERT INTO drafts (member, sealed) VALUES ($1, $2) ON CONFLICT (member) DO UPDATE SET sealed = excluded.sealed`, member, sealed)
		return err
	}))
}

// Draft is a member's draft, or [intake.ErrNotFound].
func (s *Store) Draft(ctx context.Context, member string) (sealed []byte, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT sealed FROM drafts WHERE member = $1`, member).Scan(&sealed)
	return sealed, missing(err, intake.ErrNotFound)
}

// DropDraft forgets a member's draft; none is no error.
func (s *Store) DropDraft(ctx context.Context, member string) error {
	return notDurable(s.group.write(ctx, true, func(t *tx) error {
		_, err := t.exec(`DELETE FROM drafts WHERE member = $1`, member)
		return err
	}))
}
