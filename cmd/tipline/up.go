package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/term"

	"tipline/configs/locale"
	"tipline/crypto/keyring"
	"tipline/crypto/pseudonym"
	"tipline/intake"
	"tipline/intake/limit"
	"tipline/intake/members"
	"tipline/intake/outbound"
	"tipline/web/desk"
	"tipline/web/ops"
	"tipline/web/page"
	"tipline/web/public"
)

type upCmd struct{ place }

func (c upCmd) Run(ctx context.Context, t terminal) error {
	if !isSetUp(c.Data) {
		if err := firstRun(ctx, c.place, t); err != nil {
			return err
		}
	}
	// The start allocates much at once and little of it stays.
	pace := debug.SetGCPercent(startGC)
	messages := make(chan loaded, 1)
	go func() { b, err := locale.Load(); messages <- loaded{b, err} }() // meanwhile the house opens
	h, err := openHouse(ctx, c.place)
	if err != nil {
		return err
	}
	defer h.close()
	m := <-messages
	if m.err != nil {
		return m.err
	}
	u, err := newUp(ctx, h, m.bundle)
	if err != nil {
		return err
	}
	u.started = func() { debug.SetGCPercent(pace); debug.FreeOSMemory() }
	return u.run(ctx, t)
}

// startGC is the collector's pace until everything has started.
const startGC = 800

type loaded struct {
	bundle *locale.Bundle
	err    error
}

// firstRun sets a folder up for somebody who sits at a terminal and can take the
// passphrases down.
func firstRun(ctx context.Context, p place, t terminal) error {
	if !term.IsTerminal(int(t.in.Fd())) {
		return errNotSetUp
	}
	first := []members.NewMember{
		{Name: "handler", Roles: []string{members.Handler}, Passphrase: keyring.Passphrase(), MustChange: true},
		{Name: "custodian", Roles: []string{members.Custodian}, Passphrase: keyring.Passphrase(), MustChange: true}}
	return setUp(ctx, p, t, first, nil)
}

// up is everything in one process.
type up struct {
	*house
	crew     *crew
	meters   *meters
	bundle   *locale.Bundle
	limits   *limit.Limiter
	door     *intake.Service
	bell     announced
	sessions *members.Sessions
	mailer   *outbound.Mailer
	proxies  []netip.Prefix
	redis    redis.UniversalClient // nil without Redis
	started  func()                // gives back what only the start needed
}

func newUp(ctx context.Context, h *house, messages *locale.Bundle) (u *up, err error) {
	u = &up{house: h, crew: newCrew(h.log), meters: newMeters(h.now), sessions: members.NewSessions(h.members)}
	if u.bundle, err = messages.WithLanguages(h.cfg.Languages...); err != nil {
		return nil, err
	}
	if u.proxies, err = prefixes(h.cfg.Public.Proxies); err != nil {
		return nil, err
	}
	if u.redis, err = h.dialRedis(); err != nil {
		return nil, err
	}
	u.limits = h.limiter(u.redis, u.meters)
	u.door = h.intake(u.limits)
	u.meters.watch(h)
	if u.mailer, err = u.newMailer(); err != nil {
		return nil, err
	}
	u.bell = announced{u.door, u.mailer.TipArrived}
	return u, nil
}

// run starts the parts in order: what others need first, the listeners last.
func (u *up) run(ctx context.Context, t terminal) (err error) {
	fronts, err := u.fronts()
	if err != nil {
		return err
	}
	u.crew.start(ctx, "housekeeping", u.keepHouse)
	u.crew.start(ctx, "ledger", u.followLedger)
	u.crew.start(ctx, "outbound", u.mailer.Run)
	for _, f := range fronts {
		u.crew.start(ctx, f.key, f.run)
		fmt.Fprintf(t.out, "%-8s %s\n", f.key, f.shown)
	}
	u.started()
	err = errors.Join(u.crew.wait(ctx), u.crew.finish(stopTime+5*time.Second))
	if u.redis != nil {
		err = errors.Join(err, u.redis.Close())
	}
	return err
}

