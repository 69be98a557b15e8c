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
)

// CopyBefore is for [Schema.Before]: it copies SQLite's file beside itself, as
// NAME.before-N, before schema N is changed, so that the older program can go on
// with it. The copy is as private as the file and holds the same sealed rows. It goes
// by its age alone: a migration that fails half way, and is tried again, makes
// another. kind tells apart schemas that share a file, "" or such as "ledger-".
// PostgreSQL is copied by [Options.Before].
func CopyBefore(kind, table string) func(ctx context.Context, d *DB, from int64) error {
	return func(ctx context.Context, d *DB, from int64) error {
		if d.Dialect != SQLite {
			return nil
		}
		name := fmt.Sprintf("%s.before-%s%d", d.options.Path, kind, from)
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

// versionIn is the newest migration a copy notes.
func versionIn(ctx context.Context, path, table string) (v int64, err error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return 0, err
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: full, RawQuery: "mode=ro&immutable=1"}).String())
	if err != nil {
		return 0, err
	}
	err = db.QueryRowContext(ctx, `SELECT MAX(version_id) FROM `+table).Scan(&v)
	return v, errors.Join(err, db.Close())
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
