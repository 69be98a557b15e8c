package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"

	"tipline/intake"
)

// maxWaiting is how many parts may wait at once; a gateway that sends more of
// nothing but beginnings is asked to come back.
const maxWaiting = 20_000

// Await keeps a part of a long text. See [intake.Texts].
func (s *Store) Await(ctx context.Context, p intake.WaitingPart) (known intake.Accepted, err error) {
	err = s.group.write(ctx, false, func(t *tx) error {
		var err error
		known, err = t.await(p)
		return err
	})
	return known, notDurable(err)
}

func (t *tx) await(p intake.WaitingPart) (intake.Accepted, error) {
	known, err := t.messageTip(p.Tag, p.On)
	if known.Duplicate || err != nil {
		return known, err
	}
	var waiting int
	if err := t.row(`SELECT COUNT(*) FROM waiting`).Scan(&waiting); err != nil || waiting >= maxWaiting {
		return intake.Accepted{}, errors.Join(err, full(waiting))
	}
	n, err := t.exec(`INSERT INTO waiting (grp, number, total, tag, sealed) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (grp, number) DO NOTHING`,
		p.Group, p.Number, p.Of, p.Tag, p.Sealed)
	if err != nil || n > 0 {
		return intake.Accepted{}, err
	}
	var there []byte
	err = t.row(`SELECT tag FROM waiting WHERE grp = $1 AND number = $2`, p.Group, p.Number).Scan(&there)
	if err == nil && !bytes.Equal(there, p.Tag) {
		err = intake.ErrConflict
	}
	return intake.Accepted{}, err
}

func full(waiting int) error {
	if waiting < maxWaiting {
		return nil
	}
	return &intake.LimitedError{RetryAfter: intake.PartWait}
}

// messageTip is the tip that a message's tag stands for, a duplicate; the zero
// Accepted is none.
func (t *tx) messageTip(tag []byte, today intake.Date) (got intake.Accepted, err error) {
	err = t.row(`SELECT t.id, t.received_on, t.state, t.do_not_contact FROM message_tags m JOIN tips t ON t.id = m.tip WHERE m.tag = $1 AND m.until >= $2`, tag, today).
		Scan(&got.ID, &got.ReceivedOn, &got.State, &got.DoNotContact)
	if errors.Is(err, sql.ErrNoRows) {
		return intake.Accepted{}, nil
	}
	got.Duplicate = err == nil
	return got, err
}

// Parts are the waiting parts of a group, by number.
func (s *Store) Parts(ctx context.Context, group []byte) ([]intake.WaitingPart, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT grp, number, total, tag, sealed FROM waiting WHERE grp = $1 ORDER BY number`, group)
	return collect(rows, err, func(row scanner) (p intake.WaitingPart, err error) {
		return p, row.Scan(&p.Group, &p.Number, &p.Of, &p.Tag, &p.Sealed)
	})
}

// Groups are the groups of parts that wait.
func (s *Store) Groups(ctx context.Context) ([][]byte, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT DISTINCT grp FROM waiting ORDER BY grp`)
	return collect(rows, err, func(row scanner) (group []byte, err error) { return group, row.Scan(&group) })
}

// endWait removes the parts that a text was put together from.
func (t *tx) endWait(group []byte) error {
	if len(group) == 0 {
		return nil
	}
	_, err := t.exec(`DELETE FROM waiting WHERE grp = $1`, group)
	return err
}

// Latest is the tip that another text of a sender belongs to. See [intake.Texts].
func (s *Store) Latest(ctx context.Context, senderTag []byte, today intake.Date) (intake.Tip, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+tipColumns+` FROM sender_tags a JOIN tips t ON t.id = a.tip
		WHERE a.tag = $1 AND a.until > $2 ORDER BY t.received_on, t.id`, senderTag, today)
	tips, err := collect(rows, err, func(row scanner) (intake.Tip, error) { return scanTip(row) })
	if err != nil {
		return intake.Tip{}, err
	}
	for _, t := range tips {
		if t.State.Conversing() {
			return t, nil
		}
	}
	return intake.Tip{}, intake.ErrNotFound
}

// errJoined undoes what a second delivery began to write.
var errJoined = errors.New("joined before")

// Join adds a text to its sender's tip. See [intake.Texts].
func (s *Store) Join(ctx context.Context, j intake.Joining) (got intake.Accepted, err error) {
	err = s.group.write(ctx, true, func(t *tx) error {
		var err error
		got, err = t.join(j)
		return err
	})
	if errors.Is(err, errJoined) {
		return got, nil
	}
	return got, notDurable(err)
}

func (t *tx) join(j intake.Joining) (got intake.Accepted, err error) {
	for _, tag := range j.Tags {
		claimed, err := t.claimTag(tag, j.Message.Tip, j.Message.On, daysOf(tag, j.Nonce))
		if err != nil {
			return got, err
		}
		if !claimed {
			if got, err = t.messageTip(tag, j.Message.On); err != nil {
				return got, err
			}
			return got, errJoined
		}
	}
	if err := t.addMessage(j.Message); err != nil {
		return got, err
	}
	if _, err := t.setUnread(j.Message.Tip, true); err != nil {
		return got, err
	}
	if err := t.row(`SELECT id, received_on, state FROM tips WHERE id = $1`, j.Message.Tip).Scan(&got.ID, &got.ReceivedOn, &got.State); err != nil {
		return got, err
	}
	if !got.State.Conversing() {
		return intake.Accepted{}, intake.ErrConflict
	}
	return got, t.endWait(j.Waited)
}

// Stop marks the tips of a sender. See [intake.Texts].
func (s *Store) Stop(ctx context.Context, senderTag []byte, today intake.Date) (tips int, err error) {
	var n int64
	err = s.group.write(ctx, true, func(t *tx) (err error) {
		n, err = t.exec(`UPDATE tips SET do_not_contact = 1 WHERE id IN (SELECT tip FROM sender_tags WHERE tag = $1 AND until > $2)`, senderTag, today)
		return err
	})
	return int(n), notDurable(err)
}

// inheritSilence marks a new tip of a sender who asked not to be written to within
// the days that they are known again.
func (t *tx) inheritSilence(a *intake.Acceptance) (silent bool, err error) {
	if len(a.SenderTag) == 0 {
		return false, nil
	}
	n, err := t.exec(`UPDATE tips SET do_not_contact = 1 WHERE id = $1 AND EXISTS (SELECT 1 FROM sender_tags s JOIN tips o ON o.id = s.tip
		WHERE s.tag = $2 AND s.until > $3 AND o.do_not_contact = 1)`, a.Tip.ID, a.SenderTag, a.Tip.ReceivedOn)
	return n > 0, err
}
