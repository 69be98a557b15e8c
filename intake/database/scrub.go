package database

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrBusy says that somebody reads a file that was to be written anew.
var ErrBusy = errors.New("the database is being read: try again later")

// How often a checkpoint waits for readers, and how long.
const (
	scrubTries = 20
	scrubPause = 250 * time.Millisecond
)

// Scrub writes the database's files anew, so that rows which were deleted stand in them no
// more: SQLite's file by VACUUM, and its log emptied before and after. PostgreSQL's VACUUM
// frees their places, which later rows take; its log and its archives are its keeper's.
// Writers wait meanwhile. [ErrBusy] asks to try again.
func (d *DB) Scrub(ctx context.Context) error {
	if d.Dialect != SQLite {
		_, err := d.Write.ExecContext(ctx, `VACUUM`)
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
			run = func() error { return emptyLog(ctx, conn.QueryRowContext) }
		}
		if err := run(); err != nil {
			return fmt.Errorf("database: %w", err)
		}
	}
	return nil
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
