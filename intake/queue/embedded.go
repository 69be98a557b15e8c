package queue

import (
	"context"
	"time"

	"tipline/intake"
)

// Events another process committed are looked for this often.
const pollEvery = 200 * time.Millisecond

// Embedded is the outbox itself as a queue.
type Embedded[D Data] struct {
	outbox  Outbox[D]
	claimer string
	lease   time.Duration
	alone   bool // no relay works on the outbox: what one left behind is ours
}

// NewEmbedded is a queue for one consumer, whose name is unique among them. After
// lease another consumer may have the events that this one took and didn't finish.
// What a relay sent to a stream before, and nobody has acknowledged, comes too.
func NewEmbedded[D Data](o Outbox[D], claimer string, lease time.Duration) *Embedded[D] {
	return &Embedded[D]{outbox: o, claimer: claimer, lease: lease, alone: true}
}

// Receive claims at most n events.
func (q *Embedded[D]) Receive(ctx context.Context, n int, wait time.Duration) ([]Delivery[D], error) {
	if q.alone {
		if err := q.outbox.ForgetRelayed(ctx); err != nil {
			return nil, err
		}
		q.alone = false
	}
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
func (q *Embedded[D]) Ack(ctx context.Context, tags ...string) error {
	return q.outbox.FinishEvents(ctx, q.claimer, tags...)
}

func deliveries[D Data](events []intake.CloudEvent[D]) []Delivery[D] {
	out := make([]Delivery[D], len(events))
	for i, e := range events {
		out[i] = Delivery[D]{Event: e, Tag: e.ID}
	}
	return out
}
