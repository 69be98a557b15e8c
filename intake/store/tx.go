package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"

	"tipline/intake/database"
)

// tx is a writer's transaction.
type tx struct {
	executor
	dialect dialect
	counts  counts // what the counters move by, written at the end
}

// executor is how a transaction's statements reach the database: one after the
// other (steps), or all together at its end (ahead).
type executor interface {
	exec(query string, args ...any) (changed int64, err error)
	query(query string, args ...any) (*sql.Rows, error)
	row(query string, args ...any) scanner
	// put runs a statement of which nobody asks how many rows it changed.
	put(query string, args ...any) error
	// claim runs a statement that inserts one row, unless the row is there.
	claim(query string, args ...any) (claimed bool, err error)
	commit() error
	rollback()
}

// bare runs do without a savepoint: an error leaves the transaction half done.
func (t *tx) bare(do func(*tx) error) (err error, whole bool) {
	err = do(t)
	return err, err == nil
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
	return t.executor.commit()
}

// queues says whether do's statements could be queued; if not, none of them is.
func (t *tx) queues(a *ahead, do func(*tx) error) bool {
	queued, before := len(a.queued), maps.Clone(t.counts)
	if do(t) == nil {
		return true
	}
	a.queued, t.counts = a.queued[:queued], before
	return false
}

// ahead keeps the statements until the commit sends them in one round trip. A
// claim is taken to succeed; when one doesn't, the commit fails and nothing is
// kept. Whatever needs an answer before that fails with errAnswer.
type ahead struct {
	db     *database.DB
	queued []database.Statement
}

// errAnswer ends a job that can't be queued.
var errAnswer = errors.New("the answer is needed at once")

func (a *ahead) put(query string, args ...any) error {
	a.queued = append(a.queued, database.Statement{Query: query, Args: args})
	return nil
}

func (a *ahead) claim(query string, args ...any) (claimed bool, err error) {
	a.queued = append(a.queued, database.Statement{Query: query, Args: args, Claims: true})
	return true, nil
}

func (a *ahead) exec(string, ...any) (int64, error)      { return 0, errAnswer }
func (a *ahead) query(string, ...any) (*sql.Rows, error) { return nil, errAnswer }
func (a *ahead) row(string, ...any) scanner              { return unanswered{} }
func (a *ahead) commit() error                           { return settled(a.db.Together(context.Background(), a.queued)) }
func (a *ahead) rollback()                               { a.queued = nil }

type unanswered struct{}

func (unanswered) Scan(...any) error { return errAnswer }
