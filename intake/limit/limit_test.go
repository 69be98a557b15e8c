package limit

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"tipline/intake"
)

var defaults = Rates{OriginSoftPerHour: 60, OriginHardPerHour: 600, SenderSoftPerHour: 20, SenderHardPerHour: 120,
	GatewaySoftPerMinute: 600, GatewayHardPerMinute: 6000, GlobalSoftPerMinute: 1200, GlobalHardPerMinute: 12000, ReceiptTriesPerHour: 120}

// clock is a time the test moves.
type clock struct{ t time.Time }

func (c *clock) now() time.Time          { return c.t }
func (c *clock) advance(d time.Duration) { c.t = c.t.Add(d) }

func newClock() *clock { return &clock{time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)} }

// both runs a test in process and over Redis.
func both(t *testing.T, test func(t *testing.T, l *Limiter, c *clock)) {
	t.Run("in process", func(t *testing.T) {
		c := newClock()
		test(t, New(Options{Enabled: true, Rates: defaults, Now: c.now}), c)
	})
	t.Run("redis", func(t *testing.T) {
		c := newClock()
		m := miniredis.RunT(t)
		m.SetTime(c.t)
		r := redis.NewClient(&redis.Options{Addr: m.Addr()})
		t.Cleanup(func() { r.Close() })
		test(t, New(Options{Enabled: true, Rates: defaults, Now: c.now, Redis: r}), c)
	})
}

func TestFortyBehindOneAddress(t *testing.T) {
	both(t, func(t *testing.T, l *Limiter, c *clock) {
		for i := range 40 {
			if v := l.Allow(t.Context(), intake.Subject{Origin: "198.51.100.7"}); v != (intake.Verdict{}) {
				t.Fatalf("person %d of 40 got %+v", i+1, v)
			}
		}
	})
}

func TestSoftHoldsAndHardRefuses(t *testing.T) {
	both(t, func(t *testing.T, l *Limiter, c *clock) {
		var held, refused int
		for range 700 {
			v := l.Allow(t.Context(), intake.Subject{Origin: "198.51.100.7"})
			switch {
			case v.RetryAfter > time.Hour:
				t.Fatalf("a refusal for %v", v.RetryAfter)
			case v.RetryAfter > 0:
				refused++
			case v.Hold:
				held++
			}
		}
		if held != 540 || refused != 100 {
			t.Errorf("held %d and refused %d of 700, want 540 and 100", held, refused)
		}
		if v := l.Allow(t.Context(), intake.Subject{Origin: "203.0.113.9"}); v != (intake.Verdict{}) {
			t.Errorf("a neighbour of the flood got %+v", v)
		}
	})
}

// TestFloodDisplacesNobody: 5,000 a minute from one origin use up neither the
// global allowance nor memory.
func TestFloodDisplacesNobody(t *testing.T) {
	c := newClock()
	l := New(Options{Enabled: true, Rates: defaults, Now: c.now})
	for i := range 10_000 {
		l.Allow(t.Context(), intake.Subject{Origin: "198.51.100.7"})
		if i%50 == 0 {
			if v := l.Allow(t.Context(), intake.Subject{Origin: fmt.Sprintf("203.0.113.%d", i/50)}); v != (intake.Verdict{}) {
				t.Fatalf("citizen %d got %+v during the flood", i/50, v)
			}
		}
		c.advance(12 * time.Millisecond)
	}
	for i := range mostBuckets + 1000 {
		l.local.count(l.origin, fmt.Sprint(i), c.now(), false)
	}
	if n := l.local.buckets.Len(); n > mostBuckets {
		t.Errorf("%d buckets, the most is %d", n, mostBuckets)
	}
}

// TestHeldFloodHoldsNobodyElse: what is held doesn't use up the global soft limit.
func TestHeldFloodHoldsNobodyElse(t *testing.T) {
	both(t, func(t *testing.T, l *Limiter, c *clock) {
		l.overall.soft = 100
		for range 500 {
			l.Allow(t.Context(), intake.Subject{Origin: "198.51.100.7"})
		}
		for i := range 35 {
			if v := l.Allow(t.Context(), intake.Subject{Origin: fmt.Sprintf("203.0.113.%d", i)}); v != (intake.Verdict{}) {
				t.Fatalf("citizen %d got %+v beside a held flood", i, v)
			}
		}
	})
}

// TestRefusalsNameAWholeSecond: Retry-After can say nothing shorter.
func TestRefusalsNameAWholeSecond(t *testing.T) {
	c := newClock()
	l := New(Options{Enabled: true, Rates: Rates{GatewaySoftPerMinute: 600, GatewayHardPerMinute: 6000, OriginHardPerHour: 1, GlobalSoftPerMinute: 1e6, GlobalHardPerMinute: 1e6}, Now: c.now})
	for range 6000 {
		l.Allow(t.Context(), intake.Subject{Gateway: "city"})
	}
	if v := l.Allow(t.Context(), intake.Subject{Gateway: "city"}); v.RetryAfter != time.Second {
		t.Errorf("a gateway's refusal: %+v", v)
	}
	l.Allow(t.Context(), intake.Subject{Origin: "198.51.100.7"})
	if v := l.Allow(t.Context(), intake.Subject{Origin: "198.51.100.7"}); v.RetryAfter != time.Hour {
		t.Errorf("an origin's refusal: %+v", v)
	}
	c.advance(time.Hour)
	if v := l.Allow(t.Context(), intake.Subject{Origin: "198.51.100.7"}); v.RetryAfter != 0 {
		t.Errorf("after the time it named: %+v", v)
	}
}

