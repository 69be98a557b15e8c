package ledger

import (
	"context"
	"database/sql"
	"time"

	"tipline/intake"
)

// Forget takes what is sealed out of a tip's rows, and what singles it out: the number, the
// dates and the disposition stay, for the counts. Reports that were given out and may hold
// its words go with them, and so does what an import remembers of it. A second time
// changes nothing.
func (l *Ledger) Forget(ctx context.Context, tip string) error {
	tx, err := l.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // no effect after the commit
	if err := forgetReports(ctx, tx, tip); err != nil {
		return err
	}
	for _, query := range []string{
		`UPDATE ledger_rows SET sealed = NULL, work = NULL, conduct = '[]', place = SUBSTR(place, 1, 9), real_name = 0, files = 0, commitment = '' WHERE tip = $1`,
		`DELETE FROM ledger_outcomes WHERE tip = $1`,
		`DELETE FROM ledger_imports WHERE tip = $1`,
		`DELETE FROM ledger_shown WHERE line = $1`,
	} {
		if _, err := tx.ExecContext(ctx, query, tip); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// forgetReports removes the extract of the day a tip came, and the weeks' sheets from then
// until it was closed, where it was worked on. A row that is forgotten has no commitment
// any more: what was given out since stays.
func forgetReports(ctx context.Context, tx *sql.Tx, tip string) error {
	type row struct {
		desk               string
		came, closed, week intake.Date
		worked             bool
	}
	rows, err := tx.QueryContext(ctx, `SELECT desk, received_on, closed_on, CASE WHEN disposition = 'accepted' OR department <> '' OR outcomes > 0 THEN 1 ELSE 0 END
		FROM ledger_rows WHERE tip = $1 AND commitment <> ''`, tip)
	if err != nil {
		return err
	}
	defer rows.Close()
	var all []row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.desk, &r.came, &r.closed, &r.worked); err != nil {
			return err
		}
		day, err := time.Parse(time.DateOnly, string(r.came))
		if err != nil {
			return err
		}
		r.week = intake.Date(day.AddDate(0, 0, -6).Format(time.DateOnly)) // the earliest Monday whose week it may be
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, r := range all {
		if _, err := tx.ExecContext(ctx, `DELETE FROM ledger_reports WHERE desk = $1 AND kind = 'daily' AND day = $2`, r.desk, r.came); err != nil {
			return err
		}
		if !r.worked {
			continue
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM ledger_reports WHERE desk = $1 AND kind = 'weekly' AND day >= $2 AND ($3 = '' OR day <= $3)`, r.desk, r.week, r.closed); err != nil {
			return err
		}
	}
	return nil
}

// Scrub writes the ledger's files anew; see [database.DB.Scrub].
func (l *Ledger) Scrub(ctx context.Context) error { return l.db.Scrub(ctx) }
