package store

import (
	"context"
	"fmt"

	"tipline/intake"
)

// clock stops a tip's clock and lets it go on. One that stands still already can't
// be stopped, nor one that runs go on: both are [intake.ErrConflict].
func (t *tx) clock(a intake.Act) error {
	c, tip := a.Clock, a.Audit.Tip
	if c == nil {
		return nil
	}
	if c.Go != "" {
		n, err := t.exec(`UPDATE pauses SET until_on = $2 WHERE tip = $1 AND until_on = ''`, tip, c.Go)
		if err == nil && n == 0 {
			err = fmt.Errorf("the clock of tip %s runs: %w", tip, intake.ErrConflict)
		}
		if err != nil {
			return err
		}
	}
	if c.Stop != nil {
		// what the reporter writes behind the messages there are now is the answer
		n, err := t.exec(`INSERT INTO pauses (tip, n, from_on, wait_until, until_on, after_message)
			SELECT $1, (SELECT COALESCE(MAX(n), 0) + 1 FROM pauses WHERE tip = $1), $2, $3, '', (SELECT COALESCE(MAX(n), 0) FROM messages WHERE tip = $1)
			WHERE NOT EXISTS (SELECT 1 FROM pauses WHERE tip = $1 AND until_on = '')`, tip, c.Stop.From, c.Stop.Wait)
		if err == nil && n == 0 {
			err = fmt.Errorf("the clock of tip %s stands still: %w", tip, intake.ErrConflict)
		}
		if err != nil {
			return err
		}
	}
	if a.Move != nil || c.DueOn == "" {
		return nil
	}
	_, err := t.exec(`UPDATE tips SET due_on = $2 WHERE id = $1`, tip, c.DueOn)
	return err
}

// answered says that the reporter wrote since a pause began.
const answered = `EXISTS (SELECT 1 FROM messages m WHERE m.tip = p.tip AND m.n > p.after_message AND m.sender = 'reporter')`

// pauseColumns end with the day of the reporter's first message since, ” without one.
const pauseColumns = `p.tip, p.from_on, p.wait_until, p.until_on,
	COALESCE((SELECT MIN(m.day) FROM messages m WHERE m.tip = p.tip AND m.n > p.after_message AND m.sender = 'reporter'), '')`

func scanPause(row scanner) (p intake.Pause, err error) {
	return p, row.Scan(&p.Tip, &p.From, &p.Wait, &p.Until, &p.Answered)
}

// Pauses are the times in which a tip's clock stood still, the oldest first.
func (s *Store) Pauses(ctx context.Context, tip string) ([]intake.Pause, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+pauseColumns+` FROM pauses p WHERE p.tip = $1 ORDER BY p.n`, tip)
	return collect(rows, err, scanPause)
}

// ToGoOn are at most limit pauses whose reporter wrote, or whose wait was over before
// today.
func (s *Store) ToGoOn(ctx context.Context, today intake.Date, limit int) ([]intake.Pause, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+pauseColumns+` FROM pauses p WHERE p.until_on = '' AND (p.wait_until < $1
		OR `+answered+`) ORDER BY p.tip LIMIT $2`, today, limit)
	return collect(rows, err, scanPause)
}

// extend asks for a later date; a tip has one such request at a time.
func (t *tx) extend(a intake.Act) error {
	e := a.Extend
	if e == nil {
		return nil
	}
	n, err := t.exec(`INSERT INTO extensions (`+extensionColumns+`) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, CAST($10 AS BIGINT), $11, $12, $13, $14, $15
		WHERE NOT EXISTS (SELECT 1 FROM extensions WHERE tip = $2 AND state = 'asked')`,
		e.ID, e.Tip, e.Desk, e.Asker, e.AskedOn, e.From, e.To, e.Reason, e.Note, e.KeyVersion, e.LetterID, e.Letter, intake.ExtensionAsked, "", "")
	if err == nil && n == 0 {
		err = fmt.Errorf("a later date for tip %s is asked for already: %w", e.Tip, intake.ErrConflict)
	}
	return err
}

