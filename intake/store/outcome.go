package store

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"

	"tipline/intake"
)

// follow notes the ledger's word, if it is newer than what the tip followed last,
// and what it says beside the state.
func (t *tx) follow(a intake.Act) error {
	o := a.Outcome
	if o == nil {
		return nil
	}
	if err := t.newer(a.Audit.Tip, o); err != nil {
		return err
	}
	if o.DueOn != "" {
		if _, err := t.exec(`UPDATE tips SET due_on = $2 WHERE id = $1`, a.Audit.Tip, o.DueOn); err != nil {
			return err
		}
	}
	if o.Note == nil {
		return nil
	}
	now, err := t.standing(`SELECT `+standingColumns+` FROM tips WHERE id = $1`, a.Audit.Tip)
	if err != nil {
		return err
	}
	var n int
	if err := t.row(`SELECT COALESCE(MAX(n), 0) + 1 FROM parts WHERE tip = $1 AND compartment = $2 AND name = $3`,
		a.Audit.Tip, intake.CompartmentNotes, intake.NoteOfLedger).Scan(&n); err != nil {
		return err
	}
	return t.addPart(a.Audit.Tip, n, now.desk, cmp.Or(o.KeyVersion, now.version),
		intake.Part{Compartment: intake.CompartmentNotes, Name: intake.NoteOfLedger, Sealed: o.Note})
}

func (t *tx) newer(tip string, o *intake.OutcomeMark) error {
	changed, err := t.exec(`INSERT INTO outcomes (tip, sequence, event, number) SELECT id, CAST($2 AS BIGINT), $3, $4 FROM tips WHERE id = $1 AND destroyed_on = ''
		ON CONFLICT (tip) DO UPDATE SET sequence = excluded.sequence, event = excluded.event, number = CASE WHEN excluded.number = '' THEN outcomes.number ELSE excluded.number END
		WHERE excluded.sequence > outcomes.sequence OR (excluded.sequence = 0 AND outcomes.sequence = 0 AND excluded.event <> outcomes.event)`, tip, o.Sequence, o.Event, o.Number)
	if err != nil || changed > 0 {
		return err
	}
	if err := t.guard(sql.ErrNoRows, tip); !errors.Is(err, intake.ErrConflict) {
		return err
	}
	return fmt.Errorf("tip %s: %w", tip, intake.ErrStale)
}
