package store

import (
	"context"
	"strings"

	"tipline/intake"
)

// sinceHere keeps the lines of a tip's log that its own desk wrote: of one that came from
// another desk, those since it was received there.
const sinceHere = ` AND (NOT EXISTS (SELECT 1 FROM transfers x WHERE x.tip = h.tip)
	OR h.n >= (SELECT MAX(r.n) FROM history r WHERE r.tip = h.tip AND r.state = 'received'))`

// SQLite takes a CROSS JOIN in the order it is written in: from the days to the tips.
// Without statistics it would begin with every tip of the desk.

// Tallies count the lines of the state log of a desk's tips in the normal lane, from
// one day to another, both included.
func (s *Store) Tallies(ctx context.Context, desk string, from, to intake.Date) ([]intake.Tally, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT h.state, t.channel, t.source, t.category, CASE WHEN t.village <> '' THEN t.village ELSE t.place END, COUNT(*)
		FROM history h CROSS JOIN tips t WHERE t.id = h.tip AND h.day >= $1 AND h.day <= $2 AND t.desk = $3 AND t.lane = $4`+sinceHere+`
		GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`,
		from, to, desk, intake.Normal)
	return collect(rows, err, func(row scanner) (t intake.Tally, err error) {
		return t, row.Scan(&t.State, &t.Channel, &t.Source, &t.Category, &t.Place, &t.N)
	})
}

// Decided are how long a desk's decisions took that fell from one day to another:
// from the day of receipt, by the first decision of each tip, with the pauses before it.
func (s *Store) Decided(ctx context.Context, desk string, from, to intake.Date) ([]intake.Pace, error) {
	const decisions = `'accepted', 'declined', 'referred'`
	return s.pace(ctx, `SELECT t.received_on, h.day,
		COALESCE((SELECT string_agg(p.from_on || '/' || p.until_on, ' ' ORDER BY p.n) FROM pauses p WHERE p.tip = h.tip AND p.until_on <> '' AND p.until_on <= h.day), ''), '', COUNT(*)
		FROM history h CROSS JOIN tips t WHERE t.id = h.tip AND h.day >= $1 AND h.day <= $2 AND t.desk = $3 AND t.lane = $4
		AND h.state IN (`+decisions+`) AND NOT EXISTS (SELECT 1 FROM history b WHERE b.tip = h.tip AND b.n < h.n AND b.state IN (`+decisions+`))`+sinceHere, desk, from, to)
}

// Concluded are how long it took from acceptance what was concluded from one day to
// another, with the date that was granted meanwhile.
func (s *Store) Concluded(ctx context.Context, desk string, from, to intake.Date) ([]intake.Pace, error) {
	return s.pace(ctx, `SELECT a.day, h.day, '',
		COALESCE((SELECT MAX(e.to_on) FROM extensions e WHERE e.tip = h.tip AND e.state = 'granted' AND e.decided_on >= a.day AND e.decided_on <= h.day), ''), COUNT(*)
		FROM history h CROSS JOIN tips t CROSS JOIN history a
		WHERE t.id = h.tip AND a.tip = h.tip AND a.state = 'accepted' AND a.n < h.n AND h.day >= $1 AND h.day <= $2 AND t.desk = $3 AND t.lane = $4 AND h.state = 'concluded'
		AND NOT EXISTS (SELECT 1 FROM history b WHERE b.tip = h.tip AND b.state = 'accepted' AND b.n > a.n AND b.n < h.n)`, desk, from, to)
}

func (s *Store) pace(ctx context.Context, query, desk string, from, to intake.Date) ([]intake.Pace, error) {
	rows, err := s.read.QueryContext(ctx, strings.TrimSpace(query)+` GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`, from, to, desk, intake.Normal)
	return collect(rows, err, func(row scanner) (p intake.Pace, err error) {
		var stood string
		if err := row.Scan(&p.From, &p.To, &stood, &p.PutOff, &p.N); err != nil {
			return p, err
		}
		for _, stretch := range strings.Fields(stood) {
			first, last, _ := strings.Cut(stretch, "/")
			p.Stood = append(p.Stood, intake.Pause{From: intake.Date(first), Until: intake.Date(last)})
		}
		return p, nil
	})
}
