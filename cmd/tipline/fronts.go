package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"tipline/crypto/pseudonym"
	"tipline/web/desk"
	"tipline/web/ops"
	"tipline/web/page"
	"tipline/web/public"
)

// front is one listener and what serves it.
type front struct {
	key, addr, shown string
	make             func(net.Listener) (func(context.Context) error, error)
	ln               net.Listener
	run              func(context.Context) error
	err              error
}

// fronts opens every listener that has an address before anything starts, so
// that a taken port stops the start; their pages are made side by side.
func (u *up) fronts() ([]*front, error) {
	certs, err := u.tlsConfig()
	if err != nil {
		return nil, err
	}
	var out []*front
	var wg sync.WaitGroup
	for _, f := range u.planned(certs) {
		if f.addr == "" {
			continue
		}
		if f.ln, err = listen(f.key+".addr", f.addr); err != nil {
			break
		}
		out = append(out, f)
		wg.Go(func() { f.run, f.err = f.make(f.ln) })
	}
	wg.Wait()
	for _, f := range out {
		err = errors.Join(err, f.err)
	}
	if err != nil {
		for _, f := range out {
			f.ln.Close()
		}
	}
	return out, err
}

// planned are the fronts in the order they start.
func (u *up) planned(certs *tls.Config) []*front {
	behindTLS := func(make func(net.Listener) (func(context.Context) error, error)) func(net.Listener) (func(context.Context) error, error) {
		return func(ln net.Listener) (func(context.Context) error, error) { return make(secured(ln, certs)) }
	}
	mail := func(ln net.Listener) (func(context.Context) error, error) {
		return func(ctx context.Context) error { return u.mailServer(certs).Serve(ctx, ln) }, nil
	}
	return []*front{
		{key: "ops", addr: u.cfg.Ops.Addr, shown: "http://" + u.cfg.Ops.Addr, make: u.opsFront},
		{key: "desk", addr: u.cfg.Desk.Addr, shown: u.cfg.Desk.BaseURL, make: behindTLS(u.deskFront)},
		{key: "smtp", addr: u.cfg.SMTP.Addr, shown: u.cfg.SMTP.Addr, make: mail},
		{key: "public", addr: u.cfg.Public.Addr, shown: u.cfg.Public.BaseURL, make: behindTLS(u.publicFront)},
	}
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
