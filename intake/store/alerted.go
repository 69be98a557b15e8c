package store

import (
	"context"

	"tipline/intake"
)

// alertDays is how old a tip may be when it is announced: one that is released
// later was looked at by somebody.
const alertDays = 14

// Urgent are at most limit of a desk's urgent tips in the normal lane that weren't
// announced by this way yet.
func (s *Store) Urgent(ctx context.Context, desk, way string, today intake.Date, limit int) (tips []string, err error) {
	rows, err := s.read.QueryContext(ctx, `SELECT t.id FROM tips t WHERE t.desk = $1 AND t.urgent = 1 AND t.received_on >= $2 AND t.lane = $3
		AND NOT EXISTS (SELECT 1 FROM alerted a WHERE a.tip = t.id AND a.way = $4) LIMIT $5`,
		desk, later(today, -alertDays), intake.Normal, way, limit)
	return collect(rows, err, func(row scanner) (id string, err error) { return id, row.Scan(&id) })
}

// Alerted notes that tips were announced by this way.
func (s *Store) Alerted(ctx context.Context, way string, tips ...string) error {
	return notDurable(s.group.write(ctx, true, func(t *tx) error {
		for _, id := range tips {
			if _, err := t.exec(`INSERT INTO alerted (tip, way) VALUES ($1, $2) ON CONFLICT (tip, way) DO NOTHING`, id, way); err != nil {
				return err
			}
		}
		return nil
	}))
}
