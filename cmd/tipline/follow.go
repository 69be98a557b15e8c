package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"sync"
	"time"

	"tipline/intake"
	"tipline/intake/queue"
)

// How the queue is worked. A lease that a crash left behind is over before
// anybody waits for it.
const (
	lease    = 10 * time.Second
	deadIdle = 30 * time.Second
)

// followOutbox carries events from the outbox straight into the ledger until ctx
// ends.
func (p *program) followOutbox(ctx context.Context) error {
	return queue.Consume(ctx, queue.NewEmbedded(p.store, unique(), lease), p.ledger.Apply, p.log)
}

// relayEvents carries events from the outbox to the streams until ctx ends.
func (p *program) relayEvents(ctx context.Context) error {
	return queue.NewRelay(p.store, p.redis, unique(), lease, p.stream, p.log).Run(ctx)
}

// followStreams carries events from the desks' streams into the ledger until ctx
// ends: from every desk's, or from one alone.
func (p *program) followStreams(ctx context.Context) error {
	desks := p.desks()
	if p.does.only != "" {
		desks = intake.Desks{p.does.only}
	}
	return p.eachDesk(ctx, desks, func(ctx context.Context, desk string) error {
		return queue.Consume(ctx, queue.NewStream(p.redis, p.stream(desk), p.seat.name, deadIdle), p.ledger.Apply, p.log)
	})
}

// sit takes the name under which this process reads streams.
func (p *program) sit() {
	host, err := os.Hostname()
	if err != nil {
		host = "host"
	}
	p.seat = takeSeat(p.dir, host)
}

// eachDesk follows something of each desk until ctx ends.
func (p *program) eachDesk(ctx context.Context, desks []string, follow func(ctx context.Context, desk string) error) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	for _, d := range desks[1:] {
		wg.Go(func() { _ = follow(ctx, d) }) // it ends with ctx and tells its errors itself
	}
	return follow(ctx, desks[0])
}

func (p *program) stream(desk string) string { return queue.StreamName(desk, p.pack.Desks[0].ID) }

// unique names a claimer: two processes must never share one.
func unique() string { return fmt.Sprintf("%d-%s", os.Getpid(), rand.Text()[:8]) }

// queueReady says whether events reach the queue.
func (p *program) queueReady(ctx context.Context) error {
	if p.redis != nil {
		if err := p.redis.Ping(ctx).Err(); err != nil {
			return fmt.Errorf("redis is away: tips are taken, and wait for the ledger")
		}
	}
	return nil
}
