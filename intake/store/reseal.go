package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"tipline/intake"
)

// sealedTables are those whose rows name the version of their desk's role key.
func sealedTables() []string {
	return []string{"parts", "containers", "messages", "custody", "reviews", "extensions", "looks", "holds"}
}

// sealedTo holds for tips of which something is sealed to a version ($2) of a desk's ($1)
// key. What is about to be destroyed isn't among them. Of each tip its own rows are looked at: an
// index by desk is kept out, which would lead through all of the desk's rows for every tip.
func sealedTo() string {
	var any []string
	for _, table := range sealedTables() {
		any = append(any, `EXISTS (SELECT 1 FROM `+table+` s WHERE s.tip = t.id AND s.desk || '' = $1 AND s.key_version = $2)`)
	}
	return `t.destroyed_on = '' AND (` + strings.Join(any, ` OR `) + `)`
}

// SealedTo are at most limit tips behind one, in the order of their ids, of which something
// is sealed to a version of a desk's role key: tips that went to another desk as well, of
// which the desk kept its own requests.
func (s *Store) SealedTo(ctx context.Context, desk string, version int, after string, limit int) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT t.id FROM tips t WHERE t.id > $3 AND `+sealedTo()+` ORDER BY t.id LIMIT $4`, desk, version, after, limit)
	return collect(rows, err, func(row scanner) (tip string, err error) { return tip, row.Scan(&tip) })
}

// CountSealedTo says how many such tips there are.
func (s *Store) CountSealedTo(ctx context.Context, desk string, version int) (n int, err error) {
	return n, s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM tips t WHERE `+sealedTo(), desk, version).Scan(&n)
}

// SealedUnder is all of a tip that is sealed to a version of a desk's role key, as it stands.
func (s *Store) SealedUnder(ctx context.Context, tip, desk string, version int) (r intake.Resealed, err error) {
	r.Desk, r.From = desk, version
	err = s.db.Snapshot(ctx, func(q *sql.Tx) error {
		u := under{ctx, q, []any{tip, desk, version}}
		for _, read := range []func() error{
			func() (err error) { r.Parts, err = rowsUnder(u, partColumns, `parts`, scanPart); return err },
			func() (err error) {
				r.Messages, err = rowsUnder(u, messageColumns, `messages`, scanMessage)
				return err
			},
			func() (err error) {
				if r.Containers, err = rowsUnder(u, containerColumns, `containers`, scanContainer); err != nil {
					return err
				}
				return allStreams(ctx, q, tip, r.Containers)
			},
			func() (err error) { r.Requests, err = rowsUnder(u, custodyColumns, `custody`, scanCustody); return err },
			func() (err error) { r.Reviews, err = rowsUnder(u, reviewColumns, `reviews`, scanReview); return err },
			func() (err error) {
				r.Extensions, err = rowsUnder(u, extensionColumns, `extensions`, scanExtension)
				return err
			},
			func() (err error) { r.Looks, err = rowsUnder(u, lookColumns, `looks`, scanLook); return err },
			func() (err error) { r.Holds, err = rowsUnder(u, holdColumns, `holds`, scanHold); return err },
		} {
			if err := read(); err != nil {
				return err
			}
		}
		return nil
	})
	return r, err
}

// under reads what is sealed to one version.
type under struct {
	ctx  context.Context
	q    querier
	args []any // tip, desk, version
}

func rowsUnder[T any](u under, columns, table string, scan func(scanner) (T, error)) ([]T, error) {
	rows, err := u.q.QueryContext(u.ctx, `SELECT `+columns+` FROM `+table+` WHERE tip = $1 AND desk = $2 AND key_version = $3`, u.args...)
	return collect(rows, err, scan)
}

// reseal puts what was sealed anew in the place of what it was.
func (t *tx) reseal(a intake.Act) error {
	r, tip := a.Reseal, a.Audit.Tip
	if r == nil {
		return nil
	}
	for _, step := range []func(string, *intake.Resealed) error{t.anewAtTip, t.anewFiles, t.anewBeside} {
		if err := step(tip, r); err != nil {
			return err
		}
	}
	_, err := t.exec(`UPDATE tips SET key_version = CASE WHEN key_version = $3 THEN $4 ELSE key_version END,
		commitment = CASE WHEN $5 = '' THEN commitment ELSE $5 END WHERE id = $1 AND desk = $2`, tip, r.Desk, r.From, r.To, r.Commitment)
	return err
}

// anew writes one row, if it still is what it was when it was read. key names it by the first of the
// parameters, from the fifth on.
func (t *tx) anew(tip string, r *intake.Resealed, table, set, key string, args ...any) error {
	n, err := t.exec(`UPDATE `+table+` SET key_version = $4, `+set+` WHERE tip = $1 AND desk = $2 AND key_version = $3 AND `+key,
		slices.Concat([]any{tip, r.Desk, r.From, r.To}, args)...)
	if err != nil || n != 1 {
		return orConflict(err, tip)
	}
	return nil
}

func (t *tx) anewAtTip(tip string, r *intake.Resealed) error {
	for _, p := range r.Parts {
		if err := t.anew(tip, r, `parts`, `sealed = $8`, `compartment = $5 AND name = $6 AND n = $7`, p.Compartment, p.Name, p.N, p.Sealed); err != nil {
			return err
		}
	}
	for _, m := range r.Messages {
		if err := t.anew(tip, r, `messages`, `sealed = $6`, `id = $5`, m.ID, m.Sealed); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) anewFiles(tip string, r *intake.Resealed) error {
	for _, c := range r.Containers {
		if err := t.anew(tip, r, `containers`, `inline = $6, file = $7`, `compartment = $5`, c.Compartment, c.Inline, c.File); err != nil {
			return err
		}
		if err := t.restream(tip, c); err != nil {
			return err
		}
	}
	return nil
}

// anewBeside writes what members asked about a tip. A letter that went meanwhile isn't
// brought back.
func (t *tx) anewBeside(tip string, r *intake.Resealed) error {
	const words, both = `note = $6`, `note = $6, letter = CASE WHEN letter IS NULL THEN letter ELSE $7 END`
	for _, c := range r.Requests {
		if err := t.anew(tip, r, `custody`, `reason = COALESCE($6, reason)`, `id = $5`, c.ID, c.Reason); err != nil {
			return err
		}
	}
	for _, v := range r.Reviews {
		if err := t.anew(tip, r, `reviews`, `sealed = $6`, `id = $5`, v.ID, v.Sealed); err != nil {
			return err
		}
	}
	for _, e := range r.Extensions {
		if err := t.anew(tip, r, `extensions`, both, `id = $5`, e.ID, e.Note, e.Letter); err != nil {
			return err
		}
	}
	for _, l := range r.Looks {
		if err := t.anew(tip, r, `looks`, both, `id = $5`, l.ID, l.Note, l.Letter); err != nil {
			return err
		}
	}
	for _, h := range r.Holds {
		if err := t.anew(tip, r, `holds`, words, `id = $5`, h.ID, h.Note); err != nil {
			return err
		}
	}
	return nil
}
