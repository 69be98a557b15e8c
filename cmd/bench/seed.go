package main

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// seedBatch is how many tips one transaction writes.
const seedBatch = 20_000

// sink is a database while it is seeded: without the indexes that can be made
// afterwards, and without waiting for the disk.
type sink interface {
	put(ctx context.Context, t tableRows) error
	exec(ctx context.Context, statement string) error
	texts(ctx context.Context, query string) ([]string, error)
	begin(ctx context.Context) error
	end(ctx context.Context) error // of a batch
	close(ctx context.Context) error
}

// seed writes so many tips straight into the house's tables, which must be empty.
func (h *house) seed(ctx context.Context, size int) error {
	began := time.Now()
	db, indexes, err := h.openSink(ctx)
	if err != nil {
		return err
	}
	dropped, err := db.texts(ctx, indexes)
	if err != nil {
		return err
	}
	for _, d := range dropped {
		if err := db.exec(ctx, "DROP INDEX "+strings.Fields(d)[2]); err != nil {
			return err
		}
	}
	if err := pour(ctx, db, size); err != nil {
		return err
	}
	for _, d := range dropped {
		progress("%d tips: %s", size, d)
		if err := db.exec(ctx, d); err != nil {
			return err
		}
	}
	if err := db.close(ctx); err != nil {
		return err
	}
	progress("")
	fmt.Printf("seeded %d tips into %s in %.1f s\n", size, h.setting, time.Since(began).Seconds())
	return nil
}

func pour(ctx context.Context, db sink, size int) error {
	s := newSeeder(size, time.Now())
	for s.n < size {
		progress("seeding %d of %d tips", s.n, size)
		if err := db.begin(ctx); err != nil {
			return err
		}
		rows := s.next(seedBatch)
		for _, t := range rows.tables() {
			if err := db.put(ctx, t); err != nil {
				return fmt.Errorf("%s: %w", t.table, err)
			}
		}
		if err := db.end(ctx); err != nil {
			return err
		}
	}
	for k, c := range s.counters {
		if err := db.exec(ctx, fmt.Sprintf(`INSERT INTO counters (desk, lane, state, n, unread) VALUES ('main', '%s', '%s', %d, %d)`, k[0], k[1], c[0], c[1])); err != nil {
			return err
		}
	}
	return nil
}

// openSink opens the database and returns the query for its plain indexes.
func (h *house) openSink(ctx context.Context) (db sink, indexes string, err error) {
	if h.database == "" {
		db, err = newSQLiteSink(ctx, filepath.Join(h.dir, "tipline.db"))
		return db, `SELECT sql FROM sqlite_master WHERE type = 'index' AND sql LIKE 'CREATE INDEX %' AND tbl_name IN ('tips', 'receipts', 'ledger_rows')`, err
	}
	c, err := pgx.Connect(ctx, h.database)
	if err != nil {
		return nil, "", err
	}
	p := &postgresSink{conn: c}
	// Neither foreign keys nor the disk are waited for.
	err = p.exec(ctx, `SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '256MB'`)
	return p, `SELECT indexdef FROM pg_indexes WHERE indexdef LIKE 'CREATE INDEX %' AND tablename IN ('tips', 'receipts', 'ledger_rows')`, err
}

// sqliteSink is one connection that has the file for itself.
type sqliteSink struct {
	db       *sql.DB
	prepared map[string]*sql.Stmt
}

func newSQLiteSink(ctx context.Context, file string) (*sqliteSink, error) {
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=locking_mode(EXCLUSIVE)&_pragma=journal_mode(MEMORY)&_pragma=synchronous(OFF)&_pragma=cache_size(-600000)&_pragma=temp_store(MEMORY)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return &sqliteSink{db, map[string]*sql.Stmt{}}, db.PingContext(ctx)
}

func (s *sqliteSink) exec(ctx context.Context, statement string) error {
	_, err := s.db.ExecContext(ctx, statement)
	return err
}

func (s *sqliteSink) texts(ctx context.Context, query string) (out []string, err error) {
	rows, err := s.db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, rows.Err()
}

func (s *sqliteSink) begin(ctx context.Context) error { return s.exec(ctx, "BEGIN") }
func (s *sqliteSink) end(ctx context.Context) error   { return s.exec(ctx, "COMMIT") }

// rowsAtOnce is how many rows one INSERT writes.
const rowsAtOnce = 50

func (s *sqliteSink) put(ctx context.Context, t tableRows) error {
	for rows := t.rows; len(rows) > 0; {
		n := min(rowsAtOnce, len(rows))
		var args []any
		for _, r := range rows[:n] {
			args = append(args, r...)
		}
		st, err := s.insert(ctx, t, n)
		if err != nil {
			return err
		}
		if _, err := st.ExecContext(ctx, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// insert is a prepared INSERT of n rows.
func (s *sqliteSink) insert(ctx context.Context, t tableRows, n int) (*sql.Stmt, error) {
	key := fmt.Sprint(t.table, n)
	if st := s.prepared[key]; st != nil {
		return st, nil
	}
	one := "(" + strings.TrimSuffix(strings.Repeat("?,", len(t.columns)), ",") + ")"
	st, err := s.db.PrepareContext(ctx, "INSERT INTO "+t.table+" ("+strings.Join(t.columns, ", ")+") VALUES "+strings.TrimSuffix(strings.Repeat(one+",", n), ","))
	s.prepared[key] = st
	return st, err
}

func (s *sqliteSink) close(ctx context.Context) error {
	if err := s.exec(ctx, "PRAGMA journal_mode = WAL"); err != nil {
		return err
	}
	return s.db.Close()
}

// postgresSink is one connection of the superuser.
type postgresSink struct{ conn *pgx.Conn }

func (p *postgresSink) exec(ctx context.Context, statement string) error {
	_, err := p.conn.PgConn().Exec(ctx, statement).ReadAll()
	return err
}

func (p *postgresSink) texts(ctx context.Context, query string) ([]string, error) {
	rows, err := p.conn.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func (p *postgresSink) begin(ctx context.Context) error { return p.exec(ctx, "BEGIN") }
func (p *postgresSink) end(ctx context.Context) error   { return p.exec(ctx, "COMMIT") }

func (p *postgresSink) put(ctx context.Context, t tableRows) error {
	_, err := p.conn.CopyFrom(ctx, pgx.Identifier{t.table}, t.columns, pgx.CopyFromRows(t.rows))
	return err
}

// close leaves the tables as a server has them that wasn't just filled.
func (p *postgresSink) close(ctx context.Context) error {
	if err := p.exec(ctx, "VACUUM ANALYZE"); err != nil {
		return err
	}
	if err := p.exec(ctx, "CHECKPOINT"); err != nil {
		return err
	}
	return p.conn.Close(ctx)
}
