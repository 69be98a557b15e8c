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

// leadTime is how long a leader leads without word of it: after a crash another
// takes over within that and a third of it.
const leadTime = 4500 * time.Millisecond

// lock is a lease that at most one holder has.
type lock interface {
	acquire(ctx context.Context, ttl time.Duration) (won bool, err error)
	renew(ctx context.Context, ttl time.Duration) (held bool, err error)
	release(ctx context.Context) error
}

// leadership lets one of several do the work. What the work does must stay right
// when a leader that was paused goes on for a moment beside its heir: the claims
// of the outbox see to that.
type leadership struct {
	lock lock
	log  *slog.Logger
	what string
}

// run works while it leads, until ctx ends.
func (l *leadership) run(ctx context.Context, work func(context.Context)) {
	b := backoff{log: l.log, what: "the lead of " + l.what}
	for ctx.Err() == nil {
		asked := time.Now()
		won, err := l.ask(ctx, l.lock.acquire)
		b.after(ctx, err)
		switch {
		case err != nil:
		case won:
			l.lead(ctx, asked, work)
		default:
			pause(ctx, leadTime/6+mathrand.N(leadTime/6))
		}
	}
}

// lead works until the lease is lost or ctx ends, and gives it back.
func (l *leadership) lead(ctx context.Context, since time.Time, work func(context.Context)) {
	leading, stop := context.WithCancel(ctx)
	var working sync.WaitGroup
	working.Go(func() { work(leading) })
	l.keep(leading, since)
	stop()
	working.Wait()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leadTime/3)
	defer cancel()
	if err := l.lock.release(ctx); err != nil {
		l.log.Warn("the lead of "+l.what+" wasn't given back; it ends by itself", "error", err)
	}
}

// keep renews the lease and returns when it is lost: another has it, or too long
// no answer came.
func (l *leadership) keep(ctx context.Context, since time.Time) {
	for {
		pause(ctx, leadTime/3)
		asked := time.Now()
		held, err := l.ask(ctx, l.lock.renew)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil && held:
			since = asked
		case err == nil, time.Since(since) >= leadTime*2/3:
			l.log.Warn("the lead of " + l.what + " is lost")
			return
		}
	}
}

// ask waits no longer than the lease allows.
func (l *leadership) ask(ctx context.Context, what func(context.Context, time.Duration) (bool, error)) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, leadTime/3)
	defer cancel()
	return what(ctx, leadTime)
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

func (l *redisLock) acquire(ctx context.Context, ttl time.Duration) (bool, error) {
	err := l.redis.SetArgs(ctx, l.key, l.token, redis.SetArgs{Mode: "NX", TTL: ttl}).Err()
	if err == redis.Nil {
		return l.renew(ctx, ttl) // it is ours when the answer to an earlier try was lost
	}
	return err == nil, err
}

// Scripts, so that nobody's lease but our own is touched.
const (
	renewScript   = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`
	releaseScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`
)

func (l *redisLock) renew(ctx context.Context, ttl time.Duration) (bool, error) {
	n, err := l.redis.Eval(ctx, renewScript, []string{l.key}, l.token, ttl.Milliseconds()).Int()
	return n == 1, err
}

func (l *redisLock) release(ctx context.Context) error {
	return l.redis.Eval(ctx, releaseScript, []string{l.key}, l.token).Err()
}
