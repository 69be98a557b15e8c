package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"tipline/intake/servertest"
)

// realRedis is a Redis server of the test's own, with a password, on loopback.
type realRedis struct {
	*servertest.Redis
	client *redis.Client
}

func startRedis(t *testing.T) *realRedis {
	t.Helper()
	r := &realRedis{Redis: servertest.StartRedis(t, "--appendonly", "yes")}
	r.client = r.Client()
	t.Cleanup(func() { r.client.Close() })
	return r
}

// dump is every key with everything it holds.
func (r *realRedis) dump(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
	defer cancel()
	var b strings.Builder
	for keys := r.client.Scan(ctx, 0, "*", 1000).Iterator(); keys.Next(ctx); {
		b.WriteString(keys.Val() + "\n")
		raw, err := r.client.Dump(ctx, keys.Val()).Result()
		if err != nil {
			continue // it ran out meanwhile
		}
		b.WriteString(raw + "\n")
		if entries, err := r.client.XRange(ctx, keys.Val(), "-", "+").Result(); err == nil {
			for _, e := range entries {
				for k, v := range e.Values {
					b.WriteString(k + "=" + v.(string) + "\n")
				}
			}
		}
	}
	if !strings.Contains(b.String(), "tipline:") {
		t.Fatal("Redis holds nothing of tipline: the search proves nothing")
	}
	return b.String()
}
