package store

import (
	"context"
	"database/sql"
	"maps"
)

// tx is a writer's transaction.
type tx struct {
	tx         *sql.Tx
	dialect    dialect
	statements *statements
	counts     counts // what the counters move by, written at the end
}

func (t *tx) exec(query string, args ...any) (changed int64, err error) {
	var res sql.Result
	if st := t.statements.find(query); st != nil {
		res, err = t.tx.StmtContext(context.Background(), st).Exec(args...)
	} else {
		res, err = t.tx.Exec(query, args...)
	}
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (t *tx) query(query string, args ...any) (*sql.Rows, error) {
	if st := t.statements.find(query); st != nil {
		return t.tx.StmtContext(context.Background(), st).Query(args...)
	}
	return t.tx.Query(query, args...)
}

func (t *tx) row(query string, args ...any) *sql.Row {
	if st := t.statements.find(query); st != nil {
		return t.tx.StmtContext(context.Background(), st).QueryRow(args...)
	}
	return t.tx.QueryRow(query, args...)
}

// guarded runs do behind a savepoint. whole is false when the database gave the
// entire transaction up, so that the savepoint is gone.
func (t *tx) guarded(do func(*tx) error) (err error, whole bool) {
	if _, err := t.exec(`SAVEPOINT job`); err != nil {
		return err, false
	}
	before := maps.Clone(t.counts)
	if err = do(t); err != nil {
		t.counts = before
		if _, undo := t.exec(`ROLLBACK TO SAVEPOINT job`); undo != nil {
			return err, false
		}
	}
	_, released := t.exec(`RELEASE SAVEPOINT job`)
	return err, released == nil
}

func (t *tx) commit() error {
	if err := t.writeCounts(); err != nil {
		t.rollback()
		return err
	}
	return t.tx.Commit()
}

// rollback undoes everything; what the database undid by itself is no matter.
func (t *tx) rollback() { _ = t.tx.Rollback() }

// statements are the writer's prepared statements. One that is met for the first
// time is noted and prepared between two transactions, because the only
// connection is busy inside one. All of it belongs to the writer's goroutine.
type statements struct {
	db       *sql.DB
	prepared map[string]*sql.Stmt
	noted    []string
}

func newStatements(db *sql.DB) *statements {
	return &statements{db: db, prepared: map[string]*sql.Stmt{}}
}

// find finds nothing where nothing is to be prepared.
func (s *statements) find(query string) *sql.Stmt {
	if s == nil {
		return nil
	}
	st, met := s.prepared[query]
	if !met {
		s.prepared[query] = nil
		s.noted = append(s.noted, query)
	}
	return st
}

// prepare prepares what was noted; what can't be prepared runs as text.
func (s *statements) prepare() {
	if s == nil {
		return
	}
	for _, query := range s.noted {
		if st, err := s.db.Prepare(query); err == nil {
			s.prepared[query] = st
		}
	}
	s.noted = s.noted[:0]
}

func (s *statements) close() {
	if s == nil {
		return
	}
	for _, st := range s.prepared {
		if st != nil {
			_ = st.Close() // the connection goes next
		}
	}
}
