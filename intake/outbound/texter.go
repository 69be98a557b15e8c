package outbound

import (
	"context"
	"hash/maphash"
	"log/slog"
	"sync"
	"time"

	"tipline/intake"
)

// perNumber is how many texts one number gets a day: two robots that answer one
// another end here.
const perNumber = 5

// Note is one short text to a phone: that something arrived, or where it stands. It
// holds a number and prints as "[note]".
type Note struct {
	Gateway string // the channel's name
	To      string
	intake.Outgoing
}

// String keeps a note out of logs and error texts.
func (Note) String() string { return "[note]" }

// LogValue keeps a note out of structured logs.
func (Note) LogValue() slog.Value { return slog.StringValue("[note]") }

// Texter sends notes from memory, each at most once, as a [Mailer] sends letters. Run
// owns its goroutine.
type Texter struct {
	carry func(ctx context.Context, n Note) error
	log   *slog.Logger
	drop  func()
	now   func() time.Time
	notes chan Note
	seed  maphash.Seed

	mu     sync.Mutex
	counts map[uint64]int // by number, since since
	since  time.Time
}

// NewTexter sends by carry.
func NewTexter(carry func(context.Context, Note) error, log *slog.Logger, drop func(), now func() time.Time) *Texter {
	return &Texter{carry: carry, log: log, drop: drop, now: now, notes: make(chan Note, queueSize), seed: maphash.MakeSeed(), counts: map[uint64]int{}}
}

// Tell queues a note; it never blocks. Over the day's number for a phone, or of all that
// wait, it is dropped.
func (t *Texter) Tell(n Note) {
	if !t.may(n.To) {
		t.drop()
		return
	}
	select {
	case t.notes <- n:
	default:
		t.drop()
	}
}

// may counts a number's texts.
func (t *Texter) may(number string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := t.now(); now.Sub(t.since) >= addressDay {
		t.since = now
		clear(t.counts)
	}
	k := maphash.String(t.seed, number)
	if t.counts[k] >= perNumber || len(t.counts) >= maxNumbers && t.counts[k] == 0 {
		return false
	}
	t.counts[k]++
	return true
}

// How long a number's texts are counted, and how many numbers.
const (
	addressDay = 24 * time.Hour
	maxNumbers = 100_000
)

// Run sends until ctx ends; what waits then is dropped: a text that comes late is
// worse than none.
func (t *Texter) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case n := <-t.notes:
			if err := t.carry(ctx, n); err != nil {
				t.drop()
				t.log.Warn("a text could not be handed to its gateway", "channel", n.Gateway, "cause", err)
			}
		}
	}
}
