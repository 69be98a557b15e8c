package public

import (
	"net/netip"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/web/page"
)

// A body may take as long as a slow phone needs, and a report holds about half a
// megabyte of memory and two files open meanwhile. So that nobody fills the
// machine with bodies that never end, one address (one /48 of IPv6, which anybody
// can have) sends only so many at a time.
const (
	maxAtOnce   = 64
	networkBits = 48
	turnAgain   = 10 * time.Second
)

// turns counts the bodies that are on their way. What it holds goes with them.
type turns struct {
	mu  sync.Mutex
	now map[netip.Prefix]int
}

func newTurns() *turns { return &turns{now: map[netip.Prefix]int{}} }

// take is false when a has as many on their way as it may.
func (t *turns) take(a netip.Prefix) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now[a] >= maxAtOnce {
		return false
	}
	t.now[a]++
	return true
}

func (t *turns) give(a netip.Prefix) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now[a]--; t.now[a] <= 0 {
		delete(t.now, a)
	}
}

// inTurn is h for as many bodies of one address as may be on their way.
func (s *site) inTurn(h page.Handler) page.Handler {
	return func(c *gin.Context) error {
		from := neighbourhood(page.ClientAddr(c.Request, s.Proxies))
		if !s.turns.take(from) {
			return &intake.LimitedError{RetryAfter: turnAgain}
		}
		defer s.turns.give(from)
		return h(c)
	}
}

// neighbourhood is the zero Prefix for an address that can't be told.
func neighbourhood(a netip.Addr) netip.Prefix {
	if !a.IsValid() {
		return netip.Prefix{}
	}
	return netip.PrefixFrom(a, min(a.BitLen(), networkBits)).Masked()
}
