package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Options say where the store is and how it tells the day.
type Options struct {
	Path string         // the SQLite file; its folder must exist
	Loc  *time.Location // the office's time zone; nil is UTC
	Now  func() time.Time
	// Readers is how many connections read at once; 0 is 3.
	Readers int
}

// Store keeps everything of one installation. It satisfies what intake,
// casework, members and queue ask of a store.
type Store struct {
	write, read *sql.DB
	loc         *time.Location
	now         func() time.Time
	group       *group
	wake        chan struct{}
}

// Open opens the database at o.Path, makes it if there is none, and brings its
// schema up to date. Other processes may have it open. The caller closes it.
//
// A schema of a newer tipline fails with [ErrNewer].
func Open(ctx context.Context, o Options) (*Store, error) {
	o = o.defaults()
	write, read, err := openSQLite(o)
	if err != nil {
		return nil, fmt.Errorf("database %w", err)
	}
	if err := migrate(ctx, write); err != nil {
		return nil, errors.Join(fmt.Errorf("database: %w", err), write.Close(), read.Close())
	}
	s := &Store{write: write, read: read, loc: o.Loc, now: o.Now, wake: make(chan struct{}, 1)}
	s.group = newGroup(write)
	return s, nil
}

func (o Options) defaults() Options {
	if o.Loc == nil {
		o.Loc = time.UTC
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Readers == 0 {
		o.Readers = 3
	}
	return o
}

// Close ends the writer and the connections. Writes that have begun are
// finished; those that wait fail with [ErrClosed].
func (s *Store) Close() error {
	s.group.close()
	return errors.Join(s.write.Close(), s.read.Close())
}

// Write is the one connection that writes; its transactions begin IMMEDIATE.
// Whoever shares the database keeps them short and closes their rows.
func (s *Store) Write() *sql.DB { return s.write }

// Read are the connections that read; they refuse to write.
func (s *Store) Read() *sql.DB { return s.read }

// Ping says whether the database answers and has a schema this program knows.
func (s *Store) Ping(ctx context.Context) error {
	v, err := schemaVersion(ctx, s.read)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return checkVersion(v)
}
