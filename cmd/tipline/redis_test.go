package main

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// realRedis is a Redis server of the test's own, with a password, on loopback.
type realRedis struct {
	url    string
	addr   string
	client *redis.Client
	args   []string
	cmd    *exec.Cmd
}

func startRedis(t *testing.T) *realRedis {
	t.Helper()
	server, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("redis-server is missing: .ci/tools installs it")
		}
		t.Skip("redis-server is missing: run make tools")
	}
	r := &realRedis{addr: freeAddr(t)}
	_, port, err := net.SplitHostPort(r.addr)
	if err != nil {
		t.Fatal(err)
	}
	r.url = "redis://:secret-of-the-test@" + r.addr + "/0"
	dir := filepath.Join(t.TempDir(), "redis")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	r.args = []string{server, "--port", port, "--bind", "127.0.0.1", "--requirepass", "secret-of-the-test", "--dir", dir, "--save", "", "--appendonly", "yes"}
	r.client = redis.NewClient(&redis.Options{Addr: r.addr, Password: "secret-of-the-test"})
	t.Cleanup(func() { r.client.Close(); r.stop() })
	r.run(t)
	return r
}

// run starts the server, also once more after stop.
func (r *realRedis) run(t *testing.T) {
	t.Helper()
	r.cmd = exec.Command(r.args[0], r.args[1:]...)
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, 10*time.Second, "redis answers", func() bool { return r.client.Ping(t.Context()).Err() == nil })
}

func (r *realRedis) stop() {
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
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
