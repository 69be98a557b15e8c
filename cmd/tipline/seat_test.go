package main

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSeats: two processes of a folder have two names, whoever starts again has its
// own, and another folder's are others.
func TestSeats(t *testing.T) {
	t.Parallel()
	dir, other := t.TempDir(), t.TempDir()
	take := func(dir string) seat {
		t.Helper()
		s := takeSeat(dir, "host")
		if !strings.HasPrefix(s.name, "host") {
			t.Fatal(s.name)
		}
		return s
	}
	first, second, apart := take(dir), take(dir), take(other)
	defer second.leave()
	defer apart.leave()
	if first.name == second.name || first.name == apart.name {
		t.Errorf("names are shared: %q %q %q", first.name, second.name, apart.name)
	}
	if err := first.leave(); err != nil {
		t.Fatal(err)
	}
	again := take(dir)
	defer again.leave()
	if again.name != first.name {
		t.Errorf("it was %q and is %q", first.name, again.name)
	}
	if s := take(filepath.Join(dir, "none")); s.name != "host" || s.leave() != nil {
		t.Errorf("a folder that isn't there has a seat %q", s.name)
	}
	if err := os.WriteFile(filepath.Join(other, "consumer.2"), []byte("cut"), 0o600); err != nil { // by a crash
		t.Fatal(err)
	}
	mended := take(other)
	defer mended.leave()
	if len(mended.name) != len(apart.name) || mended.name == apart.name {
		t.Errorf("a seat whose writing was cut short is %q", mended.name)
	}
}

// TestFollowersApart: two processes that follow the ledger on one machine read the
// stream under two names; killed, one comes back under its own.
func TestFollowersApart(t *testing.T) {
	t.Parallel()
	redis := startRedis(t)
	in := install(t, "TIPLINE_REDIS="+redis.URL())
	in.start() // it follows too
	names := func(n int) map[string]bool {
		t.Helper()
		out := map[string]bool{}
		until(t, 20*time.Second, "consumers of the stream", func() bool {
			all, err := redis.client.XInfoConsumers(t.Context(), "tipline:ledger", "ledger").Result()
			for _, c := range all {
				out[c.Name] = true
			}
			return err == nil && len(out) >= n
		})
		return out
	}
	second := in.spawn([]string{"TIPLINE_OPS_ADDR="}, "ledger", "follow")
	before := names(2)
	second.kill()
	third := in.spawn([]string{"TIPLINE_OPS_ADDR="}, "ledger", "follow")
	in.report(url.Values{"text": {"又有一件"}})
	until(t, 20*time.Second, "the ledger", func() bool { return len(in.ledger()) == 1 })
	third.kill()
	if after := names(2); len(after) != 2 || len(before) != 2 {
		t.Errorf("consumers %v, then %v: want the same two", before, after)
	}
}
