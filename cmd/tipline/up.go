package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime/debug"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/term"

	"tipline/configs/locale"
	"tipline/crypto/keyring"
	"tipline/intake"
	"tipline/intake/limit"
	"tipline/intake/members"
	"tipline/intake/outbound"
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
		fmt.Fprintf(t.out, "%-8s %s\n", f.key, shown(f.addr, f.shown))
	}
	u.started()
	err = errors.Join(u.crew.wait(ctx), u.crew.finish(stopTime+5*time.Second))
	if u.redis != nil {
		err = errors.Join(err, u.redis.Close())
	}
	return err
}