// extended decides a request that waits. One that is granted holds only while the
// date runs that it was asked for.
func (t *tx) extended(a intake.Act) error {
	e := a.Extended
	if e == nil {
		return nil
	}
	n, err := t.exec(`UPDATE extensions SET state = $2, decider = $3, decided_on = $4, letter = NULL WHERE id = $1 AND state = 'asked'`, e.ID, e.State, e.Decider, e.DecidedOn)
	if err == nil && n > 0 && e.State == intake.ExtensionGranted {
		n, err = t.exec(`UPDATE tips SET due_on = $2 WHERE id = $1 AND due_on = $3`, e.Tip, e.To, e.From)
	}
	if err == nil && n == 0 {
		err = fmt.Errorf("the date of tip %s is decided, or moved: %w", e.Tip, intake.ErrConflict)
	}
	if err != nil {
		return err
	}
	return t.pending(e.LetterID, e.State == intake.ExtensionGranted, e.DecidedOn)
}

const extensionColumns = `id, tip, desk, asker, asked_on, from_on, to_on, reason, note, key_version, letter_id, letter, state, decider, decided_on`

func scanExtension(row scanner) (e intake.Extension, err error) {
	return e, row.Scan(&e.ID, &e.Tip, &e.Desk, &e.Asker, &e.AskedOn, &e.From, &e.To, &e.Reason, &e.Note, &e.KeyVersion, &e.LetterID, &e.Letter,
		&e.State, &e.Decider, &e.DecidedOn)
}

// Extension is one request for a later date, or [intake.ErrNotFound].
func (s *Store) Extension(ctx context.Context, id string) (intake.Extension, error) {
	e, err := scanExtension(s.read.QueryRowContext(ctx, `SELECT `+extensionColumns+` FROM extensions WHERE id = $1`, id))
	return e, missing(err, intake.ErrNotFound)
}

// Extensions are at most limit requests of a desk for a later date in the order they
// were asked for: of one tip or any (""), in one state or any ("").
func (s *Store) Extensions(ctx context.Context, desk, tip string, state intake.ExtensionState, limit int) ([]intake.Extension, error) {
	query, args := extensionsOf(desk, tip, state, limit)
	rows, err := s.read.QueryContext(ctx, query, args...)
	return collect(rows, err, scanExtension)
}

// extensionsOf reads a tip's by the tip, and not by walking through its desk's.
func extensionsOf(desk, tip string, state intake.ExtensionState, limit int) (query string, args []any) {
	c := &conditions{leading: []string{"desk", "state"}}
	if tip != "" {
		c.leading = []string{"tip"}
	}
	c.column("desk", desk)
	c.column("tip", tip)
	c.column("state", string(state))
	query = `SELECT ` + extensionColumns + ` FROM extensions` + c.sql() + ` ORDER BY asked_on, id LIMIT ` + c.arg(limit)
	return query, c.args
}

// ClaimDigest says whether this is the first to tell a desk's office of a day's dates
// by a way; what can't be sent is given back by [Store.DropDigest].
func (s *Store) ClaimDigest(ctx context.Context, desk, way string, day intake.Date) (first bool, err error) {
	err = s.group.write(ctx, false, func(t *tx) error {
		if _, err := t.exec(`DELETE FROM digests WHERE day < $1`, day); err != nil {
			return err
		}
		n, err := t.exec(`INSERT INTO digests (desk, way, day) VALUES ($1, $2, $3) ON CONFLICT (desk, way, day) DO NOTHING`, desk, way, day)
		first = n > 0
		return err
	})
	return first, notDurable(err)
}

// DropDigest says that a day's dates weren't told after all.
func (s *Store) DropDigest(ctx context.Context, desk, way string, day intake.Date) error {
	return notDurable(s.group.write(ctx, true, func(t *tx) error {
		_, err := t.exec(`DELETE FROM digests WHERE desk = $1 AND way = $2 AND day = $3`, desk, way, day)
		return err
	}))
}
