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
	if err := t.reading(f); err != nil {
		return err
	}
	_, err = t.setUnread(f.Tip, true)
	return err
}

// reading puts what a later reading told of the sender in its place, with the row of the
// record.
func (t *tx) reading(f intake.FollowUp) error {
	r := f.Reading
	if r == nil {
		return nil
	}
	if err := t.willing(f.Tip); err != nil {
		return err
	}
	if r.Identity != nil {
		if _, err := t.exec(`DELETE FROM parts WHERE tip = $1 AND compartment = $2 AND name = $3`, f.Tip, r.Identity.Compartment, r.Identity.Name); err != nil {
			return err
		}
		if err := t.addPart(f.Tip, 1, f.Desk, f.KeyVersion, *r.Identity); err != nil {
			return err
		}
	}
	if _, err := t.exec(`UPDATE tips SET reply = $2, real_name = $3 WHERE id = $1`, f.Tip, r.Reply, bit(r.RealName)); err != nil {
		return err
	}
	if err := t.insertFetches(&intake.Acceptance{Fetches: r.Fetches}); err != nil {
		return err
	}
	return t.audit(r.Audit)
}

// Opened notes the day a receipt is opened.
func (s *Store) Opened(ctx context.Context, receiptTag []byte, on intake.Date) error {
	return notDurable(s.group.write(ctx, true, func(t *tx) error {
		_, err := t.exec(`UPDATE receipts SET opened_on = $2 WHERE tag = $1`, receiptTag, on)
		return err
	}))
}
