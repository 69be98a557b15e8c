package store

import (
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite" // registers the driver "sqlite", and tells missing tables apart
	sqlite3 "modernc.org/sqlite/lib"
)

// This file is all that only SQLite knows.

//go:embed migrations/sqlite/*.sql
var sqliteMigrations embed.FS

const (
	gooseDialect = goose.DialectSQLite3
	// claimSQL picks the events to claim; one writer at a time needs no row locks.
	claimSQL = `UPDATE outbox SET claimed_by = $1, claimed_until = $2 WHERE seq IN (
		SELECT seq FROM outbox o WHERE o.claimed_until <= $3 AND NOT EXISTS (
			SELECT 1 FROM outbox e WHERE e.tip = o.tip AND e.seq < o.seq AND e.claimed_by <> $1 AND e.claimed_until > $3)
		ORDER BY seq LIMIT $4)
		RETURNING seq, body`
)

func migrationFiles() (fs.FS, error) { return fs.Sub(sqliteMigrations, "migrations/sqlite") }

// noTable says whether err is the lack of a table: a database still empty.
func noTable(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == sqlite3.SQLITE_ERROR && strings.Contains(e.Error(), "no such table")
}

// openSQLite opens the writing and the reading connections.
func openSQLite(o Options) (write, read *sql.DB, err error) {
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return nil, nil, err
	}
	if err := private(path); err != nil {
		return nil, nil, err
	}
	if write, err = sql.Open("sqlite", dsn(path, 4_096, url.Values{"_txlock": {"immediate"}})); err != nil {
		return nil, nil, err
	}
	if read, err = sql.Open("sqlite", dsn(path, 1_024, url.Values{"_query_only": {"1"}})); err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	write.SetMaxOpenConns(1)
	read.SetMaxOpenConns(o.Readers)
	read.SetMaxIdleConns(o.Readers)
	return write, read, nil
}

// private makes the file readable by its owner alone; SQLite gives the files it
// makes beside it the same mode.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("can't be opened: %w", err)
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

// dsn is the connection's URI; cache is in KiB.
func dsn(path string, cache int, more url.Values) string {
	q := url.Values{"_pragma": {"journal_mode(WAL)", "foreign_keys(1)", "secure_delete(1)", "temp_store(MEMORY)", "mmap_size(0)",
		"journal_size_limit(33554432)", "wal_autocheckpoint(4000)", fmt.Sprintf("cache_size(-%d)", cache)},
		"_busy_timeout": {"10000"}, "_synchronous": {"FULL"}}
	for k, v := range more {
		q[k] = v
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}
