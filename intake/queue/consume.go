package queue

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"tipline/intake"
)

// How a consumer works: batches of at most batch, waits of at most patience, and
// after an error a pause that doubles up to longest. A commit may take commitTime.
const (
	batch    = 100
	patience = 5 * time.Second
	first    = 100 * time.Millisecond
	longest  = 5 * time.Second

	commitTime = 30 * time.Second
)

// gather is how far apart batches begin that aren't full. The first event of a quiet
// time goes at once; under load many share the commits of claim, ledger and
// acknowledgement, which would else compete with those of the tips themselves.
const gather = 100 * time.Millisecond

// pace keeps batches apart by gather. One that is full shows that more is waiting.
type pace struct{ next time.Time }

// wait waits until it is time for a batch, or ctx ends.
func (p *pace) wait(ctx context.Context) {
	if d := time.Until(p.next); d > 0 {
		pause(ctx, d)
	}
}

func (p *pace) took(n int) {
	p.next = time.Time{}
	if n > 0 && n < batch {
		p.next = time.Now().Add(gather)
	}
}

// Consume hands batches to apply and acknowledges each after apply has committed
// it. Errors are logged and tried again, the batch that failed first; it returns
// nil when ctx ends.
func Consume[D Data](ctx context.Context, q Queue[D], apply func(context.Context, []intake.CloudEvent[D]) error, log *slog.Logger) error {
	b := backoff{log: log, what: "the queue to the " + groupFor[D]()}
	var held []Delivery[D] // received and not committed yet
	var p pace
	for ctx.Err() == nil {
		var err error
		if len(held) == 0 {
			p.wait(ctx)
			held, err = q.Receive(ctx, batch, patience)
			p.took(len(held))
		}
		if err == nil && len(held) > 0 {
			var committed bool
			if committed, err = carryThrough(ctx, q, held, apply); committed {
				held = nil
			}
		}
		b.after(ctx, err)
	}
	return nil
}

// carryThrough commits and acknowledges a batch, also while the process stops. A
// batch that is committed and couldn't be acknowledged comes again and changes
// nothing.
func carryThrough[D Data](ctx context.Context, q Queue[D], got []Delivery[D], apply func(context.Context, []intake.CloudEvent[D]) error) (committed bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTime)
	defer cancel()
	events, tags := make([]intake.CloudEvent[D], len(got)), make([]string, len(got))
	for i, d := range got {
		events[i], tags[i] = d.Event, d.Tag
	}
	if err := apply(ctx, events); err != nil {
		return false, err
	}
	return true, q.Ack(ctx, tags...)
}

// backoff pauses after errors, longer each time, with jitter so that processes
// don't come back in step. It logs the beginning and the end of trouble.
type backoff struct {
	log   *slog.Logger
	what  string
	pause time.Duration
}

func (b *backoff) after(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	if err == nil {
		if b.pause > 0 {
			b.log.Info(b.what + " works again")
		}
		b.pause = 0
		return
	}
	if b.pause == 0 {
		b.log.Warn(b.what+" doesn't work; trying again", "error", err)
	}
	b.pause = min(max(2*b.pause, first), longest)
	pause(ctx, b.pause/2+rand.N(b.pause/2+1))
}
