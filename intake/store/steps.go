package store

import (
	"context"
	"database/sql"
)

// steps runs each statement when it is asked to and waits for its answer.
type steps struct {
	tx         *sql.Tx
	statements *statements
}

func (s *steps) exec(query string, args ...any) (changed int64, err error) {
	var res sql.Result
	if st := s.statements.find(query); st != nil {
		res, err = s.tx.StmtContext(context.Background(), st).Exec(args...)
	} else {
		res, err = s.tx.Exec(query, args...)
	}
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (s *steps) query(query string, args ...any) (*sql.Rows, error) {
	if st := s.statements.find(query); st != nil {
		return s.tx.StmtContext(context.Background(), st).Query(args...)
	}
	return s.tx.Query(query, args...)
}

func (s *steps) row(query string, args ...any) scanner {
	if st := s.statements.find(query); st != nil {
		return s.tx.StmtContext(context.Background(), st).QueryRow(args...)
	}
	return s.tx.QueryRow(query, args...)
}

func (s *steps) put(query string, args ...any) error {
	_, err := s.exec(query, args...)
	return err
}

func (s *steps) claim(query string, args ...any) (claimed bool, err error) {
	n, err := s.exec(query, args...)
	return n > 0, err
}

func (s *steps) commit() error { return settled(s.tx.Commit()) }

// rollback undoes everything; what the database undid by itself is no matter.
func (s *steps) rollback() { _ = s.tx.Rollback() }

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
