package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"

	"tipline/intake"
)

// AddFollowUp adds what a reporter wrote to a tip's conversation, with its files,
// marks the tip unread and returns after the commit. A message that is there
// already is a duplicate, and nothing is stored. An unknown tip is
// [intake.ErrNotFound]; other errors wrap [intake.ErrNotDurable].
func (s *Store) AddFollowUp(ctx context.Context, f intake.FollowUp) (duplicate bool, err error) {
	ran := false // to its end, in a transaction whose commit may have had no answer
	err = s.group.writeInTime(ctx, func(t *tx) error {
		err := t.followUp(f)
		if errors.Is(err, errOwn) && !ran {
			err = errDuplicate
		}
		ran = ran || err == nil
		return err
	})
	switch {
	case errors.Is(err, errDuplicate):
		return true, nil
	case errors.Is(err, errOwn): // by a commit whose answer was lost
		return false, nil
	default:
		return false, notDurable(err)
	}
}

func (t *tx) followUp(f intake.FollowUp) error {
	tip, err := t.standing(`SELECT `+standingColumns+` FROM tips WHERE id = $1`+t.dialect.lock, f.Tip)
	if err != nil {
		return t.guard(err, f.Tip)
	}
	if err := t.messageThere(f.Message); err != nil {
		return err
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

// errOwn: these very bytes are there already.
var errOwn = errors.New("added before")

// messageThere is errDuplicate or errOwn where there is a message of that id. Nothing is
// sealed twice alike, so the same bytes are this very message.
func (t *tx) messageThere(m intake.Message) error {
	var sealed []byte
	err := t.row(`SELECT sealed FROM messages WHERE id = $1`, m.ID).Scan(&sealed)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	case bytes.Equal(sealed, m.Sealed):
		return errOwn
	default:
		return errDuplicate
	}
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
	return notDurable(s.group.writeInTime(ctx, func(t *tx) error {
		_, err := t.exec(`UPDATE receipts SET opened_on = $2 WHERE tag = $1`, receiptTag, on)
		return err
	}))
}
