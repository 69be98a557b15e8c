package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"tipline/intake"
	"tipline/intake/limit"
	"tipline/intake/queue"
)

// intake is the one door, over this house, its store and a limiter.
func (h *house) intake(st intake.Store, limits intake.Limiter) *intake.Service {
	return intake.NewService(intake.Deps{Store: st, Blobs: h.blobs, Limits: limits, Vocabulary: vocabulary{h.pack},
		Router: router{h.pack}, Keys: h.keys, Clean: cleaner(h.cfg.Files.MaxBytes), Deadlines: deadlines{h.pack}, Pepper: h.pepper, Tags: h.tags,
		Texts: h.store, Waiting: h.waiting, Fetches: h.store, Events: h.events(), Loc: h.loc, Now: h.now, MaxFiles: h.cfg.Files.MaxCount, MaxBytes: h.cfg.Files.MaxBytes})
}

// limiter counts in Redis when there is one.
func (h *house) limiter(r redis.UniversalClient, m *meters) *limit.Limiter {
	l := h.cfg.Limits
	return limit.New(limit.Options{Enabled: l.Enabled, Redis: r, Log: h.log, Now: h.now, Loc: h.loc, Fallback: m.fallback, Key: h.tags,
		Rates: limit.Rates{OriginSoftPerHour: l.OriginSoftPerHour, OriginHardPerHour: l.OriginHardPerHour,
			SenderSoftPerHour: l.SenderSoftPerHour, SenderHardPerHour: l.SenderHardPerHour,
			GatewaySoftPerMinute: l.GatewaySoftPerMinute, GatewayHardPerMinute: l.GatewayHardPerMinute,
			GlobalSoftPerMinute: l.GlobalSoftPerMinute, GlobalHardPerMinute: l.GlobalHardPerMinute,
			ReceiptTriesPerHour: l.ReceiptTriesPerHour}})
}

// dialRedis is a client of the configured server, or nil without one.
func (o *office) dialRedis() (redis.UniversalClient, error) {
	if o.cfg.Redis.Value() == "" {
		return nil, nil
	}
	r, err := queue.Dial(o.cfg.Redis.Value())
	if err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	return r, nil
}

// startRedis is a client that was tried: a wrong setting stops the start, a
// server that is away doesn't.
func (h *house) startRedis(ctx context.Context, keys bool) (redis.UniversalClient, error) {
	r, err := h.dialRedis()
	if err != nil || r == nil {
		return nil, err
	}
	warning, err := queue.Check(ctx, r)
	if err == nil && keys {
		err = h.ownRedis(ctx, r)
	}
	switch {
	case errors.Is(err, queue.ErrAway):
		h.log.Warn("Redis is away; tips are taken, and events wait in the outbox", "error", err)
	case err != nil:
		return nil, errors.Join(fmt.Errorf("redis: %w", err), r.Close())
	case warning != "":
		h.log.Warn(warning)
	}
	return r, nil
}

// ownRedis refuses a Redis that another installation works with. The mark opens under the pepper alone, which a
// backup takes along and every part with keys has.
func (h *house) ownRedis(ctx context.Context, r redis.UniversalClient) error {
	box, err := registerBox(h.pepper)
	if err != nil {
		return err
	}
	const place = "redis"
	return queue.Own(ctx, r, box.Seal(place, nil), func(mark []byte) bool { _, err := box.Open(place, mark); return err == nil })
}
