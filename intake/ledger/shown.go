package ledger

import "context"

// Shown are the lines that stood on a sheet for a village: tips by their ids, parcels by their numbers.
func (l *Ledger) Shown(ctx context.Context, desk string) (map[string]bool, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT line FROM ledger_shown WHERE desk = $1`, desk)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]bool{}
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, err
		}
		out[line] = true
	}
	return out, rows.Err()
}

// Show notes lines that stand on a sheet from now on.
func (l *Ledger) Show(ctx context.Context, desk string, lines []string) error {
	tx, err := l.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // no effect after the commit
	for _, line := range lines {
		if _, err := tx.ExecContext(ctx, `INSERT INTO ledger_shown (desk, line) VALUES ($1, $2) ON CONFLICT (desk, line) DO NOTHING`, desk, line); err != nil {
			return err
		}
	}
	return tx.Commit()
}
