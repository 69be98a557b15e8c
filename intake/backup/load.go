package backup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tipline/intake/database"
)

// load is the transaction of a restore, or the two of them where the ledger has a
// database of its own.
type load struct {
	tips, ledger     *sql.Tx
	tipsDB, ledgerDB Database
	tipsIx, ledgerIx []index // to be made behind the rows
}

// begin makes the tables as they were when the backup was made, sees that they
// are empty, and begins to fill them.
func begin(ctx context.Context, t Target, about About) (l *load, err error) {
	l = &load{tipsDB: t.Tips, ledgerDB: t.Ledger}
	for _, p := range []struct {
		d Database
		v int64
	}{{t.Tips, about.Schema.Tips}, {t.Ledger, about.Schema.Ledger}} {
		if err := p.d.prepare(ctx, p.v); err != nil {
			return nil, err
		}
	}
	if l.tips, err = l.tipsDB.begin(ctx); err != nil {
		return nil, err
	}
	l.ledger = l.tips
	if l.tipsDB.DB != l.ledgerDB.DB {
		if l.ledger, err = l.ledgerDB.begin(ctx); err != nil {
			return nil, errors.Join(err, l.tips.Rollback())
		}
	}
	if l.tipsIx, err = l.tipsDB.dropIndexes(ctx, l.tips); err == nil {
		l.ledgerIx, err = l.ledgerDB.dropIndexes(ctx, l.ledger)
	}
	if err != nil {
		l.rollback()
		return nil, err
	}
	return l, nil
}

// index makes the indexes behind the rows.
func (l *load) index(ctx context.Context) error {
	if err := makeIndexes(ctx, l.tips, l.tipsIx); err != nil {
		return err
	}
	return makeIndexes(ctx, l.ledger, l.ledgerIx)
}

// prepare makes the tables of schema v.
func (d Database) prepare(ctx context.Context, v int64) error {
	old := d.Schema
	old.Files, old.Version, old.Before = upTo{old.Files, v}, v, nil
	if err := d.DB.Migrate(ctx, old); errors.Is(err, database.ErrNewer) {
		return fmt.Errorf("%w: its tables are newer than the backup's", ErrNotEmpty)
	} else if err != nil {
		return err
	}
	for _, t := range (Database{Schema: old, Tables: d.Tables}).there() {
		var n int
		if err := d.DB.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM `+t.Name+` LIMIT 1) AS found`).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return fmt.Errorf("%w: table %s has rows", ErrNotEmpty, t.Name)
		}
	}
	return nil
}

// roomy lets SQLite load: with a cache (in KiB) of pages that rows go back to, and with indexes sorted in a file, which
// grows with the tips.
const roomy = `PRAGMA cache_size = -16384; PRAGMA temp_store = FILE`

// begin begins a transaction.
func (d Database) begin(ctx context.Context) (*sql.Tx, error) {
	if d.DB.Dialect == database.SQLite { // it has one connection that writes
		if _, err := d.DB.Write.ExecContext(ctx, roomy); err != nil {
			return nil, err
		}
	}
	return d.DB.Write.BeginTx(ctx, nil)
}

// side is what holds a table of part tips or ledger.
func (l *load) side(part string) (*sql.Tx, Database) {
	if part == "ledger" {
		return l.ledger, l.ledgerDB
	}
	return l.tips, l.tipsDB
}

func (l *load) knows(part, table string) bool {
	_, d := l.side(part)
	return slices.ContainsFunc(d.Tables, func(t database.Table) bool { return t.Name == table })
}

// table begins to fill a table, whose columns must be those of the backup.
func (l *load) table(ctx context.Context, part, table string, columns []string) (*inserts, error) {
	tx, d := l.side(part)
	have, _, err := columnsOf(ctx, tx, database.Table{Name: table})
	if err != nil {
		return nil, err
	}
	if got, want := slices.Sorted(slices.Values(columns)), slices.Sorted(slices.Values(have)); !slices.Equal(got, want) {
		return nil, damaged("table %s has columns %s", table, strings.Join(columns, " "))
	}
	return insertsOf(tx, d.DB.Dialect, table, columns), nil
}

// check counts what is in the tables, and compares the audit chain's head.
func (l *load) check(ctx context.Context, m Manifest) error {
	for _, part := range []string{"tips", "ledger"} {
		tx, d := l.side(part)
		for _, t := range d.Tables {
			if _, there := m.Rows[part+"/"+t.Name]; !there && t.Since > m.Schema.of(part) {
				continue
			}
			var n int64
			if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+t.Name).Scan(&n); err != nil {
				return err
			}
			if n != m.Rows[part+"/"+t.Name] {
				return damaged("rows of table %s: %d, and its manifest says %d", t.Name, n, m.Rows[part+"/"+t.Name])
			}
			if err := d.number(ctx, tx, t.Name); err != nil {
				return err
			}
		}
	}
	head, err := auditHead(ctx, l.tips)
	if err == nil && head != m.Audit {
		err = damaged("the audit chain ends at row %d, and its manifest says %d", head.Seq, m.Audit.Seq)
	}
	return err
}

// number lets the numbers PostgreSQL gives go on behind those that were loaded;
// SQLite finds them itself.
func (d Database) number(ctx context.Context, tx *sql.Tx, table string) error {
	if d.DB.Dialect != database.Postgres {
		return nil
	}
	var column string
	err := tx.QueryRowContext(ctx, `SELECT a.attname FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attidentity <> ''`, table).Scan(&column)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `SELECT setval(pg_get_serial_sequence($1, $2), (SELECT COALESCE(MAX(`+column+`), 0) + 1 FROM `+table+`), false)`, table, column)
	return err
}

// commit makes all of it durable. When only the ledger could be committed it is
// emptied again.
func (l *load) commit(ctx context.Context) error {
	if l.ledger == l.tips {
		return l.tips.Commit()
	}
	if err := l.ledger.Commit(); err != nil {
		return err
	}
	err := l.tips.Commit()
	if err == nil {
		return nil
	}
	for _, t := range slices.Backward(l.ledgerDB.Tables) {
		if _, undo := l.ledgerDB.DB.Write.ExecContext(context.WithoutCancel(ctx), `DELETE FROM `+t.Name); undo != nil {
			err = errors.Join(err, fmt.Errorf("and the ledger's database couldn't be emptied again: %w", undo))
		}
	}
	return err
}

func (l *load) rollback() {
	_ = l.tips.Rollback() // what is committed already stays
	_ = l.ledger.Rollback()
}
