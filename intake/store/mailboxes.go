package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"tipline/intake"
)

// MailboxMarks are a mailbox's marks. known says whether it was ever looked into.
func (s *Store) MailboxMarks(ctx context.Context, mailbox string) (marks []intake.MailboxMark, known bool, err error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, content FROM mailbox_marks WHERE mailbox = $1`, mailbox)
	marks, err = collect(rows, err, func(row scanner) (m intake.MailboxMark, err error) {
		if err = row.Scan(&m.ID, &m.Content); len(m.Content) == 0 {
			m.Content = nil // the drivers give an empty one differently
		}
		return m, err
	})
	if err != nil || len(marks) > 0 {
		return marks, true, err
	}
	var worked int64
	err = s.read.QueryRowContext(ctx, `SELECT worked_at FROM channels WHERE name = $1`, mailbox).Scan(&worked)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return nil, worked > 0, err
}

// MarkMailbox adds marks; one that is there gets the content given.
func (s *Store) MarkMailbox(ctx context.Context, mailbox string, marks ...intake.MailboxMark) error {
	return notDurable(s.group.write(ctx, true, func(t *tx) error {
		for _, m := range marks {
			content := m.Content
			if content == nil {
				content = []byte{}
			}
			if _, err := t.exec(`INSERT INTO mailbox_marks (mailbox, id, content) VALUES ($1, $2, $3)
				ON CONFLICT (mailbox, id) DO UPDATE SET content = excluded.content`, mailbox, m.ID, content); err != nil {
				return err
			}
		}
		return nil
	}))
}

// UnmarkMailbox removes marks by their ids.
func (s *Store) UnmarkMailbox(ctx context.Context, mailbox string, ids ...[]byte) error {
	return notDurable(s.group.write(ctx, true, func(t *tx) error {
		for _, id := range ids {
			if _, err := t.exec(`DELETE FROM mailbox_marks WHERE mailbox = $1 AND id = $2`, mailbox, id); err != nil {
				return err
			}
		}
		return nil
	}))
}

// NoteChannel replaces what is shown of a channel. A state that never worked keeps
// the hour in which an earlier one did.
func (s *Store) NoteChannel(ctx context.Context, c intake.ChannelState) error {
	return notDurable(s.group.write(ctx, true, func(t *tx) error {
		_, err := t.exec(`INSERT INTO channels (name, provider, worked_at, cause, since, failures, remaining) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (name) DO UPDATE SET provider = excluded.provider, cause = excluded.cause, since = excluded.since,
			failures = excluded.failures, remaining = excluded.remaining,
			worked_at = CASE WHEN excluded.worked_at > 0 THEN excluded.worked_at ELSE channels.worked_at END`,
			c.Channel, c.Provider, seconds(c.WorkedAt), c.Cause, seconds(c.Since), c.Failures, c.Left)
		return err
	}))
}

// Channels are what is known of the channels that intake asks by itself, by name.
func (s *Store) Channels(ctx context.Context) ([]intake.ChannelState, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT name, provider, worked_at, cause, since, failures, remaining FROM channels ORDER BY name`)
	return collect(rows, err, func(row scanner) (c intake.ChannelState, err error) {
		var worked, since int64
		err = row.Scan(&c.Channel, &c.Provider, &worked, &c.Cause, &since, &c.Failures, &c.Left)
		c.WorkedAt, c.Since = instant(worked), instant(since)
		return c, err
	})
}

func instant(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

// Lease is the lead of something that one process at a time may do.
type Lease struct {
	store        *Store
	name, holder string
}

// Lease is holder's lease of name; nothing is held yet.
func (s *Store) Lease(name, holder string) *Lease { return &Lease{s, name, holder} }

// Acquire takes the lease for ttl if it is free or held already. One that reaches
// farther than a ttl from now was taken under a clock that was ahead, and counts
// for nothing.
func (l *Lease) Acquire(ctx context.Context, ttl time.Duration) (won bool, err error) {
	now := l.store.now()
	return l.change(ctx, `INSERT INTO leases (name, holder, until) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE
		SET holder = excluded.holder, until = excluded.until
		WHERE leases.holder = excluded.holder OR leases.until <= $4 OR leases.until > excluded.until`, now.Add(ttl).UnixMilli(), now.UnixMilli())
}

// Renew keeps the lease for another ttl; held is false when another has it.
func (l *Lease) Renew(ctx context.Context, ttl time.Duration) (held bool, err error) {
	now := l.store.now()
	return l.change(ctx, `UPDATE leases SET until = $3 WHERE name = $1 AND holder = $2 AND until > $4`, now.Add(ttl).UnixMilli(), now.UnixMilli())
}

// Release gives the lease back, if it is held.
func (l *Lease) Release(ctx context.Context) error {
	_, err := l.change(ctx, `UPDATE leases SET until = 0 WHERE name = $1 AND holder = $2`)
	return err
}

func (l *Lease) change(ctx context.Context, query string, times ...any) (changed bool, err error) {
	err = l.store.group.write(ctx, true, func(t *tx) error {
		n, err := t.exec(query, append([]any{l.name, l.holder}, times...)...)
		changed = n == 1
		return err
	})
	return changed, notDurable(err)
}
