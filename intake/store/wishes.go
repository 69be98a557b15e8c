package store

import (
	"context"
	"database/sql"
	"fmt"

	"tipline/intake"
)

// Wish notes what a reporter decided, and what follows for the tip's row, and marks
// the tip unread. The same wish again changes nothing. An unknown tip is
// [intake.ErrNotFound]; other errors wrap [intake.ErrNotDurable].
func (s *Store) Wish(ctx context.Context, w intake.Wish) error {
	return notDurable(s.group.writeInTime(ctx, func(t *tx) error { return t.wish(w) }))
}

func (t *tx) wish(w intake.Wish) error {
	if _, err := t.standing(`SELECT `+standingColumns+` FROM tips WHERE id = $1`+t.dialect.lock, w.Tip); err != nil {
		return t.guard(err, w.Tip)
	}
	n, err := t.exec(`INSERT INTO wishes (tip, kind, day, done) VALUES ($1, $2, $3, 0) ON CONFLICT (tip, kind) DO NOTHING`, w.Tip, w.Kind, w.On)
	if err != nil || n == 0 {
		return err
	}
	if w.Kind == intake.WishNoContact {
		_, err = t.exec(`UPDATE tips SET do_not_contact = 1 WHERE id = $1`, w.Tip)
	} else { // who is nobody any more has no contact, but the receipt
		_, err = t.exec(`UPDATE tips SET real_name = 0, reply = CASE WHEN reply = $2 THEN $3 ELSE reply END WHERE id = $1`, w.Tip, intake.ReplyContact, intake.ReplyReceipt)
	}
	if err == nil && w.Kind == intake.WishWithdraw {
		_, err = t.exec(`DELETE FROM fetches WHERE tip = $1`, w.Tip) // a picture may tell who sent it
	}
	if err != nil {
		return err
	}
	_, err = t.setUnread(w.Tip, true)
	return err
}

// willing keeps an identity from being taken out of its seals once its owner has
// withdrawn it.
func (t *tx) willing(tip string) error {
	if _, err := t.standing(`SELECT `+standingColumns+` FROM tips WHERE id = $1`+t.dialect.lock, tip); err != nil {
		return t.guard(err, tip)
	}
	var n int
	if err := t.row(`SELECT COUNT(*) FROM wishes WHERE tip = $1 AND kind = $2`, tip, intake.WishWithdraw).Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return fmt.Errorf("the identity of tip %s is withdrawn: %w", tip, intake.ErrConflict)
	}
	return nil
}

// carry carries a wish out: what it ends goes, in the transaction that says so.
func (t *tx) carry(a intake.Act) error {
	w := a.Carry
	if w == nil {
		return nil
	}
	n, err := t.exec(`UPDATE wishes SET done = 1 WHERE tip = $1 AND kind = $2 AND done = 0`, w.Tip, w.Kind)
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("the wish of tip %s is carried out: %w", w.Tip, intake.ErrConflict)
	}
	if w.Kind == intake.WishWithdraw {
		if err := t.destroy(w.Tip); err != nil {
			return err
		}
	}
	_, err = t.exec(`UPDATE dispatches SET state = $2, result = $3, day = $4, inner_layer = NULL, answer = NULL WHERE tip = $1 AND state IN ($5, $6, $7, $8)`,
		w.Tip, intake.DispatchStopped, intake.ResultStopped, w.On, intake.DispatchPending, intake.DispatchWaiting, intake.DispatchFailed, intake.DispatchUnclear)
	return err
}

// destroy removes everything that tells who reported. What is being sent at this
// moment loses its layers here as well.
func (t *tx) destroy(tip string) error {
	if _, err := t.standing(`SELECT `+standingColumns+` FROM tips WHERE id = $1`+t.dialect.lock, tip); err != nil {
		return t.guard(err, tip)
	}
	for _, query := range []string{
		`DELETE FROM parts WHERE tip = $1 AND (compartment = '` + intake.CompartmentIdentity + `' OR compartment LIKE '` + intake.CompartmentOriginals + `%')`,
		`DELETE FROM streams WHERE tip = $1 AND compartment LIKE '` + intake.CompartmentOriginals + `%'`,
		`DELETE FROM containers WHERE tip = $1 AND compartment LIKE '` + intake.CompartmentOriginals + `%'`,
		`DELETE FROM sender_tags WHERE tip = $1`,
		`DELETE FROM floods WHERE tip = $1`,
		`UPDATE custody SET inner_layer = NULL, view = NULL, raw = NULL, state = CASE WHEN state IN ('asked', 'approved') THEN 'closed' ELSE state END WHERE tip = $1`,
		`UPDATE dispatches SET inner_layer = NULL, answer = NULL WHERE tip = $1`,
	} {
		if _, err := t.exec(query, tip); err != nil {
			return err
		}
	}
	return nil
}

const wishColumns = `tip, kind, day`

func scanWish(row scanner) (w intake.Wish, err error) { return w, row.Scan(&w.Tip, &w.Kind, &w.On) }

// Wishes are what a tip's reporter decided, in the order of their codes.
func (s *Store) Wishes(ctx context.Context, tip string) ([]intake.Wish, error) {
	return wishes(ctx, s.read, tip)
}

func wishes(ctx context.Context, q querier, tip string) ([]intake.Wish, error) {
	rows, err := q.QueryContext(ctx, `SELECT `+wishColumns+` FROM wishes WHERE tip = $1 ORDER BY kind`, tip)
	return collect(rows, err, scanWish)
}

// OpenWishes are at most limit wishes that weren't carried out yet.
func (s *Store) OpenWishes(ctx context.Context, limit int) ([]intake.Wish, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+wishColumns+` FROM wishes WHERE done = 0 ORDER BY tip, kind LIMIT $1`, limit)
	return collect(rows, err, scanWish)
}

// decided adds to a thread what its reporter decided, and what may still be decided
// about. It reads no more of a dispatch than a receipt shows.
func decided(ctx context.Context, q *sql.Tx, th *intake.Thread) (err error) {
	if th.Wishes, err = wishes(ctx, q, th.Tip.ID); err != nil {
		return err
	}
	var n int
	err = q.QueryRowContext(ctx, `SELECT COUNT(*) FROM parts WHERE tip = $1 AND compartment = $2`, th.Tip.ID, intake.CompartmentIdentity).Scan(&n)
	if th.Identity = n > 0; err != nil {
		return err
	}
	rows, err := q.QueryContext(ctx, `SELECT state, day FROM dispatches WHERE tip = $1 ORDER BY seq`, th.Tip.ID)
	th.Dispatches, err = collect(rows, err, func(row scanner) (d intake.Dispatch, err error) { return d, row.Scan(&d.State, &d.On) })
	return err
}
