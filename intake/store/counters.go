package store

import (
	"context"

	"tipline/intake"
)

// standing is what the kept counts count a tip by, and the key its new parts are
// sealed to.
type standing struct {
	desk    string
	lane    intake.Lane
	state   intake.State
	unread  bool
	version int
}

// count adds n tips to a standing's counter, or takes them away.
func (t *tx) count(s standing, n int) error {
	_, err := t.exec(`INSERT INTO counters (desk, lane, state, n, unread) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (desk, lane, state) DO UPDATE SET n = counters.n + excluded.n, unread = counters.unread + excluded.unread`,
		s.desk, s.lane, s.state, n, int64(n)*bit(s.unread))
	return err
}

// recount moves one tip from a standing to another.
func (t *tx) recount(from, to standing) error {
	if err := t.count(from, -1); err != nil {
		return err
	}
	return t.count(to, 1)
}

// Counts are the kept counts of a desk; every desk's with "".
func (s *Store) Counts(ctx context.Context, desk string) (intake.Counts, error) {
	c := intake.Counts{ByState: map[intake.State]int{}}
	rows, err := s.read.QueryContext(ctx, `SELECT lane, state, n, unread FROM counters WHERE desk = $1 OR $1 = ''`, desk)
	_, err = collect(rows, err, func(row scanner) (struct{}, error) {
		var lane intake.Lane
		var state intake.State
		var n, unread int
		if err := row.Scan(&lane, &state, &n, &unread); err != nil {
			return struct{}{}, err
		}
		if lane == intake.Held {
			c.Held += n
			return struct{}{}, nil
		}
		if n != 0 {
			c.ByState[state] += n
		}
		c.Unread += unread
		return struct{}{}, nil
	})
	return c, err
}
