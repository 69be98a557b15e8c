package queue

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"tipline/intake"
)

// TestABatchIsCarriedThroughAStop: told to stop while a batch is being committed, the consumer commits and acknowledges it.
func TestABatchIsCarriedThroughAStop(t *testing.T) {
	o := newOutbox(t)
	o.add(0, 1)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	err := Consume(ctx, NewEmbedded(o, "a", time.Minute), func(ctx context.Context, _ []intake.Event) error {
		stop()
		return ctx.Err()
	}, slog.New(slog.DiscardHandler))
	if waiting, _, failed := o.OutboxStats(t.Context(), ""); err != nil || failed != nil || waiting != 0 {
		t.Errorf("%d events wait, %v %v", waiting, err, failed)
	}
}

// stopping is an outbox whose relay is told to stop as it takes a batch.
type stopping struct {
	*outbox
	stop func()
}

func (s stopping) ClaimEvents(ctx context.Context, claimer string, n int, lease time.Duration) ([]intake.Event, error) {
	events, err := s.outbox.ClaimEvents(ctx, claimer, n, lease)
	s.stop()
	return events, err
}

// TestABatchIsRelayedThroughAStop: what the relay took goes to the stream and is marked, or the next would send it again.
func TestABatchIsRelayedThroughAStop(t *testing.T) {
	o := newOutbox(t)
	o.add(0, 1)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	r := startRedis(t)
	if err := NewRelay(stopping{o, stop}, r, "a", time.Minute, toPrefix, slog.New(slog.DiscardHandler)).Run(ctx); err != nil {
		t.Fatal(err)
	}
	relayed, err := o.Relayed(t.Context(), 0, 9)
	if n := r.XLen(t.Context(), StreamPrefix).Val(); err != nil || len(relayed) != 1 || n != 1 {
		t.Errorf("%d are marked, %d in the stream, %v", len(relayed), n, err)
	}
}
