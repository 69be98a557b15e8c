package store

import (
	"cmp"
	"context"
	"errors"

	"tipline/intake"
)

// AddFollowUp adds what a reporter wrote to a tip's conversation, with its files,
// marks the tip unread and returns after the commit. A message that is there
// already is a duplicate, and nothing is stored. An unknown tip is
// [intake.ErrNotFound]; other errors wrap [intake.ErrNotDurable].
func (s *Store) AddFollowUp(ctx context.Context, f intake.FollowUp) (duplicate bool, err error) {
	err = s.group.write(ctx, true, func(t *tx) error { return t.followUp(f) })
	if errors.Is(err, errDuplicate) {
		return true, nil
	}
	return false, notDurable(err)
}

func (t *tx) followUp(f intake.FollowUp) error {
	tip, err := t.standing(`SELECT `+standingColumns+` FROM tips WHERE id = $1`+t.dialect.lock, f.Tip)
	if err != nil {
		return t.guard(err, f.Tip)
	}
	there, err := t.next(`SELECT COUNT(*) FROM messages WHERE id = $1`, f.ID)
	if err != nil {
		return err
	}
	if there > 0 {
		return errDuplicate
	}
	if fetched, err := t.endFetch(f.Fetched); err != nil || !fetched {
		return cmp.Or(err, errDuplicate)
	}
	if err := t.addMessage(f.Message); err != nil {
		return err
	}
	rows := &intake.Acceptance{Tip: intake.Tip{ID: f.Tip, Facts: intake.Facts{Desk: tip.desk}, KeyVersion: f.KeyVersion}, Parts: f.Parts, Containers: f.Containers}
	for _, step := range []func(*intake.Acceptance) error{t.insertParts, t.insertContainers} {
		if err := step(rows); err != nil {
			return err
		}
	}
	_, err = t.setUnread(f.Tip, true)
	return err
}

// Opened notes the day a receipt is opened.
func (s *Store) Opened(ctx context.Context, receiptTag []byte, on intake.Date) error {
	return notDurable(s.group.write(ctx, true, func(t *tx) error {
		_, err := t.exec(`UPDATE receipts SET opened_on = $2 WHERE tag = $1`, receiptTag, on)
		return err
	}))
}
