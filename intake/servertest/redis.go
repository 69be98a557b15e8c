package servertest

import (
	"context"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/redis/go-redis/v9"
)

// RedisPassword is what every connection needs.
const RedisPassword = "secret-of-the-test"

// Redis is a Redis server.
type Redis struct {
	Addr string

	dir     string
	args    []string
	process *process
}

// StartRedis runs a server for a test; args go to it as they are, such as
// "--appendonly", "yes".
func StartRedis(tb testing.TB, args ...string) *Redis {
	tb.Helper()
	r, err := NewRedis(args...)
	skipMissing(tb, "Redis", err)
	tb.Cleanup(r.Close)
	return r
}

// NewRedis runs a server. The caller closes it.
func NewRedis(args ...string) (*Redis, error) {
	server, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, ErrMissing
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	r := &Redis{Addr: "127.0.0.1:" + port}
	if r.dir, err = os.MkdirTemp("", "tipline-redis-"); err != nil {
		return nil, err
	}
	r.args = append([]string{server, "--port", port, "--bind", "127.0.0.1", "--requirepass", RedisPassword, "--dir", r.dir, "--save", ""}, args...)
	if err := r.Start(); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Start runs the server, also once more after Kill, and returns when it answers.
func (r *Redis) Start() (err error) {
	if r.process, err = launch(exec.Command(r.args[0], r.args[1:]...)); err != nil {
		return err
	}
	c := r.Client()
	defer c.Close()
	return r.process.answers(func() error { return c.Ping(context.Background()).Err() })
}

// Kill ends the server as a power cut does.
func (r *Redis) Kill() { r.process.kill() }

// Pause stops the server where it stands; Resume lets it go on.
func (r *Redis) Pause() error { return r.process.signal(syscall.SIGSTOP) }

// Resume ends a pause.
func (r *Redis) Resume() error { return r.process.signal(syscall.SIGCONT) }

// Close ends the server and removes its folder.
func (r *Redis) Close() {
	r.process.kill()
	if r.dir != "" {
		_ = os.RemoveAll(r.dir) // a folder for temporary files
	}
}

// URL is the server's address, with the password.
func (r *Redis) URL() string { return "redis://:" + RedisPassword + "@" + r.Addr + "/0" }

// Client is a new connection; the caller closes it.
func (r *Redis) Client() *redis.Client {
	return redis.NewClient(&redis.Options{Addr: r.Addr, Password: RedisPassword})
}
