package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// ErrBusy says that somebody reads a file that was to be written anew.
var ErrBusy = errors.New("the database is being read: try again later")

// How often a checkpoint is tried while somebody reads, how long each try waits, and how long writers of other
// processes have between two.
const (
	scrubTries = 10
	scrubWait  = 200 * time.Millisecond
	scrubPause = 100 * time.Millisecond
)

// Scrub writes the database's files anew, so that rows which were deleted stand in them no
// more: SQLite's file by VACUUM, and its log emptied before and after. PostgreSQL's VACUUM
// frees their places, which later rows take; its log and its archives are its keeper's.
// Writers wait meanwhile, a few seconds at most for readers that stay: then [ErrBusy] asks to try again.
func (d *DB) Scrub(ctx context.Context) error {
	if d.Dialect != SQLite {
		db, done, err := d.migrator()
		if err != nil {
			return err
		}
		defer done()
		_, err = db.ExecContext(ctx, `VACUUM`)
		return err
	}
	conn, err := d.Write.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	// the new file is built in a file, not in memory: what it holds is sealed
	for _, step := range []string{`PRAGMA temp_store = FILE`, checkpoint, `VACUUM`, checkpoint, `PRAGMA temp_store = MEMORY`} {
		run := func() error { _, err := conn.ExecContext(ctx, step); return err }
		if step == checkpoint {
			run = func() error { return hurried(ctx, conn) }
		}
		if err := run(); err != nil {
			return fmt.Errorf("database: %w", err)
		}
	}
	return nil
}

// hurried empties the log without waiting long for readers: a checkpoint that waits keeps all writers waiting.
func hurried(ctx context.Context, conn *sql.Conn) error {
	var patience int64
	if err := conn.QueryRowContext(ctx, `PRAGMA busy_timeout`).Scan(&patience); err != nil {
		return err
	}
	wait := func(ctx context.Context, ms int64) error {
		_, err := conn.ExecContext(ctx, fmt.Sprintf(`PRAGMA busy_timeout = %d`, ms))
		return err
	}
	if err := wait(ctx, scrubWait.Milliseconds()); err != nil {
		return err
	}
	return errors.Join(emptyLog(ctx, conn.QueryRowContext), wait(context.WithoutCancel(ctx), patience))
}

const checkpoint = `PRAGMA wal_checkpoint(TRUNCATE)`

// emptyLog writes the log into the file and cuts it, which readers may keep it from.
func emptyLog[R interface{ Scan(...any) error }](ctx context.Context, ask func(context.Context, string, ...any) R) error {
	for range scrubTries {
		var busy, pages, moved int
		if err := ask(ctx, checkpoint).Scan(&busy, &pages, &moved); err != nil {
			return err
		}
		if busy == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(scrubPause):
		}
	}
	return ErrBusy
}
