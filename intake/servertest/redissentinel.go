package servertest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// SentinelPassword is what a connection to the sentinel needs.
const SentinelPassword = "secret-of-the-sentinel"

// masterName is what the sentinel calls the servers it watches.
const masterName = "tips"

// RedisSentinel is a Redis with a replica, and a sentinel that makes the replica the
// master half a second after the master is gone.
type RedisSentinel struct {
	Master, Replica *Redis

	addr    string
	process *process
}

// StartRedisSentinel runs the three for a test; args go to the servers.
func StartRedisSentinel(tb testing.TB, args ...string) *RedisSentinel {
	tb.Helper()
	args = append([]string{"--masterauth", RedisPassword, "--repl-diskless-sync-delay", "0"}, args...)
	s := &RedisSentinel{Master: StartRedis(tb, args...)}
	host, port, err := net.SplitHostPort(s.Master.Addr)
	if err != nil {
		tb.Fatal(err)
	}
	s.Replica = StartRedis(tb, append(args, "--replicaof", host+" "+port)...)
	if err := s.watch(tb.TempDir(), port); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.process.kill)
	if err := s.process.answers(s.whole); err != nil {
		tb.Fatal(err)
	}
	return s
}

// watch starts the sentinel, which writes what it learns into its own file.
func (s *RedisSentinel) watch(dir, port string) error {
	own, err := freePort()
	if err != nil {
		return err
	}
	s.addr = "127.0.0.1:" + own
	conf := filepath.Join(dir, "sentinel.conf")
	text := fmt.Sprintf("port %s\nbind 127.0.0.1\nrequirepass %s\n", own, SentinelPassword)
	for _, line := range []string{"monitor %s 127.0.0.1 " + port + " 1", "auth-pass %s " + RedisPassword, "down-after-milliseconds %s 500", "failover-timeout %s 3000"} {
		text += fmt.Sprintf("sentinel "+line+"\n", masterName)
	}
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return err
	}
	server, err := exec.LookPath("redis-server")
	if err != nil {
		return ErrMissing
	}
	s.process, err = launch(exec.Command(server, conf, "--sentinel"))
	return err
}

// whole is nil once the replica follows and the sentinel knows it.
func (s *RedisSentinel) whole() error {
	r, c := s.Replica.Client(), redis.NewSentinelClient(&redis.Options{Addr: s.addr, Password: SentinelPassword})
	defer r.Close()
	defer c.Close()
	state, err := r.Info(context.Background(), "replication").Result()
	if err != nil {
		return err
	}
	known, err := c.Replicas(context.Background(), masterName).Result()
	if err == nil && (len(known) != 1 || !strings.Contains(state, "master_link_status:up")) {
		err = fmt.Errorf("the sentinel knows %d replicas: %s", len(known), state)
	}
	return err
}

// URL is the sentinel's address, with both passwords.
func (s *RedisSentinel) URL() string {
	return "redis://:" + SentinelPassword + "@" + s.addr + "/0?master_name=" + masterName + "&password=" + RedisPassword
}
