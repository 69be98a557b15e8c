package backup

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"tipline/intake/database"
)

// Indexes that no constraint stands on, by the SQL that makes them: rows in the order of their
// keys fill each in one go, one by one they go all over the file.
const (
	indexesSQLite   = `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = $1 ORDER BY name`
	indexesPostgres = `SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.schemaname = current_schema() AND i.tablename = $1
		AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = (quote_ident(i.schemaname) || '.' || quote_ident(i.indexname))::regclass) ORDER BY i.indexname`
)

// index is one index of a table.
type index struct{ name, make string }

// dropIndexes takes a side's indexes away, in the transaction that fills it, and returns them to be made
// anew behind the rows.
func (d Database) dropIndexes(ctx context.Context, tx *sql.Tx) (all []index, err error) {
	query := indexesSQLite
	if d.DB.Dialect == database.Postgres {
		query = indexesPostgres
	}
	for _, t := range d.Tables {
		found, err := indexesOf(ctx, tx, query, t.Name)
		if err != nil {
			return nil, err
		}
		for _, i := range found {
			if _, err := tx.ExecContext(ctx, `DROP INDEX `+i.name); err != nil {
				return nil, fmt.Errorf("index %s: %w", i.name, err)
			}
		}
		all = append(all, found...)
	}
	return all, nil
}

func indexesOf(ctx context.Context, tx *sql.Tx, query, table string) (out []index, err error) {
	rows, err := tx.QueryContext(ctx, query, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var i index
		if err := rows.Scan(&i.name, &i.make); err != nil {
			return nil, err
		}
		out = append(out, i)
	}
	return out, rows.Err()
}

// makeIndexes makes them anew. Two rows that share what must be unique come from no backup of ours.
func makeIndexes(ctx context.Context, tx *sql.Tx, all []index) error {
	for _, i := range all {
		_, err := tx.ExecContext(ctx, i.make)
		if err != nil && strings.Contains(strings.ToLower(err.Error()), "unique") {
			return damaged("index %s: %v", i.name, err)
		}
		if err != nil {
			return fmt.Errorf("index %s: %w", i.name, err)
		}
	}
	return nil
}
