package store

import (
	"context"

	"tipline/intake"
)

// GoneKeys are the versions of role keys that were destroyed.
func (s *Store) GoneKeys(ctx context.Context) ([]intake.GoneKey, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT role, version, asker, asked_on, done_on FROM epochs WHERE done_on <> '' ORDER BY role, version`)
	return collect(rows, err, func(row scanner) (k intake.GoneKey, err error) {
		return k, row.Scan(&k.Role, &k.Version, &k.Asker, &k.AskedOn, &k.On)
	})
}

// DestroyKeyAgain removes the copies of a destroyed version of a role's key that a backup
// of before brought back. What is sealed to it stays closed for ever.
func (s *Store) DestroyKeyAgain(ctx context.Context, k intake.GoneKey, a intake.Audit) error {
	return s.withAudit(ctx, a, func(t *tx) error {
		if _, err := t.exec(`INSERT INTO epochs (role, version, asker, asked_on, done_on, scrubbed_on) VALUES ($1, $2, $3, $4, $5, '')
			ON CONFLICT (role, version) DO UPDATE SET done_on = excluded.done_on, scrubbed_on = ''`, k.Role, k.Version, k.Asker, k.AskedOn, k.On); err != nil {
			return err
		}
		_, err := t.exec(`DELETE FROM grants WHERE role = $1 AND version = $2`, k.Role, k.Version)
		return err
	})
}

// again approves anew what was destroyed once: a backup of before brought the tip back.
// Nothing that holds it there counts, for it was decided since. The tip comes to the end at which it was
// destroyed.
func (t *tx) again(a intake.Act) error {
	d := a.Again
	if d == nil {
		return nil
	}
	was, err := t.standing(`SELECT `+standingColumns+` FROM tips WHERE id = $1 AND destroyed_on = ''`+t.dialect.lock, d.Tip)
	if err != nil {
		return t.guard(err, d.Tip)
	}
	if _, err := t.exec(`DELETE FROM destructions WHERE tip = $1 AND state <> 'refused' OR id = $2`, d.Tip, d.ID); err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO destructions (id, tip, desk, state, disposition, since, reason, asker, asked_on, decider, decided_on, done_on, backups_end, scrubbed_on,
		texts, messages, files, batch) VALUES ($1, $2, $3, 'approved', $4, $5, $6, $7, $8, $9, $10, $11, $12, '', 0, 0, 0, $13)`,
		d.ID, d.Tip, d.Desk, d.Disposition, d.Since, d.Reason, d.Asker, d.AskedOn, d.Decider, d.DecidedOn, d.DoneOn, d.BackupsEnd, d.Batch); err != nil {
		return err
	}
	now, err := t.standing(`UPDATE tips SET destroyed_on = $2, state = $3 WHERE id = $1 RETURNING `+standingColumns, d.Tip, d.DecidedOn, d.Disposition)
	if err != nil {
		return err
	}
	t.recount(was, now)
	if was.state == d.Disposition {
		return nil
	}
	n, err := t.next(`SELECT COALESCE(MAX(n), 0) + 1 FROM history WHERE tip = $1`, d.Tip)
	if err != nil {
		return err
	}
	return t.addHistory(d.Tip, n, d.Disposition, d.Since)
}

// EventsWait says whether an event of a tip waits for the ledger.
func (s *Store) EventsWait(ctx context.Context, tip string) (bool, error) {
	var n int
	err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM outbox WHERE tip = $1 LIMIT 1) AS o`, tip).Scan(&n)
	return n > 0, err
}
