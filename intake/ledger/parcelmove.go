package ledger

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"slices"

	"tipline/intake"
)

// ParcelMove is what becomes of a parcel.
type ParcelMove struct {
	Desk, Batch, Number string
	Version             int // of the parcel that was looked at
	State               intake.LedgerState
	ClosedOn            intake.Date // "" for one that is open
	EvidenceOn          intake.Date // "" while the evidence isn't handed in
	Member              string
	On                  intake.Date
	Reason              []byte // sealed to the ledger's key
}

// String keeps a move out of logs and error texts.
func (ParcelMove) String() string { return "[move]" }

// LogValue keeps a move out of structured logs.
func (ParcelMove) LogValue() slog.Value { return slog.StringValue("[move]") }

// ParcelStates are the states a parcel may be in: a number it has from the start, and a
// later date comes with its batch.
func ParcelStates() []intake.LedgerState {
	return slices.DeleteFunc(intake.LedgerStates(), func(s intake.LedgerState) bool { return s == intake.LedgerNumbered || s == intake.LedgerExtended })
}

// MoveParcel moves a parcel on, with a line of its history. One that isn't as it was
// looked at any more is [intake.ErrConflict], one that isn't there [intake.ErrNotFound].
func (l *Ledger) MoveParcel(ctx context.Context, m ParcelMove) error {
	tx, err := l.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // no effect after the commit
	if err := moveParcel(ctx, tx, m); err != nil {
		return err
	}
	return tx.Commit()
}

func moveParcel(ctx context.Context, tx *sql.Tx, m ParcelMove) error {
	var version int
	err := tx.QueryRowContext(ctx, `UPDATE ledger_parcels SET state = $4, closed_on = $5, evidence_on = $6, version = version + 1
		WHERE desk = $1 AND batch = $2 AND number = $3 AND version = $7 RETURNING version`,
		m.Desk, m.Batch, m.Number, m.State, m.ClosedOn, m.EvidenceOn, m.Version).Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM ledger_parcels WHERE desk = $1 AND batch = $2 AND number = $3`, m.Desk, m.Batch, m.Number).Scan(&n); err != nil {
			return err
		}
		if n == 0 {
			return intake.ErrNotFound
		}
		return intake.ErrConflict
	}
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO ledger_parcel_moves (desk, batch, number, version, member, day, state, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		m.Desk, m.Batch, m.Number, version, m.Member, m.On, m.State, m.Reason)
	return err
}

// maxMoves is how many steps of a parcel are shown.
const maxMoves = 200

// ParcelMoves are a parcel's steps, the newest first; Version is the parcel's from then on.
func (l *Ledger) ParcelMoves(ctx context.Context, desk, batch, number string) (out []ParcelMove, err error) {
	rows, err := l.read.QueryContext(ctx, `SELECT version, member, day, state, reason FROM ledger_parcel_moves WHERE desk = $1 AND batch = $2 AND number = $3 ORDER BY version DESC LIMIT $4`,
		desk, batch, number, maxMoves)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		m := ParcelMove{Desk: desk, Batch: batch, Number: number}
		if err := rows.Scan(&m.Version, &m.Member, &m.On, &m.State, &m.Reason); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, rows.Err()
}
