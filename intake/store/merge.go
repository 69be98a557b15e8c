package store

import (
	"context"
	"fmt"

	"tipline/intake"
)

// pair locks both tips of a merge, always in the same order, so that two handlers
// who put tips together the other way round never wait for each other.
func (t *tx) pair(a intake.Act) error {
	m := a.Merge
	if m == nil {
		return nil
	}
	rows, err := t.query(`SELECT id FROM tips WHERE id = $1 OR id = $2 ORDER BY id`+t.dialect.lock, m.Tip, m.Into)
	_, err = collect(rows, err, func(row scanner) (id string, err error) { return id, row.Scan(&id) })
	return err
}

// merge puts a tip to another: never to itself, to one that is put away or refused,
// and never in a chain.
func (t *tx) merge(a intake.Act) error {
	m := a.Merge
	if m == nil {
		return nil
	}
	n, err := t.exec(`INSERT INTO merges (tip, into_tip, back, day, member)
		SELECT x.id, y.id, $3, $4, $5 FROM tips x, tips y
		WHERE x.id = $1 AND y.id = $2 AND x.id <> y.id AND x.desk = y.desk AND y.lane = $6 AND y.state NOT IN ($7, $8, $9, $10)
		AND NOT EXISTS (SELECT 1 FROM merges c WHERE c.into_tip = $1)
		ON CONFLICT (tip) DO NOTHING`,
		m.Tip, m.Into, m.Back, m.On, m.By, intake.Normal, intake.StateMerged, intake.StateDeclined, intake.StateSpam, intake.StateWithdrawn)
	if err == nil && n == 0 {
		err = fmt.Errorf("tip %s into %s: %w", m.Tip, m.Into, intake.ErrConflict)
	}
	return err
}

// unmerge takes a tip away from another one.
func (t *tx) unmerge(a intake.Act) error {
	m := a.Unmerge
	if m == nil {
		return nil
	}
	n, err := t.exec(`DELETE FROM merges WHERE tip = $1 AND into_tip = $2`, m.Tip, m.Into)
	if err == nil && n == 0 {
		err = fmt.Errorf("tip %s out of %s: %w", m.Tip, m.Into, intake.ErrConflict)
	}
	return err
}

// MergeOf says what a tip is merged into, or [intake.ErrNotFound].
func (s *Store) MergeOf(ctx context.Context, tip string) (m intake.Merge, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT tip, into_tip, back, day, member FROM merges WHERE tip = $1`, tip).
		Scan(&m.Tip, &m.Into, &m.Back, &m.On, &m.By)
	return m, missing(err, intake.ErrNotFound)
}

const mergedInto = `SELECT ` + tipColumns + ` FROM merges m CROSS JOIN tips t WHERE m.into_tip = $1 AND t.id = m.tip ORDER BY m.tip LIMIT $2`

// MergedInto are at most limit tips that are merged into one, in the order of
// their ids.
func (s *Store) MergedInto(ctx context.Context, tip string, limit int) ([]intake.Tip, error) {
	rows, err := s.read.QueryContext(ctx, mergedInto, tip, limit)
	return collect(rows, err, func(row scanner) (intake.Tip, error) { return scanTip(row) })
}

// named goes by the ids alone, of which a prefix leaves few; a desk has nearly all tips.
// 'g' follows every digit of an id.
const named = `SELECT ` + tipColumns + ` FROM tips t WHERE t.id >= $1 AND t.id < $2 AND t.desk || '' = $3 ORDER BY t.id LIMIT $4`

// Named are at most limit tips of a desk whose id begins so.
func (s *Store) Named(ctx context.Context, desk, prefix string, limit int) ([]intake.Tip, error) {
	rows, err := s.read.QueryContext(ctx, named, prefix, prefix+"g", desk, limit)
	return collect(rows, err, func(row scanner) (intake.Tip, error) { return scanTip(row) })
}

// nearby names the index's columns in its order, or SQLite goes through every tip of
// those days.
const nearby = `SELECT ` + tipColumns + ` FROM tips t WHERE t.desk = $1 AND t.village = $2 AND t.received_on BETWEEN $3 AND $4
	AND t.id <> $5 ORDER BY t.desk, t.village, t.received_on DESC, t.id DESC LIMIT $6`

// Nearby are at most limit tips of the same desk and village (or what stands for
// it) that came within so many days of t, the newest first.
func (s *Store) Nearby(ctx context.Context, t intake.Tip, days, limit int) ([]intake.Tip, error) {
	if t.Place == "" {
		return nil, nil
	}
	rows, err := s.read.QueryContext(ctx, nearby, t.Desk, upTo(t.Place, villageDigits), later(t.ReceivedOn, -days), later(t.ReceivedOn, days), t.ID, limit)
	return collect(rows, err, func(row scanner) (intake.Tip, error) { return scanTip(row) })
}

// sameSender goes from the tags to the tips: SQLite keeps the order of a CROSS JOIN, and
// would begin with every tip of the desk otherwise.
const sameSender = `SELECT ` + tipColumns + ` FROM sender_tags a CROSS JOIN sender_tags b CROSS JOIN tips t
	WHERE a.tip = $1 AND a.until > $2 AND b.tag = a.tag AND b.tip <> a.tip AND b.until > $2 AND t.id = b.tip AND t.desk = $3
	ORDER BY t.received_on DESC, t.id DESC LIMIT $4`

// SameSender are at most limit tips of the same desk that the sender of t sent as
// well, while their tags live.
func (s *Store) SameSender(ctx context.Context, t intake.Tip, today intake.Date, limit int) ([]intake.Tip, error) {
	rows, err := s.read.QueryContext(ctx, sameSender, t.ID, today, t.Desk, limit)
	return collect(rows, err, func(row scanner) (intake.Tip, error) { return scanTip(row) })
}