// front is one listener.
type front struct {
	key, shown string
	run        func(context.Context) error
}

// fronts opens every listener that has an address before anything starts, so
// that a taken port stops the start.
func (u *up) fronts() (out []front, err error) {
	certs, err := u.tlsConfig()
	if err != nil {
		return nil, err
	}
	for _, f := range []struct {
		key, addr, shown string
		make             func(net.Listener) (func(context.Context) error, error)
	}{
		{"ops", u.cfg.Ops.Addr, "http://" + u.cfg.Ops.Addr, u.opsFront},
		{"desk", u.cfg.Desk.Addr, u.cfg.Desk.BaseURL, func(ln net.Listener) (func(context.Context) error, error) { return u.deskFront(secured(ln, certs)) }},
		{"smtp", u.cfg.SMTP.Addr, u.cfg.SMTP.Addr, func(ln net.Listener) (func(context.Context) error, error) {
			return func(ctx context.Context) error { return u.mailServer(certs).Serve(ctx, ln) }, nil
		}},
		{"public", u.cfg.Public.Addr, u.cfg.Public.BaseURL, func(ln net.Listener) (func(context.Context) error, error) { return u.publicFront(secured(ln, certs)) }},
	} {
		if f.addr == "" {
			continue
		}
		ln, err := listen(f.key+".addr", f.addr)
		if err != nil {
			return nil, err
		}
		run, err := f.make(ln)
		if err != nil {
			return nil, errors.Join(err, ln.Close())
		}
		out = append(out, front{f.key, shown(f.addr, f.shown), run})
	}
	return out, nil
}

// shown is where a listener is, and how its users are told to find it.
func shown(addr, base string) string {
	if strings.HasSuffix(base, addr) {
		return base
	}
	return addr + ", for " + base
}

func (u *up) publicFront(ln net.Listener) (func(context.Context) error, error) {
	hooks, err := u.hooks(u.bell.Submit, u.bundle, func(r *http.Request) netip.Addr { return page.ClientAddr(r, u.proxies) }, u.meters)
	if err != nil {
		return nil, err
	}
	site, err := public.New(public.Options{Service: u.bell, Bundle: u.bundle, Content: u.content(), BaseURL: u.cfg.Public.BaseURL, Log: u.log,
		Proxies: u.proxies, Origin: pseudonym.Origin, AllowReceipt: u.limits.AllowReceipt, Count: u.meters.site,
		MaxFiles: u.cfg.Files.MaxCount, MaxBytes: u.cfg.Files.MaxBytes, Hooks: hooks, Now: u.now})
	if err != nil {
		return nil, err
	}
	return serve(ln, site), nil
}

func (u *up) deskFront(ln net.Listener) (func(context.Context) error, error) {
	console, err := desk.New(u.deskOptions())
	if err != nil {
		return nil, err
	}
	return serve(ln, console), nil
}

func (u *up) opsFront(ln net.Listener) (func(context.Context) error, error) {
	watch, err := ops.New(ops.Options{Metrics: u.meters.registry, Log: u.log, Ready: []ops.Check{
		{Name: "database", Run: u.store.Ping},
		{Name: "disk", Run: func(context.Context) error { return roomLeft(u.dir) }},
		{Name: "queue", Run: u.queueReady},
	}})
	if err != nil {
		return nil, err
	}
	return serve(ln, watch), nil
}

// prefixes reads addresses and networks.
func prefixes(texts []string) ([]netip.Prefix, error) {
	out := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		if a, err := netip.ParseAddr(t); err == nil {
			out[i] = netip.PrefixFrom(a, a.BitLen())
			continue
		}
		p, err := netip.ParsePrefix(t)
		if err != nil {
			return nil, fmt.Errorf("public.proxies: %w", err)
		}
		out[i] = p
	}
	return out, nil
}
