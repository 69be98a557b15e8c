package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"

	"tipline/intake"
)

// Edit is what the office changed of a row in its own sheet.
type Edit struct {
	Tip, Desk string
	Version   int          // of the row that was changed
	Work      []byte       // what it keeps in words from now on, sealed
	ClosedOn  intake.Date  // from now on
	Columns   string       // the keys of what was changed
	Outcome   *Outcome     // what the desk is told; nil when it isn't
	Parcels   []ParcelMove // that are closed with the row
}

// String keeps an edit out of logs and error texts.
func (Edit) String() string { return "[edit]" }

// LogValue keeps an edit out of structured logs.
func (Edit) LogValue() slog.Value { return slog.StringValue("[edit]") }

// Edit makes the edits of one sheet in one transaction, with a line of the ledger's own
// record each. A row that isn't as it was by now is [intake.ErrConflict]; the errors
// of [Ledger.Outcome] are its own. After an error nothing was changed.
func (l *Ledger) Edit(ctx context.Context, member string, edits []Edit, events intake.Events) error {
	tx, err := l.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // no effect after the commit
	day := intake.DateOf(events.Now(), events.Loc)
	for _, e := range edits {
		if err := edit(ctx, tx, member, day, e, events); err != nil {
			return fmt.Errorf("tip %s: %w", e.Tip, err)
		}
	}
	return tx.Commit()
}

func edit(ctx context.Context, tx *sql.Tx, member string, day intake.Date, e Edit, events intake.Events) error {
	var version int
	err := tx.QueryRowContext(ctx, `UPDATE ledger_rows SET work = $4, closed_on = $5, version = version + 1 WHERE desk = $1 AND tip = $2 AND version = $3 AND gone = 0 RETURNING version`,
		e.Desk, e.Tip, e.Version, e.Work, e.ClosedOn).Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		return intake.ErrConflict
	}
	if err != nil {
		return err
	}
	if e.Outcome != nil {
		if err := tell(ctx, tx, *e.Outcome, events); err != nil {
			return err
		}
	}
	for _, m := range e.Parcels {
		if err := moveParcel(ctx, tx, m); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO ledger_changes (desk, tip, version, member, day, columns) VALUES ($1, $2, $3, $4, $5, $6)`,
		e.Desk, e.Tip, version, member, day, e.Columns)
	return err
}

// Row is a desk's row of a tip, or else of a number; none is [intake.ErrNotFound].
func (l *Ledger) Row(ctx context.Context, desk, key string) (r Row, err error) {
	for _, by := range []string{"tip", "number"} {
		r, err = scan(l.read.QueryRowContext(ctx, `SELECT `+columns+` FROM ledger_rows WHERE desk = $1 AND `+by+` = $2 AND gone = 0`, desk, key))
		if !errors.Is(err, sql.ErrNoRows) {
			return r, err
		}
	}
	return r, intake.ErrNotFound
}

// Change is a line of the ledger's record of what members changed.
type Change struct {
	Version int
	Member  string
	On      intake.Date
	Columns string
}

// Changes are what members changed of a row, in order.
func (l *Ledger) Changes(ctx context.Context, desk, tip string) (out []Change, err error) {
	rows, err := l.read.QueryContext(ctx, `SELECT version, member, day, columns FROM ledger_changes WHERE desk = $1 AND tip = $2 ORDER BY version`, desk, tip)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c Change
		if err := rows.Scan(&c.Version, &c.Member, &c.On, &c.Columns); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}
