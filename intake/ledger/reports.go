package ledger

import (
	"context"
	"database/sql"
	"errors"

	"tipline/intake"
)

// Issued is a report of days that are over, as it was first given out.
type Issued struct {
	Desk, Kind string
	Day        intake.Date // its first
	Lang       string
	Sealed     []byte // the file, sealed to the ledger's key
	Member     string // who took it first
	Made       intake.Date
}

// Issue keeps a report unless there is one already, and returns the one that stands.
func (l *Ledger) Issue(ctx context.Context, r Issued) (Issued, error) {
	_, err := l.write.ExecContext(ctx, `INSERT INTO ledger_reports (desk, kind, day, lang, sealed, member, made) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (desk, kind, day, lang) DO NOTHING`,
		r.Desk, r.Kind, r.Day, r.Lang, r.Sealed, r.Member, r.Made)
	if err != nil {
		return Issued{}, err
	}
	return l.Issued(ctx, r.Desk, r.Kind, r.Day, r.Lang)
}

// Issued is the report that was given out; none is [intake.ErrNotFound].
func (l *Ledger) Issued(ctx context.Context, desk, kind string, day intake.Date, lang string) (r Issued, err error) {
	err = l.read.QueryRowContext(ctx, `SELECT desk, kind, day, lang, sealed, member, made FROM ledger_reports WHERE desk = $1 AND kind = $2 AND day = $3 AND lang = $4`, desk, kind, day, lang).
		Scan(&r.Desk, &r.Kind, &r.Day, &r.Lang, &r.Sealed, &r.Member, &r.Made)
	if errors.Is(err, sql.ErrNoRows) {
		err = intake.ErrNotFound
	}
	return r, err
}
