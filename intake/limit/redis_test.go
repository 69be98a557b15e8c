package limit

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"tipline/intake"
	"tipline/intake/servertest"
)

func poll(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatal(what + ": not in time")
		case <-tick.C:
		}
	}
}

var keyForm = regexp.MustCompile(`^tipline:limit:[0-9a-f]{32}$`)

// TestRedisDies: the count goes on in process, is logged once, and returns to
// Redis by itself. No origin stands in a key or in the log.
func TestRedisDies(t *testing.T) {
	s := servertest.StartRedis(t)
	r := s.Client()
	defer r.Close()
	var log bytes.Buffer
	c := newClock()
	fell := 0
	l := New(Options{Enabled: true, Rates: defaults, Redis: r, Now: c.now, Log: slog.New(slog.NewTextHandler(&log, nil)), Fallback: func() { fell++ }})
	allow := func() intake.Verdict {
		return l.Allow(t.Context(), intake.Subject{Origin: "198.51.100.7", Sender: "+8613800000000"})
	}
	for range 5 {
		allow()
	}
	keys, err := r.Keys(t.Context(), "*").Result()
	if err != nil || len(keys) < 4 {
		t.Fatalf("keys %v, %v", keys, err)
	}
	for _, k := range keys {
		if !keyForm.MatchString(k) {
			t.Errorf("a key that says something: %s", k)
		}
		if ttl, err := r.TTL(t.Context(), k).Result(); err != nil || ttl <= 0 || ttl > saltLife {
			t.Errorf("a key that stays for %v, %v", ttl, err)
		}
	}
	s.Kill()
	for range 30 {
		if v := allow(); v.RetryAfter != 0 {
			t.Fatalf("Redis is away and a tip was refused: %+v", v)
		}
	}
	if fell == 0 {
		t.Error("the fallback wasn't counted")
	}
	if n := strings.Count(log.String(), "Redis is away"); n != 1 {
		t.Errorf("the outage was logged %d times:\n%s", n, log.String())
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	poll(t, "Redis counts again", func() bool { c.advance(redisPause); allow(); return strings.Contains(log.String(), "Redis is back") })
	if strings.Contains(log.String(), "198.51.100") || strings.Contains(log.String(), "13800000000") {
		t.Errorf("a person stands in the log: %s", log.String())
	}
}

// TestTwoProcessesCountTogether: they agree on the salt, and again after Redis
// came back empty.
func TestTwoProcessesCountTogether(t *testing.T) {
	s := servertest.StartRedis(t)
	c := newClock()
	var both []*Limiter
	for range 2 {
		r := s.Client()
		defer r.Close()
		both = append(both, New(Options{Enabled: true, Rates: defaults, Redis: r, Now: c.now}))
	}
	count := func() {
		t.Helper()
		held := 0
		for i := range 120 {
			if both[i%2].Allow(t.Context(), intake.Subject{Origin: "198.51.100.7"}).Hold {
				held++
			}
		}
		if held < 50 || held > 60 { // Redis counts in real time: a slow test is let through a few more
			t.Errorf("%d of 120 held by two processes, want about 60", held)
		}
	}
	count()
	s.Kill()
	for _, l := range both {
		l.Allow(t.Context(), intake.Subject{Origin: "198.51.100.8"})
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	c.advance(redisPause)
	for _, l := range both {
		poll(t, "Redis counts again", func() bool {
			c.advance(redisPause)
			_, ok := l.shared.count(t.Context(), l.receipts, "198.51.100.8", false)
			return ok
		})
	}
	count()
}

// TestRedisHangs: a Redis that takes connections and never answers costs one
// short wait, not one a submission.
func TestRedisHangs(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	r := redis.NewClient(&redis.Options{Addr: ln.Addr().String()})
	defer r.Close()
	fell := 0
	l := New(Options{Enabled: true, Rates: defaults, Redis: r, Now: newClock().now, Fallback: func() { fell++ }})
	began := time.Now()
	for range 50 {
		if v := l.Allow(t.Context(), intake.Subject{Origin: "198.51.100.7"}); v != (intake.Verdict{}) {
			t.Fatalf("got %+v", v)
		}
	}
	if took := time.Since(began); took > 10*redisWait || fell != 100 {
		t.Errorf("50 submissions took %v, %d checks in process", took, fell)
	}
}
