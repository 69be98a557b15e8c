package store

import (
	"context"

	"tipline/intake"
)

// rough are the destructions, of tips and of keys, behind which the database's files
// weren't written anew yet. They stand in the rows that their destruction wrote, so that
// nothing forgets them.
const rough = `SELECT id AS what, 0 AS version, done_on FROM destructions WHERE state = 'done' AND scrubbed_on = ''
	UNION ALL SELECT role, version, done_on FROM epochs WHERE done_on <> '' AND scrubbed_on = ''`

type roughly struct {
	what    string // a certificate's id, or a role
	version int    // of the role's key
}

// Rough says how many destructions wait for the database's files to be written anew, and
// since when the oldest does ("" when none waits).
func (s *Store) Rough(ctx context.Context) (n int, since intake.Date, err error) {
	return n, since, s.read.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(MIN(done_on), '') FROM (`+rough+`) AS r`).Scan(&n, &since)
}

// Scrub writes the database's files anew when something was destroyed since they were
// last, or always when it is asked for, so that nothing of it stands in them, and notes the
// day. Others that held
// something of it are written anew before: only when all are is it noted, and only of what
// was destroyed before they began.
func (s *Store) Scrub(ctx context.Context, on intake.Date, always bool, others ...func(context.Context) error) (done bool, err error) {
	rows, err := s.read.QueryContext(ctx, `SELECT what, version FROM (`+rough+`) AS r ORDER BY what, version`)
	before, err := collect(rows, err, func(row scanner) (r roughly, err error) { return r, row.Scan(&r.what, &r.version) })
	if err != nil || len(before) == 0 && !always {
		return false, err
	}
	for _, scrub := range append(others, s.db.Scrub) {
		if err := scrub(ctx); err != nil {
			return false, err
		}
	}
	err = s.group.write(ctx, true, func(t *tx) error {
		for _, r := range before {
			query := `UPDATE destructions SET scrubbed_on = $2 WHERE id = $1 AND scrubbed_on = ''`
			args := []any{r.what, on}
			if r.version > 0 {
				query, args = `UPDATE epochs SET scrubbed_on = $2 WHERE role = $1 AND version = $3 AND scrubbed_on = ''`, append(args, r.version)
			}
			if _, err := t.exec(query, args...); err != nil {
				return err
			}
		}
		return nil
	})
	return err == nil, notDurable(err)
}
