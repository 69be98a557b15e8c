package public

import (
	"io"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/web/page"
)

// A body may take as long as a slow phone needs, and a report holds about half a
// megabyte of memory and two files open meanwhile. So that nobody fills the
// machine with bodies that never end, one address (one /48 of IPv6, which anybody
// can have) sends only so many at a time, and all together not many more. Whoever
// comes then takes the place of the one that moves least: all who come by an onion
// address have one address here, and one of them must not keep the others out.
const (
	maxAtOnce   = 64
	maxInAll    = 2000
	networkBits = 48
	turnAgain   = 10 * time.Second
)

// turns are the bodies that are on their way. What it holds goes with them.
type turns struct {
	now func() time.Time

	mu  sync.Mutex
	all int
	by  map[netip.Prefix][]*turn
}

func newTurns(now func() time.Time) *turns { return &turns{now: now, by: map[netip.Prefix][]*turn{}} }

// turn is a body on its way.
type turn struct {
	io.ReadCloser
	of    *turns
	from  netip.Prefix
	begun time.Time
	cut   func() // wakes who waits for more of it

	// of turns
	came  int
	whole bool
	gone  bool // it made way
}

// take is nil when a has as many on their way as it may and none of them makes way.
func (t *turns) take(a netip.Prefix, body io.ReadCloser, cut func()) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.by[a]) >= maxAtOnce && !t.makeWay(t.by[a]) {
		return nil
	}
	if t.all >= maxInAll && !t.makeWay(slices.Concat(slices.Collect(maps.Values(t.by))...)) {
		return nil
	}
	b := &turn{ReadCloser: body, of: t, from: a, begun: t.now(), cut: cut}
	t.by[a] = append(t.by[a], b)
	t.all++
	return b
}

// makeWay ends the body of some that moves least, of those that aren't whole.
func (t *turns) makeWay(of []*turn) bool {
	var least *turn
	for _, b := range of {
		if !b.whole && (least == nil || b.pace() < least.pace()) {
			least = b
		}
	}
	if least == nil {
		return false
	}
	least.gone = true
	t.remove(least)
	least.cut()
	return true
}

// pace is a body's, in bytes a second; one that has just begun is given some.
func (b *turn) pace() float64 {
	return float64(b.came+4096) / (b.of.now().Sub(b.begun).Seconds() + 1)
}

func (t *turns) remove(b *turn) {
	at := slices.Index(t.by[b.from], b)
	if at < 0 {
		return
	}
	t.all--
	if t.by[b.from] = slices.Delete(t.by[b.from], at, at+1); len(t.by[b.from]) == 0 {
		delete(t.by, b.from)
	}
}

// give ends a turn, if it hasn't made way.
func (b *turn) give() {
	b.of.mu.Lock()
	defer b.of.mu.Unlock()
	b.of.remove(b)
}

// read is how many bytes came.
func (b *turn) read() int64 {
	b.of.mu.Lock()
	defer b.of.mu.Unlock()
	return int64(b.came)
}

// Read ends with [intake.ErrLimited] once the body made way.
func (b *turn) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.of.mu.Lock()
	defer b.of.mu.Unlock()
	b.came += n
	b.whole = b.whole || err == io.EOF
	if b.gone {
		return 0, &intake.LimitedError{RetryAfter: turnAgain}
	}
	return n, err
}

// inTurn is h for as many bodies of one address as may be on their way.
func (s *site) inTurn(h page.Handler) page.Handler {
	return func(c *gin.Context) error {
		b := s.turns.take(neighbourhood(page.ClientAddr(c.Request, s.Proxies)), c.Request.Body, func() {
			_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Unix(1, 0)) // a recorder in a test has none
		})
		if b == nil {
			return &intake.LimitedError{RetryAfter: turnAgain}
		}
		defer b.give()
		c.Request.Body = b
		c.Set(wholeBody, b)
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
