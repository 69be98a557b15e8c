package store

import (
	"context"

	"tipline/intake"
)

// inletDays is how long the days of an inlet are counted apart.
const inletDays = 92

// CountInlets adds to the counts of the inlets. The hour of an outcome is replaced:
// that of the last is kept, and no other.
func (s *Store) CountInlets(ctx context.Context, counts ...intake.InletCount) error {
	return notDurable(s.group.write(ctx, true, func(t *tx) error {
		for _, c := range counts {
			if _, err := t.exec(`INSERT INTO inlet_days (inlet, outcome, day, n) VALUES ($1, $2, $3, $4)
				ON CONFLICT (inlet, outcome, day) DO UPDATE SET n = inlet_days.n + excluded.n`, c.Inlet, c.Outcome, c.On, c.N); err != nil {
				return err
			}
			if _, err := t.exec(`INSERT INTO inlet_last (inlet, outcome, hour) VALUES ($1, $2, $3)
				ON CONFLICT (inlet, outcome) DO UPDATE SET hour = excluded.hour WHERE excluded.hour > inlet_last.hour`, c.Inlet, c.Outcome, seconds(c.Hour)); err != nil {
				return err
			}
		}
		return nil
	}))
}

// Inlets are the counts of every inlet and outcome: N of today, Recent since a day,
// that one included.
func (s *Store) Inlets(ctx context.Context, today, since intake.Date) ([]intake.InletCount, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT l.inlet, l.outcome, l.hour,
		(SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM inlet_days d WHERE d.inlet = l.inlet AND d.outcome = l.outcome AND d.day = $1),
		(SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM inlet_days d WHERE d.inlet = l.inlet AND d.outcome = l.outcome AND d.day >= $2 AND d.day <= $1)
		FROM inlet_last l ORDER BY l.inlet, l.outcome`, today, since)
	return collect(rows, err, func(row scanner) (c intake.InletCount, err error) {
		var hour int64
		err = row.Scan(&c.Inlet, &c.Outcome, &hour, &c.N, &c.Recent)
		c.Hour = instant(hour)
		return c, err
	})
}