func TestDisabled(t *testing.T) {
	l := New(Options{Rates: Rates{OriginSoftPerHour: 1, OriginHardPerHour: 1}})
	for range 5 {
		if v := l.Allow(t.Context(), intake.Subject{Origin: "a"}); v != (intake.Verdict{}) {
			t.Fatalf("limits are off and %+v came", v)
		}
	}
}

// TestNeverMoreThanBurstAndRate: whatever the arrivals, no more is let through
// than the burst and what the rate adds.
func TestNeverMoreThanBurstAndRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newClock()
		hard := rapid.IntRange(2, 50).Draw(t, "hard")
		soft := rapid.IntRange(1, hard).Draw(t, "soft")
		r := defaults
		r.OriginSoftPerHour, r.OriginHardPerHour = soft, hard
		l := New(Options{Enabled: true, Rates: r, Now: c.now})
		began := c.t
		taken, normal := 0, 0
		for _, gap := range rapid.SliceOfN(rapid.IntRange(0, 600), 1, 300).Draw(t, "gaps") {
			c.advance(time.Duration(gap) * time.Second)
			v := l.Allow(context.Background(), intake.Subject{Origin: "a"})
			if v.RetryAfter == 0 {
				taken++
				if !v.Hold {
					normal++
				}
			}
		}
		hours := c.t.Sub(began).Hours()
		if most := float64(hard) + float64(hard)*hours + 1e-6; float64(taken) > most {
			t.Fatalf("%d taken, the most is %.2f", taken, most)
		}
		if most := float64(soft) + float64(soft)*hours + 1e-6; float64(normal) > most {
			t.Fatalf("%d in the normal lane, the most is %.2f", normal, most)
		}
	})
}

func BenchmarkAllow(b *testing.B) {
	l := New(Options{Enabled: true, Rates: defaults})
	for i := 0; b.Loop(); i++ {
		l.Allow(b.Context(), intake.Subject{Origin: fmt.Sprint(i % 100_000), Sender: "s"})
	}
}

func TestReceiptTries(t *testing.T) {
	both(t, func(t *testing.T, l *Limiter, c *clock) {
		for i := range 120 {
			if wait := l.AllowReceipt(t.Context(), "198.51.100.7"); wait != 0 {
				t.Fatalf("look %d waits %v", i+1, wait)
			}
		}
		if wait := l.AllowReceipt(t.Context(), "198.51.100.7"); wait <= 0 {
			t.Error("look 121 was let through")
		}
	})
}

// TestFloodsAreToldApart: what one origin or sender has held goes by a short name of that day alone.
func TestFloodsAreToldApart(t *testing.T) {
	both(t, func(t *testing.T, l *Limiter, c *clock) {
		l.origin.soft, l.sender.soft = 1, 1
		flood := func(s intake.Subject) string {
			l.Allow(t.Context(), s)
			v := l.Allow(t.Context(), s)
			if !v.Hold || v.Crowd {
				t.Fatalf("the second of %+v got %+v", s, v)
			}
			return v.Flood
		}
		a, b := flood(intake.Subject{Origin: "198.51.100.7"}), flood(intake.Subject{Origin: "198.51.100.8"})
		mail := flood(intake.Subject{Sender: "a@example.org", Gateway: "city"})
		if len(a) != 4 || a == b || a == mail || len(mail) != 4 {
			t.Errorf("the floods are %q, %q and %q", a, b, mail)
		}
		if again := flood(intake.Subject{Origin: "198.51.100.7"}); again != a {
			t.Errorf("the same origin is %q and %q", a, again)
		}
		c.advance(24 * time.Hour)
		if tomorrow := flood(intake.Subject{Origin: "198.51.100.7"}); tomorrow == a {
			t.Errorf("tomorrow it is still %q", a)
		}
	})
}

// TestACrowdIsNoFlood: nobody in particular has sent what everybody's number holds.
func TestACrowdIsNoFlood(t *testing.T) {
	both(t, func(t *testing.T, l *Limiter, c *clock) {
		l.overall.soft = 1
		l.Allow(t.Context(), intake.Subject{Origin: "198.51.100.7"})
		if v := l.Allow(t.Context(), intake.Subject{Origin: "198.51.100.8"}); !v.Hold || !v.Crowd || v.Flood != "" {
			t.Errorf("the second of everybody got %+v", v)
		}
	})
}
