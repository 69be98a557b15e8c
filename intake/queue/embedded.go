package queue

import (
	"context"
	"time"
)

// Events another process committed are looked for this often.
const pollEvery = time.Second

// Embedded is the outbox itself as a queue.
type Embedded struct {
	outbox  Outbox
	claimer string
	lease   time.Duration
}

// NewEmbedded is a queue for one consumer, whose name is unique among them. After
// lease another consumer may have the events that this one took and didn't finish.
func NewEmbedded(o Outbox, claimer string, lease time.Duration) *Embedded {
	return &Embedded{outbox: o, claimer: claimer, lease: lease}
}

// Receive claims at most n events.
func (q *Embedded) Receive(ctx context.Context, n int, wait time.Duration) ([]Delivery, error) {
	deadline := time.NewTimer(wait)
	defer deadline.Stop()
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		wake := q.outbox.Wake() // before the look, so that what comes during it still wakes us
		events, err := q.outbox.ClaimEvents(ctx, q.claimer, n, q.lease)
		if err != nil || len(events) > 0 {
			return deliveries(events), err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-deadline.C:
			return nil, nil
		case <-wake:
		case <-poll.C:
		}
	}
}

// Ack takes the events out of the outbox.
func (q *Embedded) Ack(ctx context.Context, tags ...string) error {
	return q.outbox.FinishEvents(ctx, q.claimer, tags...)
}
