package main

import (
	"context"
	"time"
)

// fileWaiting files the long texts whose parts have waited long enough, until ctx
// ends.
func (p *program) fileWaiting(ctx context.Context) error {
	tick := time.NewTicker(shortRound)
	defer tick.Stop()
	for {
		if n, err := p.door.FileWaiting(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("a long text with a lost part waits on", "error", err)
		} else if n > 0 {
			p.bell.arrived()
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
