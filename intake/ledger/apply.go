package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tipline/intake"
	"tipline/intake/database"
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
	writes := make([][]database.Statement, len(events))
	for i, e := range events {
		var err error
		if writes[i], err = writesOf(e); err != nil {
			return fmt.Errorf("event %s: %w", e.ID, err)
		}
	}
	if l.db.Pipelines() && l.db.Together(ctx, slices.Concat(writes...)) == nil {
		return nil // all of them were new, as nearly always
	}
	tx, err := l.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // no effect after the commit
	w := writer{tx, map[string]*sql.Stmt{}}
	for i, e := range events {
		if err := w.write(ctx, writes[i]); err != nil {
			return fmt.Errorf("event %s: %w", e.ID, err)
		}
	}
	return tx.Commit()
}

// writer prepares each statement once for a transaction.
type writer struct {
	tx       *sql.Tx
	prepared map[string]*sql.Stmt
}

// write runs one event's statements up to a claim that fails.
func (w writer) write(ctx context.Context, all []database.Statement) (err error) {
	for _, s := range all {
		p := w.prepared[s.Query]
		if p == nil {
			if p, err = w.tx.PrepareContext(ctx, s.Query); err != nil {
				return err
			}
			w.prepared[s.Query] = p
		}
		r, err := p.ExecContext(ctx, s.Args...)
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || s.Claims && n == 0 {
			return err
		}
	}
	return nil
}

const (
	eventSQL   = `INSERT INTO ledger_events (id) VALUES ($1) ON CONFLICT (id) DO NOTHING`
	summarySQL = `UPDATE ledger_rows SET sealed = $1, summed = $2 WHERE tip = $3 AND desk = $4 AND summed <= $2`
)

// upsertSQL lets the newest event of a tip at a desk decide, and of two acceptances in one
// place the one that was told on a later day, on the same day the one that was put off; the ledger's own columns
// (state, number) are never touched by it.
const upsertSQL = `INSERT INTO ledger_rows (tip, desk, channel, source, category, conduct, place, urgent, real_name, received_on, files, commitment,
		decided, disposition, department, reason, due_on, merged_into, gone, told_on, state, number)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, '` + StatePending + `', '')
	ON CONFLICT (desk, tip) DO UPDATE SET category = excluded.category, conduct = excluded.conduct, place = excluded.place,
		urgent = excluded.urgent, decided = excluded.decided, disposition = excluded.disposition, department = excluded.department,
		reason = excluded.reason, commitment = excluded.commitment, due_on = excluded.due_on, merged_into = excluded.merged_into,
		gone = excluded.gone, told_on = excluded.told_on
	WHERE excluded.decided > ledger_rows.decided OR excluded.decided = ledger_rows.decided
		AND NOT (excluded.disposition = 'accepted' AND ledger_rows.disposition = 'accepted'
			AND (excluded.told_on < ledger_rows.told_on OR excluded.told_on = ledger_rows.told_on AND excluded.due_on < ledger_rows.due_on))`

// writesOf are an event's writes: first its claim to be new.
func writesOf(e intake.Event) ([]database.Statement, error) {
	d, known := disposition(e.Type)
	if !known {
		return nil, nil // of a later version, or not for the ledger
	}
	order, err := orderOf(e)
	if err != nil {
		return nil, err
	}
	f := e.Data
	conduct, err := json.Marshal(f.Conduct)
	if err != nil {
		return nil, err
	}
	if e.Type == intake.EventUnmerged {
		f.Into = "" // it names what the tip was taken out of
	}
	all := []database.Statement{{Query: eventSQL, Args: []any{e.ID}, Claims: true}, {Query: upsertSQL, Args: []any{
		f.Tip, f.Desk, f.Channel, f.Source, f.Category, string(conduct), f.Place, bit(f.Urgent), bit(f.RealName),
		f.ReceivedOn, f.Files, f.Commitment, order, d, f.Department, f.Reason, f.DueOn, f.Into, bit(left(e)), toldOn(e)}}}
	if len(f.Sealed) > 0 {
		all = append(all, database.Statement{Query: summarySQL, Args: []any{f.Sealed, order, f.Tip, f.Desk}})
	}
	return all, nil
}

// toldOn is the day of an event, of which it tells no more; "" when it names none.
func toldOn(e intake.Event) intake.Date {
	day, _, _ := strings.Cut(e.Time, "T")
	return intake.Date(day)
}

// left says whether an event ends its tip's row here because the tip went to another
// desk.
func left(e intake.Event) bool {
	return e.Type == intake.EventWithdrawn && e.Data.Reason == intake.ReasonTransferred
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
