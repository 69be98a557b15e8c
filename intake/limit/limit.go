// Package limit counts submissions so that a flood can't drown the line.
//
// Over a soft limit a tip goes to the held lane; over a hard one it is refused
// with the time after which a try is welcome. With Redis all processes count
// together; without it, or while it is away, each counts on its own. Whom it
// counts it knows only by a tag under a salt that is replaced daily.
package limit

import (
	"context"
	"encoding/hex"
	"log/slog"
	"net/netip"
	"time"

	"github.com/redis/go-redis/v9"

	"tipline/crypto/pseudonym"
	"tipline/intake"
)

// Rates are the most submissions taken, each in its period.
type Rates struct {
	OriginSoftPerHour, OriginHardPerHour       int
	SenderSoftPerHour, SenderHardPerHour       int
	GatewaySoftPerMinute, GatewayHardPerMinute int
	GlobalSoftPerMinute, GlobalHardPerMinute   int
	ReceiptTriesPerHour                        int
}

// Options are what a [Limiter] works with.
type Options struct {
	Enabled  bool
	Rates    Rates
	Redis    redis.UniversalClient // nil: every process counts on its own
	Log      *slog.Logger
	Now      func() time.Time
	Loc      *time.Location // whose midnight replaces the salts; nil is UTC
	Fallback func()         // is told of each check made without Redis while it is away
	// Key stands in a file of the installation, the same for every process. In
	// Redis the day's salt lies beside what it salts: without this key whoever
	// reads Redis could try all addresses.
	Key pseudonym.Key
}

// Limiter counts. It satisfies [intake.Limiter].
type Limiter struct {
	enabled                          bool
	key                              pseudonym.Key
	origin, network, sender, gateway scope
	overall                          scope
	receipts, receiptsOfNetwork      scope
	local                            *local
	shared                           *shared // nil without Redis
	now                              func() time.Time
	loc                              *time.Location
	salts                            *pseudonym.Salts
}

// scope is whom a pair of limits counts.
type scope struct {
	name       string
	soft, hard int
	period     time.Duration
}

// leastRetry is the shortest time a refusal names: Retry-After is in whole seconds.
const leastRetry = time.Second

// newScope takes one for what is below it, so that a wrong number can't shut the
// line.
func newScope(name string, soft, hard int, period time.Duration) scope {
	return scope{name, max(soft, 1), max(hard, 1), period}
}

// New is a limiter over o.
func New(o Options) *Limiter {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Loc == nil {
		o.Loc = time.UTC
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Fallback == nil {
		o.Fallback = func() {}
	}
	r := o.Rates
	l := &Limiter{enabled: o.Enabled, key: o.Key, local: newLocal(), now: o.Now, loc: o.Loc, salts: pseudonym.NewSalts(o.Now, o.Loc),
		origin:            newScope("origin", r.OriginSoftPerHour, r.OriginHardPerHour, time.Hour),
		network:           newScope("network", networkOrigins*r.OriginSoftPerHour, networkOrigins*r.OriginHardPerHour, time.Hour),
		sender:            newScope("sender", r.SenderSoftPerHour, r.SenderHardPerHour, time.Hour),
		gateway:           newScope("gateway", r.GatewaySoftPerMinute, r.GatewayHardPerMinute, time.Minute),
		overall:           newScope("global", r.GlobalSoftPerMinute, r.GlobalHardPerMinute, time.Minute),
		receipts:          newScope("receipt", r.ReceiptTriesPerHour, r.ReceiptTriesPerHour, time.Hour),
		receiptsOfNetwork: newScope("receipt network", networkOrigins*r.ReceiptTriesPerHour, networkOrigins*r.ReceiptTriesPerHour, time.Hour),
	}
	if o.Redis != nil {
		l.shared = newShared(o)
	}
	return l
}

// Allow counts one submission. The narrowest scope comes first and a refusal
// ends the count, so that a flood from one origin uses up its own allowance and
// nobody else's. What is held already uses up no wider soft limit: a flood in the
// held lane sends nobody else there.
func (l *Limiter) Allow(ctx context.Context, s intake.Subject) intake.Verdict {
	var v intake.Verdict
	var flood string
	if !l.enabled {
		return v
	}
	for _, c := range []struct {
		scope
		value string
	}{{l.origin, s.Origin}, {l.network, network(s.Origin)}, {l.sender, s.Sender}, {l.gateway, s.Gateway}, {l.overall, "all"}} {
		if c.value == "" {
			continue
		}
		own := v.Hold
		if v = l.count(ctx, c.scope, c.value, own); v.RetryAfter > 0 {
			return v
		}
		if !v.Hold || own {
			v.Flood = flood
			continue
		}
		v.Crowd = c.name == l.overall.name
		if c.name != l.overall.name && c.name != l.gateway.name {
			flood = l.flood(c.scope, c.value)
			v.Flood = flood
		}
	}
	return v
}

// flood is a name for what one value sends today. Sixteen bits fit so many origins
// that not even the key says whose it is.
func (l *Limiter) flood(s scope, value string) string {
	day := l.now().In(l.loc).Format(time.DateOnly)
	return hex.EncodeToString(l.key.Tag("flood", day+"\x00"+s.name+"\x00"+value)[:2])
}

// AllowReceipt counts one look-up of a receipt from an origin, and returns how
// long to wait when there were too many.
func (l *Limiter) AllowReceipt(ctx context.Context, origin string) time.Duration {
	if !l.enabled || origin == "" {
		return 0
	}
	if wait := l.count(ctx, l.receipts, origin, false).RetryAfter; wait > 0 {
		return wait
	}
	if wide := network(origin); wide != "" {
		return l.count(ctx, l.receiptsOfNetwork, wide, false).RetryAfter
	}
	return 0
}

// A /64 is one subscriber, but anybody gets a /48 for nothing, with 65,536 of them
// in it: it may have what ten subscribers have.
const (
	networkBits    = 48
	networkOrigins = 10
)

// network is the /48 of an origin that is an IPv6 network, else "".
func network(origin string) string {
	p, err := netip.ParsePrefix(origin)
	if err != nil || !p.Addr().Is6() || p.Bits() <= networkBits {
		return ""
	}
	return netip.PrefixFrom(p.Addr(), networkBits).Masked().String()
}

// count counts in one scope what is held already or not.
func (l *Limiter) count(ctx context.Context, s scope, value string, held bool) intake.Verdict {
	value = string(l.key.Tag("limit", value))
	if l.shared != nil {
		if v, ok := l.shared.count(ctx, s, value, held); ok {
			return v
		}
	}
	return l.local.count(s, tag(l.salts.Today(), s, value), l.now(), held)
}
