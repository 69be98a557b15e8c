package ledger

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"tipline/intake/database"
)

//go:embed migrations
var migrations embed.FS

// schema is what the ledger keeps in a database.
func schema() (database.Schema, error) {
	files, err := fs.Sub(migrations, "migrations")
	return database.Schema{Files: files, Table: "ledger_version", Version: 13, Before: database.CopyBefore("ledger-", "ledger_version")}, err
}

// Ledger is the working ledger.
type Ledger struct {
	db          *database.DB
	write, read *sql.DB
}

// Open brings the ledger's tables up to date in a database, which may be the
// tips' own. A ledger of a newer tipline fails with [database.ErrNewer].
func Open(ctx context.Context, db *database.DB) (*Ledger, error) {
	s, err := schema()
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, s); err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	return &Ledger{db: db, write: db.Write, read: db.Read}, nil
}

// Ping says whether the ledger's database answers and has tables this program
// knows.
func (l *Ledger) Ping(ctx context.Context) error {
	s, err := schema()
	if err != nil {
		return err
	}
	if err := l.db.Check(ctx, s); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}
