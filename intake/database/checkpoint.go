package database

import (
	"context"
	"time"
)

// SQLite moves its log into the file within the commit that makes the log 4,000 pages long, and whoever
// waits for that commit waits for all of them. So most are moved beside the writer: after every movePages
// new ones, looked for this often, and seldom while nothing is written.
const (
	movePages = 1_000
	moveBusy  = 50 * time.Millisecond
	moveIdle  = time.Second
)

// mover moves pages of a SQLite log into its file until stop is called.
type mover struct {
	stop context.CancelFunc
	done chan struct{}
}

func (d *DB) startMover() *mover {
	ctx, stop := context.WithCancel(context.Background())
	m := &mover{stop, make(chan struct{})}
	go func() {
		defer close(m.done)
		d.keepMoving(ctx)
	}()
	return m
}

// end returns once nothing is moved any more. What wasn't moved stays in the log, which is as durable.
func (m *mover) end() {
	if m != nil {
		m.stop()
		<-m.done
	}
}

func (d *DB) keepMoving(ctx context.Context) {
	seen, moved := 0, 0
	for wait := moveIdle; ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		pages, err := d.checkpoint(ctx, "NOOP")
		if wait = moveBusy; err != nil || pages == seen {
			wait = moveIdle // a file that can't be read is told by those who ask it
		}
		if seen = pages; pages < moved {
			moved = 0 // the log was begun anew
		}
		if pages-moved >= movePages {
			_, _ = d.checkpoint(ctx, "PASSIVE") // what fails here is done in a commit
			moved = pages
		}
	}
}

// checkpoint runs one on a reading connection and says how many pages the log has. Neither
// NOOP, which only looks, nor PASSIVE waits for readers or keeps writers waiting.
// See https://sqlite.org/pragma.html#pragma_wal_checkpoint.
func (d *DB) checkpoint(ctx context.Context, mode string) (pages int, err error) {
	var busy, moved int
	err = d.Read.QueryRowContext(ctx, `PRAGMA wal_checkpoint(`+mode+`)`).Scan(&busy, &pages, &moved)
	return pages, err
}
