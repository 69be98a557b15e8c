package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"

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

// setting is the key that its address comes from.
func (f *front) setting() string {
	if f.key == "redirect" {
		return "tls.redirect"
	}
	return f.key + ".addr"
}

// fronts opens every listener that has an address before anything starts, so
// that a taken port stops the start; their pages are made side by side. Parts on
// one machine may have one configuration: who comes second to its ops.addr goes
// without.
func (p *program) fronts(t terminal) ([]*front, error) {
	certs, err := p.tlsConfig()
	if err != nil {
		return nil, err
	}
	var out []*front
	var wg sync.WaitGroup
	for _, f := range p.planned(certs) {
		if f.addr == "" {
			continue
		}
		f.ln, err = listen(f.setting(), f.addr)
		if errors.Is(err, syscall.EADDRINUSE) && f.key == "ops" && p.does != everything {
			t.note("tipline: %s goes without health and metrics: ops.addr is taken, perhaps by another part; give each its own\n", p.does.name)
			err = nil
			continue
		}
		if err != nil {
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

// planned are the part's fronts in the order they start.
func (p *program) planned(certs *tls.Config) []*front {
	site := func(proxies []netip.Prefix, make func(net.Listener) (func(context.Context) error, error)) func(net.Listener) (func(context.Context) error, error) {
		return func(ln net.Listener) (func(context.Context) error, error) {
			return make(secured(crowded(ln, proxies), certs))
		}
	}
	mail := func(ln net.Listener) (func(context.Context) error, error) {
		return func(ctx context.Context) error { return p.mailServer(certs).Serve(ctx, ln) }, nil
	}
	out := []*front{{key: "ops", addr: p.cfg.Ops.Addr, shown: "http://" + p.cfg.Ops.Addr, make: p.opsFront}}
	if p.does.desk {
		out = append(out, &front{key: "desk", addr: p.cfg.Desk.Addr, shown: p.cfg.Desk.BaseURL, make: site(p.deskProxies, p.deskFront)})
	}
	if p.does.intake {
		out = append(out, &front{key: "smtp", addr: p.cfg.SMTP.Addr, shown: p.cfg.SMTP.Addr, make: mail},
			&front{key: "redirect", addr: p.cfg.TLS.Redirect, shown: p.cfg.Public.BaseURL, make: p.redirectFront},
			&front{key: "public", addr: p.cfg.Public.Addr, shown: p.cfg.Public.BaseURL, make: site(p.proxies, p.publicFront)})
	}
	return out
}

// shown is where a listener is, and how its users are told to find it.
func shown(addr, base string) string {
	if strings.HasSuffix(base, addr) {
		return base
	}
	return addr + ", for " + base
}

func (p *program) publicFront(ln net.Listener) (func(context.Context) error, error) {
	hooks, err := p.hooks(p.bell.Submit, p.bundle, func(r *http.Request) netip.Addr { return page.ClientAddr(r, p.proxies) }, p.tellers, p.gatewayCounter)
	if err == nil {
		err = p.mailHooks(hooks)
	}
	if err != nil {
		return nil, err
	}
	extra, err := p.siteFiles()
	if err != nil {
		return nil, err
	}
	site, err := public.New(public.Options{Extra: extra, Service: p.bell, Bundle: p.bundle, Content: p.content(), BaseURL: p.cfg.Public.BaseURL, Log: p.log,
		Proxies: p.proxies, Origin: pseudonym.Origin, AllowReceipt: p.limits.AllowReceipt, Count: p.siteCounter(), FormTime: time.Duration(p.cfg.Limits.FormSeconds) * time.Second,
		MaxFiles: p.cfg.Files.MaxCount, MaxBytes: p.cfg.Files.MaxBytes, Hooks: hooks, Now: p.now,
		Seal: func(task string) []byte { return p.tags.Tag("task", task) }})
	if err != nil {
		return nil, err
	}
	return serve(ln, site), nil
}

func (p *program) deskFront(ln net.Listener) (func(context.Context) error, error) {
	options := p.deskOptions()
	var done func()
	var err error
	if options.Ground, done, err = p.ground(); err != nil {
		return nil, err
	}
	console, err := desk.New(options)
	if err != nil {
		done()
		return nil, err
	}
	run := serve(ln, console)
	return func(ctx context.Context) error { defer done(); return run(ctx) }, nil
}

// redirectFront leads whoever typed the site's name without https to the site. What was posted has been sent in clear
// already: it isn't led on, so that somebody notices.
func (p *program) redirectFront(ln net.Listener) (func(context.Context) error, error) {
	site, err := url.Parse(p.cfg.Public.BaseURL)
	if err != nil {
		return nil, err
	}
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "请使用 https。Use https.", http.StatusForbidden)
			return
		}
		w.Header().Set("Location", site.Scheme+"://"+site.Host+r.URL.RequestURI())
		w.WriteHeader(http.StatusMovedPermanently)
	})
	if p.issuer != nil {
		h = p.issuer.HTTPHandler(h)
	}
	return serve(crowded(ln, nil), h), nil
}

func (p *program) opsFront(ln net.Listener) (func(context.Context) error, error) {
	watch, err := ops.New(ops.Options{Metrics: p.meters.registry, Log: p.log, Ready: p.checks()})
	if err != nil {
		return nil, err
	}
	return serve(ln, watch), nil
}

// checks are what /readyz asks of this part.
func (p *program) checks() []ops.Check {
	out := []ops.Check{{Name: "disk", Run: func(context.Context) error { return roomLeft(p.dir) }}, {Name: "queue", Run: p.queueReady}}
	if p.store != nil {
		out = append(out, ops.Check{Name: "database", Run: p.store.Ping})
	}
	if p.ledger != nil {
		out = append(out, ops.Check{Name: "ledger", Run: p.ledger.Ping})
	}
	return out
}

// prefixes reads addresses and networks.
func prefixes(key string, texts []string) ([]netip.Prefix, error) {
	out := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		if a, err := netip.ParseAddr(t); err == nil {
			out[i] = netip.PrefixFrom(a, a.BitLen())
			continue
		}
		p, err := netip.ParsePrefix(t)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		out[i] = p
	}
	return out, nil
}
