package queue

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// memory is a lease on a clock, which some can't reach.
type memory struct {
	mu     sync.Mutex
	holder string
	until  time.Time
	away   map[string]bool
}

type claim struct {
	of   *memory
	name string
}

var errAway = errors.New("away")

func (c claim) try(ttl time.Duration, may func(free bool) bool) (bool, error) {
	m := c.of
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away[c.name] {
		return false, errAway
	}
	if !may(!time.Now().Before(m.until)) {
		return false, nil
	}
	m.holder, m.until = c.name, time.Now().Add(ttl)
	return true, nil
}

func (c claim) Acquire(_ context.Context, ttl time.Duration) (bool, error) {
	return c.try(ttl, func(free bool) bool { return free || c.of.holder == c.name })
}

func (c claim) Renew(_ context.Context, ttl time.Duration) (bool, error) {
	return c.try(ttl, func(free bool) bool { return !free && c.of.holder == c.name })
}

func (c claim) Release(context.Context) error {
	_, err := c.try(0, func(bool) bool { return c.of.holder == c.name })
	return err
}

func (m *memory) cut(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.away[name] = true
}

// crowd are leaders-to-be over one lease, of whom never two lead.
type crowd struct {
	t     *testing.T
	lease *memory
	mu    sync.Mutex
	now   string
	terms int
}

func (c *crowd) start(name string) (stop func()) {
	ctx, cancel := context.WithCancel(c.t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		l := Leadership{Lock: claim{c.lease, name}, For: leadTime, Log: slog.New(slog.DiscardHandler), What: "the test"}
		l.Run(ctx, func(ctx context.Context) {
			c.set(name, "")
			<-ctx.Done()
			c.set("", name)
		})
	})
	return func() { cancel(); wg.Wait() }
}

func (c *crowd) set(to, from string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now != from {
		c.t.Errorf("%q leads while %q does", to, c.now)
	}
	c.now = to
	c.terms++
}

func (c *crowd) leads() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func newCrowd(t *testing.T) *crowd { return &crowd{t: t, lease: &memory{away: map[string]bool{}}} }

// TestLeadMovesOn: a leader that can't renew its lease stops before it is over,
// and another takes it within seconds; one that ends gives it back at once.
func TestLeadMovesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t)
		stops := map[string]func(){"a": c.start("a")}
		synctest.Wait()
		if c.leads() != "a" {
			t.Fatal("nobody leads")
		}
		stops["b"] = c.start("b")
		<-time.After(time.Hour)
		if c.leads() != "a" || c.terms != 1 {
			t.Fatalf("%q leads after an hour, %d changes", c.leads(), c.terms)
		}
		c.lease.cut("a")
		<-time.After(leadTime * 4 / 3)
		if c.leads() != "b" {
			t.Fatalf("%q leads after the lease of the first is over", c.leads())
		}
		stops["c"] = c.start("c")
		stops["b"]()
		<-time.After(leadTime / 3)
		if c.leads() != "c" {
			t.Fatalf("%q leads after the second ended", c.leads())
		}
		stops["a"]()
		stops["c"]()
	})
}

// TestNobodyLeadsWithoutRedis.
func TestNobodyLeadsWithoutRedis(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t)
		stop := c.start("a")
		synctest.Wait()
		c.lease.cut("a")
		<-time.After(leadTime)
		if c.leads() != "" {
			t.Errorf("%q leads", c.leads())
		}
		c.lease.mu.Lock()
		c.lease.away = map[string]bool{}
		c.lease.mu.Unlock()
		<-time.After(longest)
		if c.leads() != "a" {
			t.Error("nobody leads when Redis is back")
		}
		stop()
	})
}

// TestRedisLock: the lease is its holder's alone.
func TestRedisLock(t *testing.T) {
	r := startRedis(t)
	a, b := newRedisLock(r, "tipline:relay:test"), newRedisLock(r, "tipline:relay:test")
	is := func(what string, got bool, err error, want bool) {
		t.Helper()
		if err != nil || got != want {
			t.Errorf("%s: %t, %v", what, got, err)
		}
	}
	ok, err := a.Acquire(t.Context(), time.Minute)
	is("free", ok, err, true)
	ok, err = a.Acquire(t.Context(), time.Minute)
	is("an answer was lost", ok, err, true)
	ok, err = b.Acquire(t.Context(), time.Minute)
	is("taken", ok, err, false)
	ok, err = b.Renew(t.Context(), time.Minute)
	is("another's", ok, err, false)
	if err := b.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	ok, err = a.Renew(t.Context(), time.Hour)
	is("still held", ok, err, true)
	if left := r.PTTL(t.Context(), a.key).Val(); left < time.Minute {
		t.Errorf("%v are left of an hour", left)
	}
	if err := a.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	ok, err = a.Renew(t.Context(), time.Minute)
	is("given back", ok, err, false)
	ok, err = b.Acquire(t.Context(), time.Minute)
	is("free again", ok, err, true)
}
