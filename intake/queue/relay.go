package queue

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"tipline/intake"
)

// Relay moves events from an outbox to the streams: at least once, because it may
// end between the two. Of several copies one leads. An event leaves the outbox
// when the reader of its stream has acknowledged it; one whose entry is lost, as
// after a flush of Redis, goes again.
type Relay[D Data] struct {
	outbox  Outbox[D]
	redis   redis.UniversalClient
	claimer string
	lease   time.Duration
	name    func(desk string) string
	log     *slog.Logger
	pace    pace
	settled time.Time // when the entries were looked at last
	swept   int64     // how far the sweep of the outbox has come
}

// NewRelay relays to the stream that name gives for an event's desk.
func NewRelay[D Data](o Outbox[D], r redis.UniversalClient, claimer string, lease time.Duration, name func(desk string) string, log *slog.Logger) *Relay[D] {
	return &Relay[D]{outbox: o, redis: r, claimer: claimer, lease: lease, name: name, log: log}
}

// Run relays while it leads, until ctx ends. While Redis is away nobody leads and
// the outbox waits.
func (r *Relay[D]) Run(ctx context.Context) error {
	what := "the relay to the " + groupFor[D]()
	l := Leadership{Lock: newRedisLock(r.redis, "tipline:relay:"+groupFor[D]()), For: leadTime, Log: r.log, What: what}
	l.Run(ctx, func(ctx context.Context) {
		source := &Embedded[D]{outbox: r.outbox, claimer: r.claimer, lease: r.lease}
		b := backoff{log: r.log, what: what}
		for ctx.Err() == nil {
			b.after(ctx, r.once(ctx, source))
		}
	})
	return nil
}

func (r *Relay[D]) once(ctx context.Context, source *Embedded[D]) error {
	r.pace.wait(ctx)
	got, err := source.Receive(ctx, batch, settleEvery)
	if err != nil {
		return err
	}
	r.pace.took(len(got))
	if len(got) > 0 {
		if err := r.pass(ctx, got); err != nil {
			return err
		}
	}
	if now := time.Now(); now.Sub(r.settled) >= settleEvery {
		r.settled = now
		return r.settle(ctx)
	}
	return nil
}

// pass adds a batch to the streams, also while the process stops.
func (r *Relay[D]) pass(ctx context.Context, got []Delivery[D]) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.lease/2)
	defer cancel()
	entries, failed := r.add(ctx, got)
	relayed := make([]intake.Relayed, len(entries))
	for i, id := range entries {
		_, desk := got[i].Event.Data.Address()
		relayed[i] = intake.Relayed{ID: got[i].Tag, Desk: desk, Entry: id}
	}
	if err := r.outbox.MarkRelayed(ctx, r.claimer, relayed...); err != nil {
		return err
	}
	if failed != nil {
		return r.giveBack(ctx, got[len(entries):], failed)
	}
	return nil
}

// giveBack lets the rest be claimed again at once.
func (r *Relay[D]) giveBack(ctx context.Context, rest []Delivery[D], cause error) error {
	ids := make([]string, len(rest))
	for i, d := range rest {
		ids[i] = d.Tag
	}
	if err := r.outbox.ReturnEvents(ctx, r.claimer, ids...); err != nil {
		return fmt.Errorf("%w; and %w", cause, err)
	}
	return cause
}

// add appends events to their desks' streams, all in one round trip, and returns
// the entries of those before the first that failed.
func (r *Relay[D]) add(ctx context.Context, got []Delivery[D]) (entries []string, err error) {
	args, err := r.entries(got)
	if err != nil {
		return nil, err
	}
	added := make([]*redis.StringCmd, len(args))
	_, _ = r.redis.Pipelined(ctx, func(p redis.Pipeliner) error { // each command has its own error
		for i, a := range args {
			added[i] = p.XAdd(ctx, a)
		}
		return nil
	})
	for i, c := range added {
		id, err := c.Result()
		if ahead(err) {
			id, err = appendLast(ctx, r.redis, args[i])
		}
		if err != nil {
			return entries, err
		}
		entries = append(entries, id)
	}
	return entries, nil
}

func (r *Relay[D]) entries(got []Delivery[D]) ([]*redis.XAddArgs, error) {
	out := make([]*redis.XAddArgs, len(got))
	for i, d := range got {
		body, err := d.Event.JSON()
		if err != nil {
			return nil, err
		}
		day, err := time.Parse(time.RFC3339, d.Event.Time)
		if err != nil {
			return nil, fmt.Errorf("event %s has no date: %w", d.Event.ID, err)
		}
		_, desk := d.Event.Data.Address()
		out[i] = &redis.XAddArgs{Stream: r.name(desk), ID: fmt.Sprintf("%d-*", day.UnixMilli()), Values: []string{field, string(body)}}
	}
	return out, nil
}
