package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"tipline/intake"
)

// StatePending (待核查) is where the ledger's own work on a row begins.
const StatePending = "pending"

// disposition is what a type of the queue means for a row.
func disposition(t intake.EventType) (string, bool) {
	switch t {
	case intake.EventReceived, intake.EventUnmerged:
		return "", true
	case intake.EventAccepted:
		return string(intake.StateAccepted), true
	case intake.EventDeclined:
		return string(intake.StateDeclined), true
	case intake.EventReferred:
		return string(intake.StateReferred), true
	case intake.EventMerged:
		return string(intake.StateMerged), true
	case intake.EventSpam:
		return string(intake.StateSpam), true
	case intake.EventWithdrawn:
		return string(intake.StateWithdrawn), true
	default:
		return "", false
	}
}

// Apply writes events in one transaction. An event that is in the ledger already
// changes nothing.
func (l *Ledger) Apply(ctx context.Context, events []intake.Event) error {
	tx, err := l.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // no effect after the commit
	w, err := newWriter(ctx, tx)
	if err != nil {
		return err
	}
	for _, e := range events {
		if err := w.apply(ctx, e); err != nil {
			return fmt.Errorf("event %s: %w", e.ID, err)
		}
	}
	return tx.Commit()
}

type writer struct{ seen, row, summary *sql.Stmt }

func newWriter(ctx context.Context, tx *sql.Tx) (w writer, err error) {
	if w.seen, err = tx.PrepareContext(ctx, `INSERT INTO ledger_events (id) VALUES ($1) ON CONFLICT (id) DO NOTHING`); err != nil {
		return w, err
	}
	if w.row, err = tx.PrepareContext(ctx, upsertSQL); err != nil {
		return w, err
	}
	w.summary, err = tx.PrepareContext(ctx, `UPDATE ledger_rows SET sealed = $1, summed = $2 WHERE tip = $3 AND desk = $4 AND summed <= $2`)
	return w, err
}

// upsertSQL lets the newest event of a tip at a desk decide; the ledger's own columns
// (state, number) are never touched by it.
const upsertSQL = `INSERT INTO ledger_rows (tip, desk, channel, source, category, conduct, place, urgent, real_name, received_on, files, commitment,
		decided, disposition, department, reason, due_on, merged_into, state, number)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, '` + StatePending + `', '')
	ON CONFLICT (desk, tip) DO UPDATE SET category = excluded.category, conduct = excluded.conduct, place = excluded.place,
		urgent = excluded.urgent, decided = excluded.decided, disposition = excluded.disposition, department = excluded.department,
		reason = excluded.reason, commitment = excluded.commitment, due_on = excluded.due_on, merged_into = excluded.merged_into
	WHERE excluded.decided >= ledger_rows.decided`

func (w writer) apply(ctx context.Context, e intake.Event) error {
	d, known := disposition(e.Type)
	if !known {
		return nil // of a later version, or not for the ledger
	}
	r, err := w.seen.ExecContext(ctx, e.ID)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return err
	}
	order, err := orderOf(e)
	if err != nil {
		return err
	}
	f := e.Data
	conduct, err := json.Marshal(f.Conduct)
	if err != nil {
		return err
	}
	if e.Type == intake.EventUnmerged {
		f.Into = "" // it names what the tip was taken out of
	}
	_, err = w.row.ExecContext(ctx, f.Tip, f.Desk, f.Channel, f.Source, f.Category, string(conduct), f.Place, bit(f.Urgent), bit(f.RealName),
		f.ReceivedOn, f.Files, f.Commitment, order, d, f.Department, f.Reason, f.DueOn, f.Into)
	if err == nil && len(f.Sealed) > 0 {
		_, err = w.summary.ExecContext(ctx, f.Sealed, order, f.Tip, f.Desk)
	}
	return err
}

// orderOf is the event's place among its tip's; one that names none tells of the
// tip's arrival.
func orderOf(e intake.Event) (int, error) {
	if e.Sequence == "" {
		return 0, nil
	}
	order, err := strconv.Atoi(e.Sequence)
	if err != nil {
		return 0, errors.New("its sequence is no number")
	}
	return order, nil
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
