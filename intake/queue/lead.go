package queue

import (
	"context"
	"crypto/rand"
	"log/slog"
	mathrand "math/rand/v2"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// leadTime is how long a relay leads without word of it: after a crash another
// takes over within that and a third of it.
const leadTime = 4500 * time.Millisecond

// Lock is a lease that at most one holder has.
type Lock interface {
	// Acquire takes the lease for ttl, if it is free or the holder's own.
	Acquire(ctx context.Context, ttl time.Duration) (won bool, err error)
	// Renew keeps it for another ttl; held is false when it is lost.
	Renew(ctx context.Context, ttl time.Duration) (held bool, err error)
	// Release gives it back, if it is held.
	Release(ctx context.Context) error
}

// Leadership lets one of several do the work. What the work does must stay right
// when a leader that was paused goes on for a moment beside its heir: the claims
// of the outbox see to that, and the tags of messages.
type Leadership struct {
	Lock Lock
	// For is how long a leader leads without word of it.
	For  time.Duration
	What string // is led, for the log
	Log  *slog.Logger
}

// Run works while it leads, until ctx ends.
func (l *Leadership) Run(ctx context.Context, work func(context.Context)) {
	b := backoff{log: l.Log, what: "the lead of " + l.What}
	for ctx.Err() == nil {
		asked := time.Now()
		won, err := l.ask(ctx, l.Lock.Acquire)
		b.after(ctx, err)
		switch {
		case err != nil:
		case won:
			l.lead(ctx, asked, work)
		default:
			pause(ctx, l.For/6+mathrand.N(l.For/6))
		}
	}
}

// lead works until the lease is lost or ctx ends, and gives it back.
func (l *Leadership) lead(ctx context.Context, since time.Time, work func(context.Context)) {
	leading, stop := context.WithCancel(ctx)
	var working sync.WaitGroup
	working.Go(func() { work(leading) })
	l.keep(leading, since)
	stop()
	working.Wait()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.For/3)
	defer cancel()
	if err := l.Lock.Release(ctx); err != nil {
		l.Log.Warn("the lead of "+l.What+" wasn't given back; it ends by itself", "error", err)
	}
}

// keep renews the lease and returns when it is lost: another has it, or too long
// no answer came.
func (l *Leadership) keep(ctx context.Context, since time.Time) {
	for {
		pause(ctx, l.For/3)
		asked := time.Now()
		held, err := l.ask(ctx, l.Lock.Renew)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil && held:
			since = asked
		case err == nil, time.Since(since) >= l.For*2/3:
			l.Log.Warn("the lead of " + l.What + " is lost")
			return
		}
	}
}

// ask waits no longer than the lease allows.
func (l *Leadership) ask(ctx context.Context, what func(context.Context, time.Duration) (bool, error)) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, l.For/3)
	defer cancel()
	return what(ctx, l.For)
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// redisLock is a key in Redis with a token of its holder.
type redisLock struct {
	redis      redis.UniversalClient
	key, token string
}

func newRedisLock(r redis.UniversalClient, key string) *redisLock {
	return &redisLock{redis: r, key: key, token: rand.Text()}
}

// Acquire takes the key, unless another has it.
func (l *redisLock) Acquire(ctx context.Context, ttl time.Duration) (bool, error) {
	err := l.redis.SetArgs(ctx, l.key, l.token, redis.SetArgs{Mode: "NX", TTL: ttl}).Err()
	if err == redis.Nil {
		return l.Renew(ctx, ttl) // it is ours when the answer to an earlier try was lost
	}
	return err == nil, err
}

// Scripts, so that nobody's lease but our own is touched.
const (
	renewScript   = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`
	releaseScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`
)

// Renew keeps the key for longer, if it is ours.
func (l *redisLock) Renew(ctx context.Context, ttl time.Duration) (bool, error) {
	n, err := l.redis.Eval(ctx, renewScript, []string{l.key}, l.token, ttl.Milliseconds()).Int()
	return n == 1, err
}

// Release deletes the key, if it is ours.
func (l *redisLock) Release(ctx context.Context) error {
	return l.redis.Eval(ctx, releaseScript, []string{l.key}, l.token).Err()
}
