package limit

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"tipline/crypto/pseudonym"
	"tipline/intake"
)

// subscriber is the i-th /64 of a /48.
func subscriber(i int) string {
	return pseudonym.Origin(netip.MustParseAddr(fmt.Sprintf("2001:db8:7:%x::1", i)))
}

// TestAWideNetworkIsNotManyCitizens: who holds a /48 has 65,536 origins, which
// together reached the global hard limit and shut the line for everybody.
func TestAWideNetworkIsNotManyCitizens(t *testing.T) {
	both(t, func(t *testing.T, l *Limiter, c *clock) {
		if l.network.soft != 600 || l.network.hard != 6000 {
			t.Errorf("a /48 may file %d and %d an hour, want what ten origins may", l.network.soft, l.network.hard)
		}
		l.network.soft, l.network.hard = 60, 240
		var taken, held int
		for i := range 300 {
			switch v := l.Allow(t.Context(), intake.Subject{Origin: subscriber(i)}); {
			case v.RetryAfter > 0:
			case v.Hold:
				held++
			default:
				taken++
			}
		}
		if taken != 60 || held != 180 {
			t.Errorf("%d taken and %d held of 300 from one /48, want 60 and 180", taken, held)
		}
		for _, origin := range []string{"2001:db8:8::/64", "198.51.100.7", ""} {
			if v := l.Allow(t.Context(), intake.Subject{Origin: origin}); v != (intake.Verdict{}) {
				t.Errorf("%q got %+v beside it", origin, v)
			}
		}
	})
}

func TestReceiptTriesOfAWideNetwork(t *testing.T) {
	both(t, func(t *testing.T, l *Limiter, c *clock) {
		if l.receiptsOfNetwork.hard != 1200 {
			t.Errorf("a /48 may look %d times an hour", l.receiptsOfNetwork.hard)
		}
		l.receiptsOfNetwork.soft, l.receiptsOfNetwork.hard = 50, 50
		refused := 0
		for i := range 70 {
			if l.AllowReceipt(t.Context(), subscriber(i)) > 0 {
				refused++
			}
		}
		if refused != 20 || l.AllowReceipt(t.Context(), "198.51.100.7") > 0 {
			t.Errorf("%d refused of 70 from one /48, want 20, and no neighbour", refused)
		}
	})
}

// TestRedisAloneTellsNoAddress: the salt stands in Redis too, so that it alone
// must not be enough to try every address.
func TestRedisAloneTellsNoAddress(t *testing.T) {
	m, c := miniredis.RunT(t), newClock()
	m.SetTime(c.t)
	r := redis.NewClient(&redis.Options{Addr: m.Addr()})
	t.Cleanup(func() { r.Close() })
	const address = "198.51.100.7"
	l := New(Options{Enabled: true, Rates: defaults, Now: c.now, Redis: r, Key: pseudonym.NewKey()})
	l.Allow(t.Context(), intake.Subject{Origin: address})
	line, err := m.Get(saltKey("2026-11-24"))
	if err != nil {
		t.Fatal(err)
	}
	salt, err := pseudonym.ParseKey(line)
	if err != nil {
		t.Fatal(err)
	}
	if !m.Exists(key(salt, l.origin, string(l.key.Tag("limit", address)))) {
		t.Fatal("the test doesn't know how keys are made")
	}
	for _, guess := range []string{address, string(pseudonym.Key{}.Tag("limit", address))} {
		if m.Exists(key(salt, l.origin, guess)) {
			t.Error("Redis alone tells whether an address filed a report")
		}
	}
}
