package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"sync"
	"time"

	"tipline/intake/queue"
)

// How the queue is worked. A lease that a crash left behind is over before
// anybody waits for it.
const (
	lease    = 10 * time.Second
	deadIdle = 30 * time.Second
)

// followLedger carries events from the outbox into the ledger until ctx ends:
// directly, or by the relay and the Redis Stream.
func (u *up) followLedger(ctx context.Context) error {
	if u.redis == nil {
		return queue.Consume(ctx, queue.NewEmbedded(u.store, unique(), lease), u.ledger.Apply, u.log)
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { _ = u.relay().Run(ctx) }) // it ends with ctx and tells its errors itself
	for _, d := range u.pack.Desks[1:] {
		wg.Go(func() { _ = u.consume(ctx, d.ID) })
	}
	return u.consume(ctx, u.pack.Desks[0].ID)
}

func (u *up) relay() *queue.Relay {
	return queue.NewRelay(u.store, u.redis, unique(), lease, u.stream, u.log)
}

func (u *up) consume(ctx context.Context, desk string) error {
	host, err := os.Hostname()
	if err != nil {
		host = "host"
	}
	return queue.Consume(ctx, queue.NewStream(u.redis, u.stream(desk), host, deadIdle), u.ledger.Apply, u.log)
}

func (u *up) stream(desk string) string { return queue.StreamName(desk, u.pack.Desks[0].ID) }

// unique names a claimer: two processes must never share one.
func unique() string { return fmt.Sprintf("%d-%s", os.Getpid(), rand.Text()[:8]) }

// queueReady says whether events reach the queue.
func (u *up) queueReady(ctx context.Context) error {
	if u.redis != nil {
		if err := u.redis.Ping(ctx).Err(); err != nil {
			return fmt.Errorf("redis is away: tips are taken, and wait for the ledger")
		}
	}
	_, _, err := u.store.OutboxStats(ctx)
	return err
}
