package store

import (
	"context"
	"fmt"
	"time"

	"tipline/intake"
)

func (t *tx) insertFetches(a *intake.Acceptance) error {
	for _, f := range a.Fetches {
		if err := t.put(`INSERT INTO fetches (id, tip, gateway, n, day, sealed, state, cause, tries, again) VALUES ($1, $2, $3, $4, $5, $6, $7, '', 0, 0)`,
			f.ID, f.Tip, f.Gateway, f.N, f.On, f.Sealed, f.State); err != nil {
			return err
		}
	}
	return nil
}

const fetchColumns = `f.id, f.tip, f.gateway, f.n, f.day, f.state, f.cause, f.tries, f.again`

func scanFetch(row scanner, more ...any) (f intake.Fetch, err error) {
	err = row.Scan(append([]any{&f.ID, &f.Tip, &f.Gateway, &f.N, &f.On, &f.State, &f.Cause, &f.Tries, &f.Again}, more...)...)
	return f, err
}

// DueFetches are at most limit fetches that are due, the longest waiting first, each
// with its tip's desk.
func (s *Store) DueFetches(ctx context.Context, now time.Time, limit int) ([]intake.DueFetch, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+fetchColumns+`, f.sealed, t.desk FROM fetches f JOIN tips t ON t.id = f.tip
		WHERE f.state = 'waiting' AND f.again <= $1 ORDER BY f.again, f.id LIMIT $2`, now.Unix(), limit)
	return collect(rows, err, func(row scanner) (d intake.DueFetch, err error) {
		var sealed []byte
		d.Fetch, err = scanFetch(row, &sealed, &d.Desk)
		d.Sealed = sealed
		return d, err
	})
}

// ClaimFetch takes a fetch as it was found, and counts a try; claimed is false when
// another was faster.
func (s *Store) ClaimFetch(ctx context.Context, f intake.Fetch, until time.Time) (claimed bool, err error) {
	err = s.group.write(ctx, true, func(t *tx) error {
		n, err := t.exec(`UPDATE fetches SET again = $2, tries = tries + 1 WHERE id = $1 AND state = 'waiting' AND again = $3`, f.ID, until.Unix(), f.Again)
		claimed = n == 1
		return err
	})
	return claimed, notDurable(err)
}

// FailFetch notes why a file wasn't fetched and when it is tried again; the zero time
// gives it up and marks its tip unread.
func (s *Store) FailFetch(ctx context.Context, id, cause string, again time.Time) error {
	return notDurable(s.group.write(ctx, false, func(t *tx) error {
		if !again.IsZero() {
			_, err := t.exec(`UPDATE fetches SET cause = $2, again = $3 WHERE id = $1 AND state = 'waiting'`, id, cause, again.Unix())
			return err
		}
		n, err := t.exec(`UPDATE fetches SET state = 'failed', cause = $2 WHERE id = $1 AND state = 'waiting'`, id, cause)
		if err != nil || n == 0 {
			return err
		}
		var tip string
		if err := t.row(`SELECT tip FROM fetches WHERE id = $1`, id).Scan(&tip); err != nil {
			return err
		}
		_, err = t.setUnread(tip, true)
		return err
	}))
}

// endFetch ends a fetch with the message that brings its file; fetched is false when
// it has ended already. "" is none.
func (t *tx) endFetch(id string) (fetched bool, err error) {
	if id == "" {
		return true, nil
	}
	n, err := t.exec(`DELETE FROM fetches WHERE id = $1`, id)
	return n == 1, err
}

// refetch makes a file due again that wasn't fetched.
func (t *tx) refetch(a intake.Act) error {
	if a.Refetch == "" {
		return nil
	}
	n, err := t.exec(`UPDATE fetches SET state = 'waiting', cause = '', tries = 0, again = 0 WHERE id = $1 AND tip = $2 AND state = 'failed'`, a.Refetch, a.Audit.Tip)
	if err == nil && n == 0 {
		err = fmt.Errorf("file %s isn't one that failed: %w", a.Refetch, intake.ErrConflict)
	}
	return err
}

// Fetches are the files of a tip that aren't fetched, without their addresses.
func (s *Store) Fetches(ctx context.Context, tip string) ([]intake.Fetch, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+fetchColumns+` FROM fetches f WHERE f.tip = $1 ORDER BY f.n`, tip)
	return collect(rows, err, func(row scanner) (intake.Fetch, error) { return scanFetch(row) })
}

// FailedFetches are a desk's files that couldn't be fetched, the newest first, without
// their addresses.
func (s *Store) FailedFetches(ctx context.Context, desk string, limit int) ([]intake.Fetch, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+fetchColumns+` FROM fetches f JOIN tips t ON t.id = f.tip
		WHERE f.state = 'failed' AND t.desk = $1 ORDER BY f.day DESC, f.id LIMIT $2`, desk, limit)
	return collect(rows, err, func(row scanner) (intake.Fetch, error) { return scanFetch(row) })
}
