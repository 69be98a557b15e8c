package database

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// CopyBefore is for [Schema.Before]: it copies SQLite's file beside itself, as
// NAME.before-N, before schema N is changed, so that the older program can go on
// with it. The copy is as private as the file and holds the same sealed rows. It goes
// by its age alone. A migration that fails is tried again by whatever starts services,
// so a copy that stands is kept while nothing was written since; one that fails half way
// makes another. kind tells apart schemas that share a file, "" or such as "ledger-".
// PostgreSQL is copied by [Options.Before].
func CopyBefore(kind, table string) func(ctx context.Context, d *DB, from int64) error {
	return func(ctx context.Context, d *DB, from int64) error {
		if d.Dialect != SQLite {
			return nil
		}
		name := fmt.Sprintf("%s.before-%s%d", d.options.Path, kind, from)
		if same, err := d.copied(ctx, name); same || err != nil {
			return err
		}
		part := name + "." + rand.Text() + ".part"
		if err := copyWhole(ctx, d, part); err != nil {
			return errors.Join(err, remove(part))
		}
		v, err := versionIn(ctx, part, table)
		if err != nil || v != from { // somebody else was quicker, and made the copy
			return errors.Join(err, remove(part))
		}
		if err := os.Rename(part, name); err != nil {
			return errors.Join(err, remove(part))
		}
		return syncFolder(filepath.Dir(name))
	}
}

// copyWhole copies the database as of one moment, durably.
func copyWhole(ctx context.Context, d *DB, to string) error {
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) // SQLite would make it readable by others
	if err != nil {
		return err
	}
	if _, err := d.Write.ExecContext(ctx, `VACUUM INTO $1`, to); err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(f.Sync(), f.Close())
}

// copied says whether a copy of that name holds what the database holds.
func (d *DB) copied(ctx context.Context, name string) (bool, error) {
	theirs, err := inCopy(name, func(db *sql.DB) (string, error) { return countSQLite(ctx, db) })
	if err != nil {
		return false, nil // what isn't there or can't be read is no copy
	}
	ours, err := countSQLite(ctx, d.Read)
	return ours == theirs, err
}

// countSQLite tells how many rows each table holds. Whatever is done leaves a row, of the record if no
// other, and the record loses none; a STOP by text alone doesn't.
func countSQLite(ctx context.Context, db *sql.DB) (string, error) {
	var tables string
	if err := db.QueryRowContext(ctx, `SELECT GROUP_CONCAT(name, ' ' ORDER BY name) FROM sqlite_schema WHERE type = 'table'`).Scan(&tables); err != nil {
		return "", err
	}
	var b strings.Builder
	for _, name := range strings.Fields(tables) {
		n, err := count(ctx, db, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(&b, name, n)
	}
	return b.String(), nil
}

// Count is how many rows a table has.
func (d *DB) Count(ctx context.Context, table string) (int64, error) {
	return count(ctx, d.Read, table)
}

func count(ctx context.Context, db *sql.DB, table string) (n int64, err error) {
	err = db.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+table).Scan(&n)
	return n, err
}

// versionIn is the newest migration a copy notes.
func versionIn(ctx context.Context, path, table string) (int64, error) {
	return inCopy(path, func(db *sql.DB) (v int64, err error) {
		err = db.QueryRowContext(ctx, `SELECT MAX(version_id) FROM `+table).Scan(&v)
		return v, err
	})
}

// inCopy looks into a copy, which nobody writes.
func inCopy[T any](path string, look func(*sql.DB) (T, error)) (out T, err error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return out, err
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: full, RawQuery: "mode=ro&immutable=1"}).String())
	if err != nil {
		return out, err
	}
	out, err = look(db)
	return out, errors.Join(err, db.Close())
}

func remove(name string) error {
	if err := os.Remove(name); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func syncFolder(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
