package queue

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"tipline/intake"
)

// Relay moves events from the outbox to the streams: at least once, because it
// may end between the two. Several may run; each holds what it claimed.
type Relay struct {
	outbox  Outbox
	redis   redis.UniversalClient
	claimer string
	lease   time.Duration
	name    func(desk string) string
	log     *slog.Logger
}

// NewRelay relays to the stream that name gives for an event's desk.
func NewRelay(o Outbox, r redis.UniversalClient, claimer string, lease time.Duration, name func(desk string) string, log *slog.Logger) *Relay {
	return &Relay{outbox: o, redis: r, claimer: claimer, lease: lease, name: name, log: log}
}

// Run relays until ctx ends. While Redis is away the outbox waits.
func (r *Relay) Run(ctx context.Context) error {
	source := NewEmbedded(r.outbox, r.claimer, r.lease)
	b := backoff{log: r.log, what: "the relay to Redis"}
	for ctx.Err() == nil {
		b.after(ctx, r.once(ctx, source))
	}
	return nil
}

func (r *Relay) once(ctx context.Context, source *Embedded) error {
	got, err := source.Receive(ctx, batch, patience)
	if err != nil || len(got) == 0 {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.lease/2)
	defer cancel()
	done := make([]string, 0, len(got))
	var failed error
	for _, d := range got {
		if failed = r.add(ctx, d.Event); failed != nil {
			break
		}
		done = append(done, d.Tag)
	}
	if len(done) > 0 {
		if err := source.Ack(ctx, done...); err != nil {
			return err
		}
	}
	if failed != nil {
		return r.giveBack(ctx, got[len(done):], failed)
	}
	return nil
}

// giveBack lets the rest be claimed again at once.
func (r *Relay) giveBack(ctx context.Context, rest []Delivery, cause error) error {
	ids := make([]string, len(rest))
	for i, d := range rest {
		ids[i] = d.Tag
	}
	if err := r.outbox.ReturnEvents(ctx, r.claimer, ids...); err != nil {
		return fmt.Errorf("%w; and %w", cause, err)
	}
	return cause
}

// add appends one event to its desk's stream.
func (r *Relay) add(ctx context.Context, e intake.Event) error {
	body, err := e.JSON()
	if err != nil {
		return err
	}
	day, err := time.Parse(time.RFC3339, e.Time)
	if err != nil {
		return fmt.Errorf("event %s has no date: %w", e.ID, err)
	}
	return appendEntry(ctx, r.redis, &redis.XAddArgs{Stream: r.name(e.Data.Desk), Values: []string{field, string(body)}}, day.UnixMilli())
}
