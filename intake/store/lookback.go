package store

import (
	"context"
	"fmt"

	"tipline/intake"
)

// look makes an appointment to look at a tip again; about one tip and for one reason
// there is one open at a time.
func (t *tx) look(a intake.Act) error {
	l := a.Look
	if l == nil {
		return nil
	}
	n, err := t.exec(`INSERT INTO looks (`+lookColumns+`) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, CAST($11 AS BIGINT), $12, $13, '', '', '', ''
		WHERE NOT EXISTS (SELECT 1 FROM looks WHERE tip = $2 AND kind = $4 AND from_tip = $6 AND result = '')`,
		l.ID, l.Tip, l.Desk, l.Kind, l.DueOn, l.From, l.Number, l.By, l.On, l.Note, l.KeyVersion, l.LetterID, l.Letter)
	if err == nil && n == 0 {
		err = fmt.Errorf("tip %s is to be looked at for that already: %w", l.Tip, intake.ErrConflict)
	}
	return err
}

// looked ends an appointment, or notes that its reporter was asked.
func (t *tx) looked(a intake.Act) error {
	l := a.Looked
	if l == nil {
		return nil
	}
	var n int64
	var err error
	if l.Result == "" {
		n, err = t.exec(`UPDATE looks SET asked_on = $2, letter = NULL WHERE id = $1 AND result = '' AND asked_on = '' AND letter IS NOT NULL`, l.ID, l.AskedOn)
	} else {
		n, err = t.exec(`UPDATE looks SET result = $2, done_by = $3, done_on = $4, letter = NULL WHERE id = $1 AND result = ''`, l.ID, l.Result, l.DoneBy, l.DoneOn)
	}
	if err == nil && n == 0 {
		err = fmt.Errorf("the look at tip %s is over: %w", l.Tip, intake.ErrConflict)
	}
	return err
}

// parcel notes a tip's parcel by its keyed tag.
func (t *tx) parcel(a intake.Act) error {
	if len(a.Parcel) == 0 {
		return nil
	}
	return t.put(`INSERT INTO parcel_tags (tip, desk, tag) VALUES ($1, $2, $3) ON CONFLICT (tip) DO UPDATE SET tag = excluded.tag`, a.Audit.Tip, a.Audit.Desk, a.Parcel)
}

const lookColumns = `id, tip, desk, kind, due_on, from_tip, number, by_member, day, note, key_version, letter_id, letter, asked_on, result, done_by, done_on`

func scanLook(row scanner) (l intake.Look, err error) {
	return l, row.Scan(&l.ID, &l.Tip, &l.Desk, &l.Kind, &l.DueOn, &l.From, &l.Number, &l.By, &l.On, &l.Note, &l.KeyVersion, &l.LetterID, &l.Letter, &l.AskedOn,
		&l.Result, &l.DoneBy, &l.DoneOn)
}

// Look is one appointment, or [intake.ErrNotFound].
func (s *Store) Look(ctx context.Context, id string) (intake.Look, error) {
	l, err := scanLook(s.read.QueryRowContext(ctx, `SELECT `+lookColumns+` FROM looks WHERE id = $1`, id))
	return l, missing(err, intake.ErrNotFound)
}

// Looks are at most limit of a desk's appointments: the open ones by their day, or
// those that are over, the newest first.
func (s *Store) Looks(ctx context.Context, desk string, over bool, limit int) ([]intake.Look, error) {
	query := `SELECT ` + lookColumns + ` FROM looks WHERE desk = $1 AND result = '' ORDER BY due_on, id LIMIT $2`
	if over {
		query = `SELECT ` + lookColumns + ` FROM looks WHERE desk = $1 AND result <> '' ORDER BY done_on DESC, id LIMIT $2`
	}
	rows, err := s.read.QueryContext(ctx, query, desk, limit)
	return collect(rows, err, scanLook)
}

// LooksOf are the appointments about a tip, and those that it gave the reason for, by
// their day.
func (s *Store) LooksOf(ctx context.Context, tip string) ([]intake.Look, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+lookColumns+` FROM looks WHERE tip = $1
		UNION SELECT `+lookColumns+` FROM looks WHERE from_tip = $1 ORDER BY due_on, id`, tip)
	return collect(rows, err, scanLook)
}

// LooksToAsk are at most limit open appointments whose day has come and whose
// reporter is to be asked.
func (s *Store) LooksToAsk(ctx context.Context, today intake.Date, limit int) ([]intake.Look, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+lookColumns+` FROM looks WHERE result = '' AND asked_on = '' AND letter IS NOT NULL AND due_on <= $1
		ORDER BY due_on, id LIMIT $2`, today, limit)
	return collect(rows, err, scanLook)
}

// Watched says which of some tips have a reporter who is looked after.
func (s *Store) Watched(ctx context.Context, tips []intake.Tip) (map[string]bool, error) {
	out := map[string]bool{}
	if len(tips) == 0 {
		return out, nil
	}
	c := &conditions{}
	query := `SELECT tip FROM looks WHERE result = '' AND kind = ` + c.arg(intake.LookRetaliation) + ` AND tip IN (`
	for i, t := range tips {
		if i > 0 {
			query += ", "
		}
		query += c.arg(t.ID)
	}
	rows, err := s.read.QueryContext(ctx, query+`)`, c.args...)
	found, err := collect(rows, err, func(row scanner) (id string, err error) { return id, row.Scan(&id) })
	for _, id := range found {
		out[id] = true
	}
	return out, err
}

func scanNumbered(row scanner) (n intake.Numbered, err error) {
	n.Tip, err = scanTip(row, &n.Number)
	return n, err
}

// OfParcel are at most limit of a desk's tips about a parcel, by its keyed tag, the
// newest first.
func (s *Store) OfParcel(ctx context.Context, desk string, tag []byte, limit int) ([]intake.Numbered, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+tipColumns+`, COALESCE(o.number, '') FROM parcel_tags p JOIN tips t ON t.id = p.tip LEFT JOIN outcomes o ON o.tip = t.id
		WHERE p.desk = $1 AND p.tag = $2 ORDER BY t.received_on DESC, t.id LIMIT $3`, desk, tag, limit)
	return collect(rows, err, scanNumbered)
}

// OfNumber are at most limit of a desk's tips to which the ledger gave a number.
func (s *Store) OfNumber(ctx context.Context, desk, number string, limit int) ([]intake.Numbered, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+tipColumns+`, o.number FROM outcomes o JOIN tips t ON t.id = o.tip
		WHERE o.number = $1 AND o.number <> '' AND t.desk = $2 ORDER BY t.received_on DESC, t.id LIMIT $3`, number, desk, limit)
	return collect(rows, err, scanNumbered)
}
