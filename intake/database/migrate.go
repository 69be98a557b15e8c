package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"
)

// ErrNewer says that a newer program wrote the database.
var ErrNewer = errors.New("the database is newer than this tipline")

// Schema is what one user of a database keeps in it.
type Schema struct {
	Files   fs.FS  // folders sqlite and postgres, each with its migrations for goose
	Table   string // that notes which migrations were made
	Version int64  // the newest migration's number
	// Before, when set, runs ahead of a migration of a schema that is there: the
	// place for a copy. An error stops the migration.
	Before func(ctx context.Context, d *DB, from int64) error
}

// Migrate brings a schema up to date. Another process may be doing the same: who
// comes second finds the work done. A schema of a newer program is [ErrNewer].
func (d *DB) Migrate(ctx context.Context, s Schema) error {
	v, err := d.At(ctx, s)
	if err != nil {
		return err
	}
	if v >= s.Version {
		return s.check(v)
	}
	done, err := d.alone(ctx)
	if err != nil {
		return err
	}
	defer done()
	if v, err = d.At(ctx, s); err != nil {
		return err
	}
	if v >= s.Version {
		return s.check(v)
	}
	if err := d.before(ctx, s, v); err != nil {
		return err
	}
	for from := v; ; {
		err := d.up(ctx, s)
		if err == nil {
			return nil
		}
		now, again := d.At(ctx, s)
		switch {
		case again != nil, now <= v:
			return stuck(err, from, v)
		case now == s.Version:
			return nil
		}
		v = now // the other process is on its way, or we are; this much less is left to do
	}
}

// before runs what comes ahead of a change.
func (d *DB) before(ctx context.Context, s Schema, v int64) (err error) {
	switch {
	case v == 0: // it is new
	case d.options.Before != nil:
		err = d.options.Before(ctx)
	case s.Before != nil:
		err = s.Before(ctx, d, v)
	}
	if err == nil || errors.Is(err, ErrBehind) {
		return err
	}
	return fmt.Errorf("no copy could be made before the schema is changed, so it was not changed: %w", err)
}

// alone waits for whoever is changing PostgreSQL's tables, and keeps others waiting until
// done is called. SQLite's transactions do.
func (d *DB) alone(ctx context.Context) (done func(), err error) {
	if d.Dialect == SQLite {
		return func() {}, nil
	}
	db, end, err := d.migrator()
	if err != nil {
		return nil, err
	}
	tx, err := db.BeginTx(ctx, nil)
	for _, query := range []string{`SET LOCAL idle_in_transaction_session_timeout = 0`, `SELECT pg_advisory_xact_lock(7471)`} {
		if err == nil {
			_, err = tx.ExecContext(ctx, query)
		}
	}
	if err != nil {
		end()
		return nil, err
	}
	return func() { _ = tx.Rollback(); end() }, nil // the lock goes with its transaction
}

// ErrBehind says that another part has to bring the tables up to date. It is for
// [Options.Before].
var ErrBehind = errors.New("its tables are not up to date: start `tipline desk`, or `tipline up`, first; it copies them before it changes them")

// errOwner says that the user may use the tables and not change them.
var errOwner = errors.New("its tables are not up to date, and this user may not change them: start `tipline desk`, whose user owns them, first")

// stuck says how far a schema came. Each migration is one transaction.
func stuck(err error, from, at int64) error {
	switch {
	case errors.Is(err, errOwner):
		return err
	case at == from:
		return fmt.Errorf("schema could not be brought up to date, nothing was changed: %w", err)
	default:
		return fmt.Errorf("schema came from %d to %d and no further: mend what it says and start again, or go back to the copy or backup made before: %w", from, at, err)
	}
}

// Check says whether the database answers and has the schema this program knows.
func (d *DB) Check(ctx context.Context, s Schema) error {
	v, err := d.At(ctx, s)
	if err != nil {
		return err
	}
	return s.check(v)
}

func (s Schema) check(v int64) error {
	switch {
	case v > s.Version:
		return fmt.Errorf("%w: it has schema %d and this program knows %d; run the newer program, or restore the backup made before it", ErrNewer, v, s.Version)
	case v < s.Version:
		return fmt.Errorf("the database has schema %d and this program needs %d: start it once to bring the database up to date", v, s.Version)
	default:
		return nil
	}
}

// At is the newest migration that was made, 0 for none.
func (d *DB) At(ctx context.Context, s Schema) (int64, error) {
	var v sql.NullInt64
	err := d.Read.QueryRowContext(ctx, `SELECT MAX(version_id) FROM `+s.Table).Scan(&v)
	if err != nil && !NoTable(err) {
		return 0, err
	}
	return v.Int64, nil
}

func (d *DB) up(ctx context.Context, s Schema) error {
	files, err := fs.Sub(s.Files, string(d.Dialect))
	if err != nil {
		return err
	}
	db, done, err := d.migrator()
	if err != nil {
		return err
	}
	defer done()
	dialect := goose.DialectSQLite3
	if d.Dialect == Postgres {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, db, files, goose.WithDisableGlobalRegistry(true), goose.WithTableName(s.Table))
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	if codePostgres(err) == "42501" {
		return errOwner
	}
	return err
}

// migrator is the writing connection, or one of PostgreSQL's whose statements may take as long as a large table
// needs.
func (d *DB) migrator() (db *sql.DB, done func(), err error) {
	if d.Dialect == SQLite {
		return d.Write, func() {}, nil
	}
	config, err := pgx.ParseConfig(d.options.URL)
	if err != nil {
		return nil, nil, err
	}
	db = unhurried(config, nil)
	return db, func() { _ = db.Close() }, nil // nothing depends on how it ends
}
