package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"tipline/intake"
	"tipline/intake/database"
)

// The store's own failures.
var (
	// ErrClosed: the store was closed before the write began; nothing is kept.
	ErrClosed = errors.New("the store is closed")
	// ErrCursor: a page's cursor isn't one this store gave out. It wraps
	// [intake.ErrInvalid].
	ErrCursor = fmt.Errorf("%w: the page's cursor can't be read; begin at the first page", intake.ErrInvalid)
)

// known says whether err is an answer of the domain, not a failure of ours.
func known(err error) bool {
	for _, e := range []error{intake.ErrNotFound, intake.ErrConflict, intake.ErrStale, intake.ErrUnknownReceipt, intake.ErrInvalid} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// notDurable marks what kept a write from being stored.
func notDurable(err error) error {
	if err == nil || known(err) || errors.Is(err, intake.ErrNotDurable) {
		return err
	}
	return fmt.Errorf("%w: %w", intake.ErrNotDurable, err)
}

// inDoubt marks that nobody knows whether a write was committed.
func inDoubt(err error) error {
	if errors.Is(err, intake.ErrInDoubt) {
		return err
	}
	return fmt.Errorf("%w: %w", intake.ErrInDoubt, err)
}

// settled is a commit's error, in doubt where the database didn't answer it.
func settled(err error) error {
	if database.Unanswered(err) {
		return inDoubt(err)
	}
	return err
}

// missing turns the lack of a row into want.
func missing(err, want error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return want
	}
	return err
}

// cause is why a caller that gives up gives up.
func cause(ctx context.Context) error { return context.Cause(ctx) }
