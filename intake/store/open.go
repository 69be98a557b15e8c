package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tipline/intake/database"
)

// Options say where the store is and how it tells the day.
type Options struct {
	URL  string         // PostgreSQL; "" is SQLite at Path
	Path string         // the SQLite file; its folder must exist
	Loc  *time.Location // the office's time zone; nil is UTC
	Now  func() time.Time
	// Readers and Writers are how many connections read and write at once; 0 takes
	// what suits the database.
	Readers, Writers int
	// Walk is how many tips one page of a list looks through at most; 0 is 3,000.
	Walk int
	// Before is [database.Options]'s.
	Before func(context.Context) error
}

// Store keeps everything of one installation. It satisfies what intake,
// casework, members and queue ask of a store.
type Store struct {
	db    *database.DB
	read  *sql.DB
	loc   *time.Location
	now   func() time.Time
	group *group
	wake  chan struct{}
	walk  int
}

// Open opens the database at o and brings its schema up to date. Other processes
// may have it open. The caller closes it.
//
// A schema of a newer tipline fails with [database.ErrNewer].
func Open(ctx context.Context, o Options) (*Store, error) {
	o = o.defaults()
	s, err := schema()
	if err != nil {
		return nil, err
	}
	db, err := database.Open(ctx, database.Options{URL: o.URL, Path: o.Path, Readers: o.Readers, Writers: o.Writers, Hurry: true, Before: o.Before})
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	if err := db.Migrate(ctx, s); err != nil {
		return nil, errors.Join(fmt.Errorf("database: %w", err), db.Close())
	}
	return &Store{db: db, read: db.Read, loc: o.Loc, now: o.Now, wake: make(chan struct{}, 1), group: newGroup(db), walk: o.Walk}, nil
}

func (o Options) defaults() Options {
	if o.Loc == nil {
		o.Loc = time.UTC
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Walk <= 0 {
		o.Walk = mostWalked
	}
	return o
}

// Close ends the writers and the connections. Writes that have begun are
// finished; those that wait fail with [ErrClosed].
func (s *Store) Close() error {
	s.group.close()
	return s.db.Close()
}

// Database is what the store's rows stand in. Whoever shares it keeps their
// transactions short and closes their rows.
func (s *Store) Database() *database.DB { return s.db }

// Ping says whether the database answers and has a schema this program knows.
func (s *Store) Ping(ctx context.Context) error {
	want, err := schema()
	if err != nil {
		return err
	}
	if err := s.db.Check(ctx, want); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return nil
}
