package servertest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// ErrMissing says that a server isn't installed.
var ErrMissing = errors.New("not installed: run make tools")

// PostgresPassword is the superuser's; every connection needs one.
const PostgresPassword = "secret-of-the-test"

// Postgres is a PostgreSQL server.
type Postgres struct {
	Port string

	dir      string
	bin      string
	owner    *syscall.Credential // the server refuses to run as root
	settings []string
	process  *process
	made     atomic.Int64
}

// StartPostgres runs a server for a test. Without settings it doesn't wait for the
// disk; a test that cuts the power gives "fsync=on".
func StartPostgres(tb testing.TB, settings ...string) *Postgres {
	tb.Helper()
	if len(settings) == 0 {
		settings = []string{"fsync=off"}
	}
	p, err := NewPostgres(settings...)
	skipMissing(tb, "PostgreSQL", err)
	tb.Cleanup(p.Close)
	return p
}

// skipMissing skips on a developer's machine, and fails where everything must run.
func skipMissing(tb testing.TB, what string, err error) {
	tb.Helper()
	if errors.Is(err, ErrMissing) && os.Getenv("CI") == "" {
		tb.Skip(what, err)
	}
	if err != nil {
		tb.Fatal(what, err)
	}
}

// NewPostgres makes a cluster and runs its server with settings such as
// "max_connections=200". The caller closes it.
func NewPostgres(settings ...string) (*Postgres, error) {
	p := &Postgres{settings: settings}
	err := p.make()
	if err == nil {
		err = p.Start()
	}
	if err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

func (p *Postgres) make() (err error) {
	if p.bin, err = postgresBin(); err != nil {
		return err
	}
	if p.Port, err = freePort(); err != nil {
		return err
	}
	if p.dir, err = os.MkdirTemp("", "tipline-postgres-"); err != nil {
		return err
	}
	pass := filepath.Join(p.dir, "pass")
	if err := os.WriteFile(pass, []byte(PostgresPassword), 0o600); err != nil {
		return err
	}
	if err := p.giveAway(pass); err != nil {
		return err
	}
	init := exec.Command(filepath.Join(p.bin, "initdb"), "--pgdata", p.data(), "--username", "postgres", "--pwfile", pass,
		"--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions")
	init.SysProcAttr = &syscall.SysProcAttr{Credential: p.owner}
	init.Dir = p.dir
	if out, err := init.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

func (p *Postgres) data() string { return filepath.Join(p.dir, "data") }

// giveAway makes the package's user the owner when we are root.
func (p *Postgres) giveAway(files ...string) error {
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return err
	}
	p.owner = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	for _, f := range append(files, p.dir) {
		if err := os.Chown(f, uid, gid); err != nil {
			return err
		}
	}
	return nil
}

// postgresBin is the newest installed server's folder.
func postgresBin() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	if name, err := exec.LookPath("postgres"); err == nil {
		return filepath.Dir(name), nil
	}
	return "", ErrMissing
}

// Start runs the server, also once more after Kill, and returns when it answers.
func (p *Postgres) Start() error {
	args := []string{"-D", p.data(), "-p", p.Port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200"}
	for _, s := range p.settings {
		args = append(args, "-c", s)
	}
	// Killed, its shared memory lives until its last child has seen it.
	cmd := exec.Command(filepath.Join(p.bin, "postgres"), args...)
	cmd.SysProcAttr, cmd.Dir = &syscall.SysProcAttr{Credential: p.owner}, p.dir
	log, err := os.OpenFile(filepath.Join(p.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close() // the server has its own by then
	cmd.Stderr = log
	if p.process, err = launch(cmd); err != nil {
		return err
	}
	return p.process.answers(func() error { return p.Exec(context.Background(), "postgres", "SELECT 1") })
}

// Log is what the server has said, such as each statement that failed.
func (p *Postgres) Log() (string, error) {
	text, err := os.ReadFile(filepath.Join(p.dir, "log"))
	return string(text), err
}

// Kill ends the server as a power cut does.
func (p *Postgres) Kill() { p.process.kill() }

// Pause stops the server where it stands, as a machine that hangs; Resume lets it
// go on.
func (p *Postgres) Pause() error { return p.process.signal(syscall.SIGSTOP) }

// Resume ends a pause.
func (p *Postgres) Resume() error { return p.process.signal(syscall.SIGCONT) }

// Close ends the server and removes its folder.
func (p *Postgres) Close() {
	p.process.kill()
	if p.dir != "" {
		_ = os.RemoveAll(p.dir) // a folder for temporary files
	}
}

// URL is a database's address for a user.
func (p *Postgres) URL(user, password, database string) string {
	return (&url.URL{Scheme: "postgres", User: url.UserPassword(user, password), Host: "127.0.0.1:" + p.Port, Path: "/" + database, RawQuery: "sslmode=disable"}).String()
}

// Database makes an empty database and returns its superuser's address.
func (p *Postgres) Database() (string, error) {
	name := fmt.Sprintf("t%d", p.made.Add(1))
	if err := p.Exec(context.Background(), "postgres", `CREATE DATABASE `+name); err != nil {
		return "", err
	}
	return p.URL("postgres", PostgresPassword, name), nil
}

// Exec runs statements as the superuser.
func (p *Postgres) Exec(ctx context.Context, database, statements string) error {
	c, err := pgx.Connect(ctx, p.URL("postgres", PostgresPassword, database))
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	_, err = c.PgConn().Exec(ctx, statements).ReadAll()
	return err
}
