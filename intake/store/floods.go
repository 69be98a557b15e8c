package store

import (
	"context"

	"tipline/intake"
)

// mostFloods is how many floods are told apart at once.
const mostFloods = 20

// insertFlood notes which flood a held tip came with.
func (t *tx) insertFlood(a *intake.Acceptance) error {
	if a.Flood == "" {
		return nil
	}
	return t.put(`INSERT INTO floods (tip, grp, until) VALUES ($1, $2, $3)`, a.Tip.ID, a.Flood, later(a.Tip.ReceivedOn, senderDays))
}

// Floods are the groups of a desk's held tips that one origin or one sender sent,
// the largest first, as far as there are two of them.
func (s *Store) Floods(ctx context.Context, desk string) ([]intake.Flood, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT f.grp, COUNT(*) FROM floods f JOIN tips t ON t.id = f.tip WHERE t.desk = $1 AND t.lane = 'held' AND t.state <> 'spam'
		GROUP BY f.grp HAVING COUNT(*) > 1 ORDER BY COUNT(*) DESC, f.grp LIMIT $2`, desk, mostFloods)
	return collect(rows, err, func(row scanner) (f intake.Flood, err error) { return f, row.Scan(&f.Group, &f.Tips) })
}
