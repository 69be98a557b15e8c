package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/pressly/goose/v3"
)

// schema is the number of the newest migration.
const schema = 1

// migrate brings the schema up to date. Another process may be doing the same:
// then one of the two finds the work done.
func migrate(ctx context.Context, db *sql.DB) error {
	v, err := schemaVersion(ctx, db)
	if err != nil {
		return err
	}
	if v == schema {
		return nil
	}
	if err := checkVersion(v); v > schema {
		return err
	}
	if err := up(ctx, db); err != nil {
		if v, again := schemaVersion(ctx, db); again != nil || v != schema {
			return err
		}
	}
	return nil
}

func up(ctx context.Context, db *sql.DB) error {
	files, err := migrationFiles()
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(gooseDialect, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if _, err = p.Up(ctx); err != nil {
		return fmt.Errorf("schema could not be brought up to date, nothing was changed: %w", err)
	}
	return nil
}

// schemaVersion is the newest migration the database has had, 0 for none.
func schemaVersion(ctx context.Context, db *sql.DB) (int64, error) {
	var v sql.NullInt64
	err := db.QueryRowContext(ctx, `SELECT MAX(version_id) FROM `+goose.DefaultTablename).Scan(&v)
	if err != nil && !noTable(err) {
		return 0, err
	}
	return v.Int64, nil
}

// checkVersion fails unless v is this program's schema.
func checkVersion(v int64) error {
	switch {
	case v > schema:
		return fmt.Errorf("%w: it has schema %d and this program knows %d; run the newer program, or restore the backup made before it", ErrNewer, v, schema)
	case v < schema:
		return fmt.Errorf("the database has schema %d and this program needs %d: start it once to bring the database up to date", v, schema)
	default:
		return nil
	}
}
