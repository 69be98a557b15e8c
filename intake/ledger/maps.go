package ledger

import (
	"context"
	"database/sql"
	"errors"

	"tipline/intake"
)

// Map is a desk's saved mapping of a sheet's columns, sealed to the ledger's key.
type Map struct {
	Desk, Kind, Name string
	Sealed           []byte
}

// SaveMap keeps a mapping in place of the one of its name.
func (l *Ledger) SaveMap(ctx context.Context, m Map) error {
	_, err := l.write.ExecContext(ctx, `INSERT INTO ledger_maps (desk, kind, name, sealed) VALUES ($1, $2, $3, $4)
		ON CONFLICT (desk, kind, name) DO UPDATE SET sealed = excluded.sealed`, m.Desk, m.Kind, m.Name, m.Sealed)
	return err
}

// Maps are a desk's mappings for sheets of a kind.
func (l *Ledger) Maps(ctx context.Context, desk, kind string) (out []Map, err error) {
	rows, err := l.read.QueryContext(ctx, `SELECT desk, kind, name, sealed FROM ledger_maps WHERE desk = $1 AND kind = $2 ORDER BY name`, desk, kind)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var m Map
		if err := rows.Scan(&m.Desk, &m.Kind, &m.Name, &m.Sealed); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, rows.Err()
}

// DropMap forgets a mapping.
func (l *Ledger) DropMap(ctx context.Context, desk, kind, name string) error {
	_, err := l.write.ExecContext(ctx, `DELETE FROM ledger_maps WHERE desk = $1 AND kind = $2 AND name = $3`, desk, kind, name)
	return err
}

// Brought is a row of clues that was imported before.
type Brought struct{ Content, Tip string }

// Brought looks a row up by its tag; none is [intake.ErrNotFound].
func (l *Ledger) Brought(ctx context.Context, desk, tag string) (b Brought, err error) {
	err = l.read.QueryRowContext(ctx, `SELECT content, tip FROM ledger_imports WHERE desk = $1 AND row_tag = $2`, desk, tag).Scan(&b.Content, &b.Tip)
	if errors.Is(err, sql.ErrNoRows) {
		err = intake.ErrNotFound
	}
	return b, err
}

// Bring notes that a row was imported.
func (l *Ledger) Bring(ctx context.Context, desk, tag string, b Brought, on intake.Date) error {
	_, err := l.write.ExecContext(ctx, `INSERT INTO ledger_imports (desk, row_tag, content, tip, day) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (desk, row_tag) DO UPDATE SET content = excluded.content, tip = excluded.tip, day = excluded.day`, desk, tag, b.Content, b.Tip, on)
	return err
}
