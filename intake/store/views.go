package store

import (
	"context"
	"fmt"

	"tipline/intake"
)

// DueCounts are a desk's tips of the normal lane whose date is over, is today, and
// is today or within the seven days after it, and those that were taken up by
// unsentBy and aren't in the ledger ("": none). Each is counted up to bound and no
// further, so that the inbox costs the same however many there are.
func (s *Store) DueCounts(ctx context.Context, desk string, today, unsentBy intake.Date, bound int) (map[intake.DueFilter]int, error) {
	out := map[intake.DueFilter]int{}
	var n int
	if err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM tips t WHERE t.desk = $1 AND `+unsent+` AND t.accepted_on <= $2 LIMIT $3) AS bounded`,
		desk, unsentBy, bound).Scan(&n); err != nil {
		return nil, err
	}
	out[intake.DueUnsent] = n
	for _, due := range intake.DueFilters() {
		if !due.Dated() {
			continue
		}
		n, err := s.dueCount(ctx, desk, due, today, bound)
		if err != nil {
			return nil, err
		}
		out[due] = n
	}
	return out, nil
}

// Overdue is how many tips of a desk are overdue, up to bound.
func (s *Store) Overdue(ctx context.Context, desk string, today intake.Date, bound int) (int, error) {
	return s.dueCount(ctx, desk, intake.DueOverdue, today, bound)
}

func (s *Store) dueCount(ctx context.Context, desk string, due intake.DueFilter, today intake.Date, bound int) (n int, err error) {
	from, to := due.Between(today, later)
	err = s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM tips t WHERE t.desk = $1 AND t.lane = $2 AND t.due_on <> ''
		AND t.due_on >= $3 AND t.due_on <= $4 LIMIT $5) AS bounded`, desk, intake.Normal, from, to, bound).Scan(&n)
	return n, err
}

// Running are at most limit tips of a desk whose date runs in a lane, in the order of the
// date, from a day on and behind the tip after, "" for the first.
func (s *Store) Running(ctx context.Context, desk string, lane intake.Lane, from intake.Date, after string, limit int) ([]intake.Tip, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+tipColumns+` FROM tips t WHERE t.desk = $1 AND t.lane = $2 AND t.due_on <> '' AND (t.due_on, t.id) > ($3, $4)
		ORDER BY t.due_on, t.id LIMIT $5`, desk, lane, from, after, limit)
	return collect(rows, err, func(row scanner) (intake.Tip, error) { return scanTip(row) })
}

// LastDue is the last of a desk's dates that run in the normal lane, "" without one.
func (s *Store) LastDue(ctx context.Context, desk string) (last intake.Date, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT COALESCE(MAX(t.due_on), '') FROM tips t WHERE t.desk = $1 AND t.lane = $2 AND t.due_on <> ''`, desk, intake.Normal).Scan(&last)
	return last, err
}

// Awaiting says which of some tips wait for a second reviewer, and how.
func (s *Store) Awaiting(ctx context.Context, tips []intake.Tip) (map[string]intake.ReviewKind, error) {
	out := map[string]intake.ReviewKind{}
	if len(tips) == 0 {
		return out, nil
	}
	c := &conditions{}
	query := `SELECT ` + reviewColumns + ` FROM reviews WHERE tip IN (`
	for i, t := range tips {
		if i > 0 {
			query += ", "
		}
		query += c.arg(t.ID)
	}
	rows, err := s.read.QueryContext(ctx, query+`)`, c.args...)
	found, err := collect(rows, err, scanReview)
	for _, r := range found {
		out[r.Tip] = r.Kind
	}
	return out, err
}

// maxViews is how many views a member may keep.
const maxViews = 20

// SaveView keeps one of a member's views of the inbox; one too many is
// [intake.ErrConflict].
func (s *Store) SaveView(ctx context.Context, member string, v intake.SavedView) error {
	return notDurable(s.group.write(ctx, true, func(t *tx) error {
		n, err := t.exec(`INSERT INTO views (member, id, sealed) SELECT $1, $2, $3 WHERE (SELECT COUNT(*) FROM views WHERE member = $1) < $4
			ON CONFLICT (member, id) DO UPDATE SET sealed = excluded.sealed`, member, v.ID, v.Sealed, maxViews)
		if err == nil && n == 0 {
			return fmt.Errorf("as many views are kept as may be, %d: %w", maxViews, intake.ErrConflict)
		}
		return err
	}))
}

// Views are a member's saved views in the order of their ids, sealed to them.
func (s *Store) Views(ctx context.Context, member string) ([]intake.SavedView, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, sealed FROM views WHERE member = $1 ORDER BY id`, member)
	return collect(rows, err, func(row scanner) (v intake.SavedView, err error) { return v, row.Scan(&v.ID, &v.Sealed) })
}

// DropView forgets one of a member's views; one that isn't there is no error.
func (s *Store) DropView(ctx context.Context, member, id string) error {
	return notDurable(s.group.write(ctx, true, func(t *tx) error {
		_, err := t.exec(`DELETE FROM views WHERE member = $1 AND id = $2`, member, id)
		return err
	}))
}
