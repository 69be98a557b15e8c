package main

import (
	"context"
	"fmt"
	"time"
)

// running is a rival at work: where it listens, and its processes, of which the
// first takes the tips.
type running struct {
	sites    []string // base URLs of the public site
	desk     string
	children []*child
	after    []func() // once they are gone
}

func (r *running) stop() {
	for _, c := range r.children {
		c.kill()
	}
	for _, f := range r.after {
		f()
	}
}

// cpu is the processor's time that all its processes have taken.
func (r *running) cpu() (sum time.Duration) {
	for _, c := range r.children {
		sum += c.cpu()
	}
	return sum
}

// peak is the most memory the process that takes the tips held, in MB.
func (r *running) peak() float64 { return r.children[0].memory("VmHWM") }

// bare runs one of this program's own handlers.
func (h *house) bare(ctx context.Context, serve string, more ...string) (*running, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	args := append([]string{"-serve", serve, "-addr", addr, "-data", h.dir, "-database", h.database, "-redis", h.redisURL}, more...)
	c, err := spawn(nil, h.self, args...)
	if err != nil {
		return nil, err
	}
	r := &running{sites: []string{"http://" + addr}, children: []*child{c}}
	return r, r.ready(ctx, c, r.sites[0]+"/")
}

// up runs everything in one process.
func (h *house) up(ctx context.Context) (*running, error) { return h.upWith(ctx) }

// upWith is up with more of a configuration.
func (h *house) upWith(ctx context.Context, more ...string) (*running, error) {
	site, err := freeAddr()
	if err != nil {
		return nil, err
	}
	desk, err := freeAddr()
	if err != nil {
		return nil, err
	}
	c, err := spawn(h.env(append(more, "TIPLINE_PUBLIC_ADDR="+site, "TIPLINE_PUBLIC_BASE_URL=http://"+site, "TIPLINE_DESK_ADDR="+desk, "TIPLINE_DESK_BASE_URL=http://"+desk)...),
		h.tipline, "up", "--data", h.dir)
	if err != nil {
		return nil, err
	}
	r := &running{sites: []string{"http://" + site}, desk: "http://" + desk, children: []*child{c}}
	return r, r.ready(ctx, c, r.sites[0]+"/")
}

// parts runs n intakes, a relay and a ledger, each as a process of its own.
func (h *house) parts(ctx context.Context, n int) (*running, error) {
	r := &running{}
	for range n {
		addr, err := freeAddr()
		if err != nil {
			return nil, r.failed(err)
		}
		c, err := spawn(h.env("TIPLINE_PUBLIC_ADDR="+addr, "TIPLINE_PUBLIC_BASE_URL=http://"+addr), h.tipline, "intake", "--data", h.dir)
		if err != nil {
			return nil, r.failed(err)
		}
		r.children, r.sites = append(r.children, c), append(r.sites, "http://"+addr)
	}
	for _, args := range [][]string{{"relay"}, {"ledger", "follow"}} {
		c, err := spawn(h.env(), h.tipline, append(args, "--data", h.dir)...)
		if err != nil {
			return nil, r.failed(err)
		}
		r.children = append(r.children, c)
	}
	for i, site := range r.sites {
		if err := r.ready(ctx, r.children[i], site+"/"); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *running) failed(err error) error {
	r.stop()
	return err
}

func (r *running) ready(ctx context.Context, c *child, target string) error {
	if err := c.answers(ctx, target); err != nil {
		return r.failed(fmt.Errorf("%s: %w", c.cmd.Args[1], err))
	}
	return nil
}
