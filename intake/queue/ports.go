package queue

import (
	"context"
	"time"

	"tipline/intake"
)

// Outbox holds the events whose tips are committed and which the queue hasn't
// taken yet. Claimed rows come back by themselves when the lease runs out.
type Outbox interface {
	ClaimEvents(ctx context.Context, claimer string, n int, lease time.Duration) ([]intake.Event, error)
	FinishEvents(ctx context.Context, claimer string, ids ...string) error
	ReturnEvents(ctx context.Context, claimer string, ids ...string) error
	// Wake is closed or sent to after events were committed by this process;
	// other processes' events are found by polling.
	Wake() <-chan struct{}
}

// Delivery is one event handed to a consumer, to be acknowledged after its
// commit.
type Delivery struct {
	Event intake.Event
	// Tag names the delivery to its queue: the outbox row's id or the stream
	// entry's id.
	Tag string
}

// Queue is the consumer's side of the ledger queue: the Redis Stream, or the
// outbox itself.
type Queue interface {
	// Receive waits up to wait for at most n deliveries; none is no error.
	Receive(ctx context.Context, n int, wait time.Duration) ([]Delivery, error)
	// Ack tells that the deliveries are committed and won't be needed again.
	Ack(ctx context.Context, tags ...string) error
}
