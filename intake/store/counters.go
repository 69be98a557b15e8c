package store

import (
	"cmp"
	"context"
	"maps"
	"slices"

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

// counted is a counter's key.
type counted struct {
	desk  string
	lane  intake.Lane
	state intake.State
}

// moved is what a counter moves by.
type moved struct{ n, unread int64 }

// counts are the counters that a transaction moves. They are written just before
// its commit: many tips move the same few rows, which other processes' tips want
// too.
type counts map[counted]moved

// count adds n tips to a standing's counter, or takes them away.
func (t *tx) count(s standing, n int64) {
	k := counted{s.desk, s.lane, s.state}
	m := t.counts[k]
	t.counts[k] = moved{m.n + n, m.unread + n*bit(s.unread)}
}

// recount moves one tip from a standing to another.
func (t *tx) recount(from, to standing) {
	t.count(from, -1)
	t.count(to, 1)
}

// writeCounts writes the counters in the same order everywhere, so that no two
// transactions wait for one another.
func (t *tx) writeCounts() error {
	for _, k := range slices.SortedFunc(maps.Keys(t.counts), counted.compare) {
		m := t.counts[k]
		if m == (moved{}) {
			continue
		}
		err := t.put(`INSERT INTO counters (desk, lane, state, n, unread) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (desk, lane, state) DO UPDATE SET n = counters.n + excluded.n, unread = counters.unread + excluded.unread`,
			k.desk, k.lane, k.state, m.n, m.unread)
		if err != nil {
			return err
		}
	}
	return nil
}

func (k counted) compare(o counted) int {
	return cmp.Or(cmp.Compare(k.desk, o.desk), cmp.Compare(k.lane, o.lane), cmp.Compare(k.state, o.state))
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
			if state == intake.StateSpam {
				c.Spam += n
			} else {
				c.Held += n
			}
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
