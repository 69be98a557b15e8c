package store

import (
	"context"

	"tipline/intake"
)

// spamMayGo holds for spam that may go with others of its kind. Nobody has to have opened
// it, as long as its reporter added nothing since: what they add might be no spam.
const spamMayGo = nothingWaits + ` AND (unread = 0 OR NOT EXISTS (SELECT 1 FROM messages WHERE tip = tips.id AND sender = 'reporter')
	AND NOT EXISTS (SELECT 1 FROM containers WHERE tip = tips.id AND compartment LIKE '%.%'))`

// OldSpam are at most limit tips of a desk that became spam on a day or before and may be
// destroyed together, as they'd be asked for: with the day since when they are at their end.
func (s *Store) OldSpam(ctx context.Context, desk string, by intake.Date, member string, limit int) ([]intake.Destruction, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, desk, state, (SELECT MAX(day) FROM history WHERE tip = tips.id) FROM tips
		WHERE desk = $1 AND state = 'spam' AND destroyed_on = '' AND received_on <= $2 AND (SELECT MAX(day) FROM history WHERE tip = tips.id) <= $2
		AND NOT EXISTS (SELECT 1 FROM destructions d WHERE d.tip = tips.id AND d.state <> 'refused') AND `+uninvolved("tips.id", "$3")+` AND `+spamMayGo+`
		ORDER BY received_on, id LIMIT $4`, desk, by, member, limit)
	return collect(rows, err, func(row scanner) (d intake.Destruction, err error) {
		return d, row.Scan(&d.Tip, &d.Desk, &d.Disposition, &d.Since)
	})
}

// AskBatch asks for the destruction of several tips under one certificate, or for none.
func (s *Store) AskBatch(ctx context.Context, all []intake.Destruction, a intake.Audit) error {
	return s.withAudit(ctx, a, func(t *tx) error {
		for i := range all {
			if err := t.doom(intake.Act{Doom: &all[i]}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Batch are the destructions that one certificate is about, without refused ones.
func (s *Store) Batch(ctx context.Context, batch string) ([]intake.Destruction, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+destructionColumns+` FROM destructions d JOIN tips t ON t.id = d.tip WHERE d.batch = $1 AND d.batch <> '' AND d.state <> 'refused' ORDER BY t.received_on, d.tip`, batch)
	return collect(rows, err, scanDestruction)
}

// DecideBatch decides what was asked for with AskBatch. Of what is approved, a tip that was
// held, taken up anew or added to meanwhile is kept.
func (s *Store) DecideBatch(ctx context.Context, decided intake.Destruction, a intake.Audit) error {
	d := decided
	return s.withAudit(ctx, a, func(t *tx) error {
		if d.State == intake.DestructionApproved {
			if _, err := t.exec(`UPDATE destructions SET state = 'refused', decider = $2, decided_on = $3 WHERE batch = $1 AND state = 'asked' AND NOT EXISTS
				(SELECT 1 FROM tips WHERE id = destructions.tip AND state = 'spam' AND destroyed_on = '' AND (SELECT MAX(day) FROM history WHERE tip = tips.id) = destructions.since
				AND `+uninvolved("tips.id", "$2")+` AND `+spamMayGo+`)`, d.Batch, d.Decider, d.DecidedOn); err != nil {
				return err
			}
		}
		n, err := t.exec(`UPDATE destructions SET state = $2, decider = $3, decided_on = $4 WHERE batch = $1 AND state = 'asked'`, d.Batch, d.State, d.Decider, d.DecidedOn)
		if err != nil || n == 0 {
			return orConflict(err, d.Batch)
		}
		if d.State == intake.DestructionApproved {
			_, err = t.exec(`UPDATE tips SET destroyed_on = $2 WHERE id IN (SELECT tip FROM destructions WHERE batch = $1 AND state = 'approved')`, d.Batch, d.DecidedOn)
		}
		return err
	})
}
