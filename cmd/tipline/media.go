package main

import (
	"context"
	"fmt"
	"time"

	"tipline/configs"
	"tipline/intake"
	"tipline/intake/fetch"
)

// mediaRound is how often pictures are looked for that are due.
const mediaRound = 5 * time.Second

// fetchMedia fetches pictures that came with texts, until ctx ends.
func (p *program) fetchMedia(ctx context.Context) error {
	tick := time.NewTicker(mediaRound)
	defer tick.Stop()
	for {
		if _, err := p.door.FetchMedia(ctx, p.getMedia); err != nil && ctx.Err() == nil {
			p.log.Error("pictures weren't fetched", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// getMedia opens a channel's file.
func (p *program) getMedia(ctx context.Context, gateway, address string) (intake.Fetched, error) {
	f := p.fetchers[gateway]
	if f == nil { // the channel is gone, or fetches nothing
		return intake.Fetched{}, &intake.FetchError{Cause: intake.FetchOff, Final: true}
	}
	return f.Get(ctx, address)
}

func (o *office) fetcher(c configs.SMS) (*fetch.Fetcher, error) {
	networks, err := prefixes("media.networks", c.Media.Networks)
	if err != nil {
		return nil, fmt.Errorf("sms.%s.%w", c.Name, err)
	}
	return fetch.New(fetch.Options{Provider: c.Provider, Secrets: c.Secret.Values(), Auth: c.Media.Auth.Value(), Hosts: c.Media.Hosts, Networks: networks,
		Plain: c.Media.Plain, MaxBytes: o.cfg.Files.MaxBytes}), nil
}
