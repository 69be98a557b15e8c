package ledger

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// schema is the number of the newest migration, versions the table that keeps it.
const (
	schema   = 2
	versions = "ledger_version"
)

// ErrNewer says that a newer program wrote the ledger.
var ErrNewer = errors.New("the ledger belongs to a newer tipline")

// Options are the databases the ledger lives in; they may be the tips' own.
type Options struct {
	Write, Read *sql.DB
}

// Ledger is the working ledger.
type Ledger struct{ write, read *sql.DB }

// Open brings the ledger's tables up to date.
func Open(ctx context.Context, o Options) (*Ledger, error) {
	v, err := version(ctx, o.Read)
	if err != nil {
		return nil, err
	}
	if v > schema {
		return nil, fmt.Errorf("%w: it has schema %d and this program knows %d; run the newer program", ErrNewer, v, schema)
	}
	if v < schema {
		if err := migrate(ctx, o); err != nil {
			return nil, err
		}
	}
	return &Ledger{write: o.Write, read: o.Read}, nil
}

// version is the newest migration the ledger has had; 0 when there is none.
func version(ctx context.Context, db *sql.DB) (int64, error) {
	var there int
	err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM sqlite_master WHERE name = $1`, versions).Scan(&there)
	if err != nil || there == 0 {
		return 0, err
	}
	var v sql.NullInt64
	err = db.QueryRowContext(ctx, `SELECT MAX(version_id) FROM `+versions).Scan(&v)
	return v.Int64, err
}

// migrate may run in several processes at once: who comes second fails, and finds
// the work done.
func migrate(ctx context.Context, o Options) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, o.Write, files, goose.WithDisableGlobalRegistry(true), goose.WithTableName(versions))
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	if err == nil {
		return nil
	}
	if v, verr := version(ctx, o.Read); verr == nil && v == schema {
		return nil
	}
	return fmt.Errorf("the ledger's tables could not be brought up to date: %w", err)
}
