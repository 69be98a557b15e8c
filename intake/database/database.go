package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	sqlite3 "modernc.org/sqlite/lib"
)

// Dialect tells the two databases apart where their SQL differs.
type Dialect string

// The dialects.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// Options say where a database is.
type Options struct {
	// URL is a PostgreSQL URL or keyword string; "" takes the SQLite file at Path.
	URL string
	// Path is the SQLite file; its folder must exist.
	Path string
	// Readers and Writers are how many connections read and write at once. 0 takes
	// what suits the database; SQLite has one writer whatever is said.
	Readers, Writers int
	// Patient lets a statement on PostgreSQL take as long as a large table needs: for who
	// copies all of it. Others are waited for no longer than some seconds.
	Patient bool
	// Hurry says that somebody waits for each commit: SQLite's log is moved into the file beside the
	// writer then. It takes a reading connection at times.
	Hurry bool
	// Before, when set, runs in place of a schema's own [Schema.Before].
	Before func(context.Context) error
}

// DB is one open database.
type DB struct {
	// Write are the connections that write. SQLite has one, whose transactions
	// begin IMMEDIATE: keep them short and close their rows.
	Write *sql.DB
	// Read are the connections that read; they refuse to write.
	Read    *sql.DB
	Dialect Dialect
	// Writers is how many connections write.
	Writers int

	options Options
	mover   *mover // nil where nobody hurries
}

// Open opens the database at o. SQLite's file is made when there is none;
// PostgreSQL's database must be there. An error says which of address, user,
// password or database name is wrong, and never holds the password.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.URL != "" {
		return openPostgres(ctx, o)
	}
	return openSQLite(o)
}

// Close ends the connections.
func (d *DB) Close() error {
	d.mover.end()
	return errors.Join(d.Write.Close(), d.Read.Close())
}

// Snapshot reads several things as they stand at one moment. read closes its
// rows.
func (d *DB) Snapshot(ctx context.Context, read func(*sql.Tx) error) error {
	q, err := d.Read.BeginTx(ctx, d.snapshot())
	if err != nil {
		return err
	}
	defer q.Rollback()
	return read(q)
}

// snapshot are the options of a transaction that sees one moment: every one of
// SQLite's does.
func (d *DB) snapshot() *sql.TxOptions {
	if d.Dialect == Postgres {
		return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	return nil
}

// Away says whether err means that the database couldn't be asked or didn't
// answer in time: others who ask now fare alike. What was asked may or may not
// be done.
func Away(err error) bool {
	return err != nil && (awayPostgres(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errNoAnswer))
}

// Unanswered says of a commit's error whether the commit may have been made all the
// same: the server broke off or kept silent, or the disk failed under a commit.
func Unanswered(err error) bool {
	if code, ok := codeSQLite(err); ok {
		return code&0xff == sqlite3.SQLITE_IOERR // a disk that is full took nothing
	}
	return err != nil && unansweredPostgres(err)
}

// Undone says whether the database undid a transaction because of another one,
// so that the same may work when it is tried again.
func Undone(err error) bool { return undonePostgres(err) }

// NoTable says whether err is the lack of a table: a database still empty.
func NoTable(err error) bool { return noTableSQLite(err) || codePostgres(err) == "42P01" }

// errNoAnswer ends a wait for a server that keeps silent.
var errNoAnswer = fmt.Errorf("no answer within %v", patience)
