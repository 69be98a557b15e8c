package queue

import (
	"context"
	"time"

	"tipline/intake"
)

// Data is what an event carries: a tip's events go to the ledger, outcomes come
// back.
type Data interface {
	intake.EventData | intake.OutcomeData
	Address() (tip, desk string)
}

// Outbox holds the events that are committed and which the queue hasn't taken
// yet. Claimed rows come back by themselves when the lease runs out.
type Outbox[D Data] interface {
	ClaimEvents(ctx context.Context, claimer string, n int, lease time.Duration) ([]intake.CloudEvent[D], error)
	FinishEvents(ctx context.Context, claimer string, ids ...string) error
	ReturnEvents(ctx context.Context, claimer string, ids ...string) error
	// Wake is closed or sent to after events were committed by this process;
	// other processes' events are found by polling.
	Wake() <-chan struct{}
	Relays
}

// Relays is the part of an outbox that keeps what went to a stream until the
// stream's reader has it. Relayed events aren't claimed.
type Relays interface {
	MarkRelayed(ctx context.Context, claimer string, relayed ...intake.Relayed) error // of those claimer holds
	Relayed(ctx context.Context, after int64, n int) ([]intake.Relayed, error)        // ordered by Seq
	ConfirmRelayed(ctx context.Context, relayed ...intake.Relayed) error              // they go, unless they have become other entries
	ResetRelayed(ctx context.Context, relayed ...intake.Relayed) error                // they can be claimed again
	ForgetRelayed(ctx context.Context) error                                          // all can
}

// Delivery is one event handed to a consumer, to be acknowledged after its
// commit.
type Delivery[D Data] struct {
	Event intake.CloudEvent[D]
	// Tag names the delivery to its queue: the outbox row's id or the stream
	// entry's id.
	Tag string
}

// Queue is the consumer's side of a queue: a Redis Stream, or the outbox itself.
type Queue[D Data] interface {
	// Receive waits up to wait for at most n deliveries; none is no error.
	Receive(ctx context.Context, n int, wait time.Duration) ([]Delivery[D], error)
	// Ack tells that the deliveries are committed and won't be needed again.
	Ack(ctx context.Context, tags ...string) error
}
