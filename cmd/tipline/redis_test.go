package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
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

// TestManyRedis: limits, queue and checks work the same over a cluster, and over what a sentinel watches, also when
// the master dies under load and another takes its place.
func TestManyRedis(t *testing.T) {
	t.Parallel()
	cluster := servertest.StartRedisCluster(t)
	watched := servertest.StartRedisSentinel(t)
	for name, c := range map[string]struct {
		url string
		hit func()
	}{
		"cluster":  {cluster.URL(), func() {}},
		"sentinel": {watched.URL(), watched.Master.Kill},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := install(t, append(slices.Clone(generousLimits), "TIPLINE_REDIS="+c.url)...)
			in.start()
			l := newLoad()
			l.send(l.api(in.public))
			l.send(l.api(in.public))
			until(t, 20*time.Second, "the first reports", func() bool { return l.count() > 10 })
			c.hit()
			n := l.count()
			until(t, 20*time.Second, "reports go on", func() bool { return l.count() > n+20 })
			l.end()
			out := ""
			until(t, 30*time.Second, "the ledger has every tip", func() bool {
				out, _ = in.try("doctor")
				return strings.Contains(out, fmt.Sprintf("received %d = in ledger %[1]d + held 0 + waiting 0", l.count()))
			})
			if !strings.Contains(out, "✓ redis") {
				t.Error(out)
			}
			if out := in.run("queue"); !strings.Contains(out, "tipline:ledger") {
				t.Error(out)
			}
			if name == "cluster" && strings.Contains(in.log(), "Redis is away") {
				t.Error("limits weren't counted in the cluster")
			}
			in.stop()
		})
	}
}

// TestOneRedisEach: an installation that is given another's Redis by mistake says so, in each part that has keys, and
// doesn't start: its tips would stand in the other's ledger. A number of its own is enough.
func TestOneRedisEach(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	first, second := install(t, "TIPLINE_REDIS="+r.URL()), install(t)
	first.start()
	const english, chinese = "works for another tipline: give each a number of its own", "正供另一套 tipline 使用"
	second.refuses("TIPLINE_REDIS="+r.URL(), english, chinese)
	wrong := *second
	wrong.env = append(slices.Clone(second.env), "TIPLINE_REDIS="+r.URL())
	for _, part := range []string{"intake", "desk", "doctor"} {
		if out, err := wrong.try(part); err == nil || !strings.Contains(out, english) {
			t.Errorf("%s: %v\n%s", part, err, out)
		}
	}
	own, err := url.Parse(r.URL())
	if err != nil {
		t.Fatal(err)
	}
	own.Path = "/1"
	second.env = append(second.env, "TIPLINE_REDIS="+own.String())
	second.start()
	first.stop()
	first.start() // its own mark doesn't keep it out
	first.report(url.Values{"text": {"一"}})
	until(t, time.Minute, "the ledger", func() bool { return len(first.ledger()) == 1 })
	if n := len(second.ledger()); n != 0 {
		t.Errorf("%d tips of another office", n)
	}
}
