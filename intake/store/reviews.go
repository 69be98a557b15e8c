package store

import (
	"context"
	"fmt"

	"tipline/intake"
)

// reviewed ends the review that waits: the one that the act names, or whichever
// there is when the tip moves for another reason.
func (t *tx) reviewed(a intake.Act) error {
	if a.Reviewed == "" {
		if a.Move == nil {
			return nil
		}
		_, err := t.exec(`DELETE FROM reviews WHERE tip = $1`, a.Audit.Tip)
		return err
	}
	n, err := t.exec(`DELETE FROM reviews WHERE tip = $1 AND id = $2`, a.Audit.Tip, a.Reviewed)
	if err == nil && n == 0 {
		return fmt.Errorf("the review of tip %s is decided: %w", a.Audit.Tip, intake.ErrConflict)
	}
	return err
}

// review asks a second reviewer; a tip waits for one decision at a time.
func (t *tx) review(a intake.Act) error {
	r := a.Review
	if r == nil {
		return nil
	}
	n, err := t.exec(`INSERT INTO reviews (`+reviewColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (tip) DO NOTHING`,
		r.Tip, r.ID, r.Desk, r.Kind, r.Asker, r.AskedOn, r.To, r.Reason, r.Sealed, r.KeyVersion)
	if err == nil && n == 0 {
		return fmt.Errorf("tip %s waits for a reviewer already: %w", r.Tip, intake.ErrConflict)
	}
	return err
}

const reviewColumns = `tip, id, desk, kind, asker, asked_on, to_state, reason, sealed, key_version`

func scanReview(row scanner) (r intake.Review, err error) {
	return r, row.Scan(&r.Tip, &r.ID, &r.Desk, &r.Kind, &r.Asker, &r.AskedOn, &r.To, &r.Reason, &r.Sealed, &r.KeyVersion)
}

// Reviews are at most limit refusals of a desk that wait for a second reviewer,
// the oldest first.
func (s *Store) Reviews(ctx context.Context, desk string, limit int) ([]intake.Review, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+reviewColumns+` FROM reviews WHERE desk = $1 ORDER BY asked_on, tip LIMIT $2`, desk, limit)
	return collect(rows, err, scanReview)
}

// Review is what waits about a tip, or [intake.ErrNotFound].
func (s *Store) Review(ctx context.Context, tip string) (intake.Review, error) {
	r, err := scanReview(s.read.QueryRowContext(ctx, `SELECT `+reviewColumns+` FROM reviews WHERE tip = $1`, tip))
	return r, missing(err, intake.ErrNotFound)
}

// note adds one of the desk's own notes.
func (t *tx) note(a intake.Act) error {
	if a.Note == nil {
		return nil
	}
	now, err := t.standing(`SELECT `+standingColumns+` FROM tips WHERE id = $1 AND destroyed_on = ''`+t.dialect.lock, a.Audit.Tip)
	if err != nil {
		return t.guard(err, a.Audit.Tip)
	}
	n, err := t.next(`SELECT COALESCE(MAX(n), 0) + 1 FROM parts WHERE tip = $1 AND compartment = '`+intake.CompartmentNotes+`'`, a.Audit.Tip)
	if err != nil {
		return err
	}
	return t.addPart(a.Audit.Tip, n, now.desk, a.Note.KeyVersion, a.Note.Part)
}

// InsideNotes are the desk's own notes on a tip, oldest first, sealed.
func (s *Store) InsideNotes(ctx context.Context, tip string) ([]intake.Part, error) {
	// '/' follows '.' in the order of bytes: what lies between begins with the name.
	rows, err := s.read.QueryContext(ctx, `SELECT compartment, name, sealed FROM parts WHERE tip = $1 AND compartment = $2 AND name > $3 AND name < $4 ORDER BY n`,
		tip, intake.CompartmentNotes, intake.NoteInside, intake.NoteInside[:len(intake.NoteInside)-1]+"/")
	return collect(rows, err, func(row scanner) (p intake.Part, err error) {
		return p, row.Scan(&p.Compartment, &p.Name, &p.Sealed)
	})
}
