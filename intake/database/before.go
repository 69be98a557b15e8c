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
	"time"
)

// CopyBefore is for [Schema.Before]: it copies SQLite's file beside itself, as
// NAME.before-N, before schema N is changed, so that the older program can go on
// with it. The copy is as private as the file, holds the same sealed rows, and
// goes when the next one is made. kind tells apart schemas that share a file, ""
// or such as "ledger-". PostgreSQL's own tools copy PostgreSQL.
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
		return errors.Join(removeOlder(d.options.Path, kind, name), syncFolder(filepath.Dir(name)))
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

// removeOlder removes the copies that earlier migrations of the kind left.
func removeOlder(path, kind, keep string) error {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	prefix := filepath.Base(path) + ".before-" + kind
	for _, e := range entries {
		number, ours := strings.CutPrefix(e.Name(), prefix)
		if !ours || e.Name() == filepath.Base(keep) || !leftOver(number, e) {
			continue
		}
		if err := remove(filepath.Join(filepath.Dir(path), e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// leftOver says whether a file is a copy, or the half of one that a crash left.
func leftOver(suffix string, e os.DirEntry) bool {
	if strings.Trim(suffix, "0123456789") == "" {
		return true
	}
	info, err := e.Info()
	return err == nil && strings.HasSuffix(suffix, ".part") && time.Since(info.ModTime()) > 24*time.Hour
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
