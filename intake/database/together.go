package database

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Statement is one write that is sent without waiting for the answer to the one
// before.
type Statement struct {
	Query string // without RETURNING
	Args  []any
	// Claims says that it must change a row: when it changes none, nothing of what
	// was sent with it is kept.
	Claims bool
}

// Pipelines says whether statements can be sent together. SQLite has no round
// trips to spare.
func (d *DB) Pipelines() bool { return d.Dialect == Postgres }

// Together runs statements in one transaction that takes one round trip. After an
// error nothing is kept, unless the error is that no answer came: then all is kept
// or nothing.
func (d *DB) Together(ctx context.Context, all []Statement) error {
	conn, err := d.Write.Conn(ctx)
	if err != nil {
		return err
	}
	err = conn.Raw(func(driver any) error {
		c, ok := driver.(*stdlib.Conn)
		if !ok {
			return errors.New("only PostgreSQL takes statements together")
		}
		return c.Conn().SendBatch(ctx, batch(all)).Close()
	})
	return errors.Join(err, given(conn))
}

// given gives a connection back to its pool, which drops one that broke.
func given(conn *sql.Conn) error {
	if err := conn.Close(); !errors.Is(err, sql.ErrConnDone) {
		return err
	}
	return nil
}

// batch has no BEGIN: what is sent up to one Sync is a transaction of its own.
func batch(all []Statement) *pgx.Batch {
	b := &pgx.Batch{}
	for _, s := range all {
		if s.Claims {
			s.Query = `WITH claimed AS (` + s.Query + ` RETURNING 1) SELECT 1 / COUNT(*) FROM claimed` // an error that tells no value
		}
		b.Queue(s.Query, s.Args...)
	}
	return b
}
