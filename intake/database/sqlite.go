package database

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite" // registers the driver "sqlite", and tells missing tables apart
	sqlite3 "modernc.org/sqlite/lib"
)

// readersSQLite is how many connections read one file at once.
const readersSQLite = 3

// openSQLite opens the writing and the reading connections.
func openSQLite(o Options) (*DB, error) {
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return nil, err
	}
	if err := private(path); err != nil {
		return nil, err
	}
	if o.Readers == 0 {
		o.Readers = readersSQLite
	}
	d := &DB{Dialect: SQLite, Writers: 1, options: o}
	if d.Write, err = sql.Open("sqlite", uri(path, 1_024, url.Values{"_txlock": {"immediate"}})); err != nil {
		return nil, err
	}
	if d.Read, err = sql.Open("sqlite", uri(path, 512, url.Values{"_query_only": {"1"}})); err != nil {
		return nil, errors.Join(err, d.Write.Close())
	}
	d.Write.SetMaxOpenConns(1)
	d.Read.SetMaxOpenConns(o.Readers)
	d.Read.SetMaxIdleConns(o.Readers)
	if o.Hurry {
		d.mover = d.startMover()
	}
	return d, nil
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

// uri is the connection's; cache is in KiB.
func uri(path string, cache int, more url.Values) string {
	q := url.Values{"_pragma": {"journal_mode(WAL)", "foreign_keys(1)", "secure_delete(1)", "temp_store(MEMORY)", "mmap_size(0)",
		"journal_size_limit(33554432)", "wal_autocheckpoint(4000)", fmt.Sprintf("cache_size(-%d)", cache)},
		"_busy_timeout": {"10000"}, "_synchronous": {"FULL"}}
	for k, v := range more {
		q[k] = v
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

func noTableSQLite(err error) bool {
	code, ok := codeSQLite(err)
	return ok && code == sqlite3.SQLITE_ERROR && strings.Contains(err.Error(), "no such table")
}

// codeSQLite is SQLite's extended result code, if err is one of its.
func codeSQLite(err error) (code int, ok bool) {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code(), true
	}
	return 0, false
}
