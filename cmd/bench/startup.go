package main

import (
	"context"
	"fmt"
	"time"
)

// starts is how often each size is started, in turn.
const starts = 9

// start measures the time from a process's start to its first 200 of /readyz.
func (b *bench) start(ctx context.Context) error {
	houses := make([]*house, len(b.sizes))
	for i, size := range b.sizes {
		h, done, err := b.full(ctx, onSQLite, size)
		if err != nil {
			return err
		}
		defer done()
		houses[i] = h
	}
	took := make([][]figures, len(houses))
	idle := make([]float64, len(houses))
	for n := range starts {
		for i, h := range houses {
			progress("start %d of %d with %d tips", n+1, starts, b.sizes[i])
			one, rss, err := h.started(ctx)
			if err != nil {
				return err
			}
			took[i], idle[i] = append(took[i], figures{p50: one}), rss
		}
	}
	progress("")
	for i, size := range b.sizes {
		least, most := extremes(took[i])
		fmt.Printf("start with %8d tips: median %.1f ms, %.1f to %.1f; then idle %.1f MB RSS\n", size, ms(median(took[i]).p50), ms(least), ms(most), idle[i])
	}
	last := len(b.sizes) - 1
	mustReach(fmt.Sprintf("start with %d tips, ms", b.sizes[last]), ms(median(took[last]).p50), 0, 100)
	return nil
}

func extremes(all []figures) (least, most time.Duration) {
	least = all[0].p50
	for _, f := range all {
		least, most = min(least, f.p50), max(most, f.p50)
	}
	return least, most
}

// started starts everything with every listener and stops it as an operator does.
func (h *house) started(ctx context.Context) (took time.Duration, idleMB float64, err error) {
	var addrs [4]string
	for i := range addrs {
		if addrs[i], err = freeAddr(); err != nil {
			return 0, 0, err
		}
	}
	env := h.env("TIPLINE_PUBLIC_ADDR="+addrs[0], "TIPLINE_DESK_ADDR="+addrs[1], "TIPLINE_SMTP_ADDR="+addrs[2], "TIPLINE_OPS_ADDR="+addrs[3])
	began := time.Now()
	c, err := spawn(env, h.tipline, "up", "--data", h.dir)
	if err != nil {
		return 0, 0, err
	}
	defer c.end()
	if err := c.answers(ctx, "http://"+addrs[3]+"/readyz"); err != nil {
		return 0, 0, err
	}
	took = time.Since(began)
	if err := c.answers(ctx, "http://"+addrs[0]+"/"); err != nil {
		return 0, 0, err
	}
	return took, c.memory("VmRSS"), nil
}
