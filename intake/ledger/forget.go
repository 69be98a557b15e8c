package ledger

import (
	"context"
)

// Forget takes what is sealed out of a tip's rows, and what singles it out: the number, the
// dates and the disposition stay, for the counts. A second time changes nothing.
func (l *Ledger) Forget(ctx context.Context, tip string) error {
	for _, query := range []string{
		`UPDATE ledger_rows SET sealed = NULL, conduct = '[]', place = SUBSTR(place, 1, 9), real_name = 0, files = 0, commitment = '' WHERE tip = $1`,
		`DELETE FROM ledger_outcomes WHERE tip = $1`,
	} {
		if _, err := l.write.ExecContext(ctx, query, tip); err != nil {
			return err
		}
	}
	return nil
}

// Scrub writes the ledger's files anew; see [database.DB.Scrub].
func (l *Ledger) Scrub(ctx context.Context) error { return l.db.Scrub(ctx) }
