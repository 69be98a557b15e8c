package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"

	"tipline/intake/servertest"
)

// lab is where rivals run: the binary, a folder, and servers that start when they
// are first needed.
type lab struct {
	tipline  string
	self     string // this program, which is the bare handlers too
	dir      string
	made     atomic.Int64
	postgres *servertest.Postgres
	redis    *servertest.Redis
}

func newLab(tipline string) (l *lab, err error) {
	l = &lab{}
	if l.self, err = os.Executable(); err != nil {
		return nil, err
	}
	if l.dir, err = os.MkdirTemp("", "tipline-bench-"); err != nil {
		return nil, err
	}
	l.tipline = filepath.Join(l.dir, "tipline")
	return l, install(tipline, l.tipline)
}

// install copies the binary piece by piece, as tar and install do. How many of its pages the kernel maps at once
// hangs on how the file was written: 33 MB so, or once it is read from the disk again, 41 as the linker leaves it, 48 after one large write.
func install(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o700)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

func (l *lab) close() {
	if l.postgres != nil {
		l.postgres.Close()
	}
	if l.redis != nil {
		l.redis.Close()
	}
	_ = os.RemoveAll(l.dir) // a folder for temporary files
}

// setting is what an installation stands on.
type setting struct{ postgres, redis bool }

func (s setting) String() string {
	name := "SQLite"
	if s.postgres {
		name = "PostgreSQL"
	}
	if s.redis {
		name += "+Redis"
	}
	return name
}

// house is one installation: a folder, and where its database and Redis are.
type house struct {
	*lab
	setting
	dir      string
	database string // "" for SQLite
	redisURL string
}

// The members of every house, and the lines of its passphrase file.
const (
	handlerName = "li"
	handlerPass = "correct-horse-battery-staple-1"
	passphrases = handlerPass + "\ncorrect-horse-battery-staple-2\n"
)

// house sets up an empty installation of its own.
func (l *lab) house(ctx context.Context, s setting) (*house, error) {
	h, err := l.site(ctx, s)
	if err != nil {
		return nil, err
	}
	return h, h.init(ctx)
}

// site is a house before it is set up.
func (l *lab) site(ctx context.Context, s setting) (h *house, err error) {
	h = &house{lab: l, setting: s, dir: filepath.Join(l.dir, fmt.Sprint("house", l.made.Add(1)))}
	if s.postgres {
		if err := l.needPostgres(); err != nil {
			return nil, err
		}
		if h.database, err = l.postgres.Database(); err != nil {
			return nil, err
		}
	}
	if s.redis {
		h.redisURL, err = l.emptyRedis(ctx)
	}
	return h, err
}

// needPostgres starts a server that waits for the disk, as one in the field does.
func (l *lab) needPostgres() (err error) {
	if l.postgres == nil {
		l.postgres, err = servertest.NewPostgres("fsync=on", "synchronous_commit=on", "full_page_writes=on", "shared_buffers=256MB", "max_wal_size=4GB")
	}
	return err
}

// emptyRedis starts the server, or empties it: one house at a time has it.
func (l *lab) emptyRedis(ctx context.Context) (address string, err error) {
	if l.redis == nil {
		if l.redis, err = servertest.NewRedis("--appendonly", "yes"); err != nil {
			return "", err
		}
	}
	c := l.redis.Client()
	defer c.Close()
	return l.redis.URL(), c.FlushAll(ctx).Err()
}

func (h *house) init(ctx context.Context) error {
	pass := h.dir + ".pass"
	if err := os.WriteFile(pass, []byte(passphrases), 0o600); err != nil {
		return err
	}
	defer os.Remove(pass)
	cmd := exec.CommandContext(ctx, h.tipline, "init", "--data", h.dir, "--member", handlerName+":handler", "--member", "wang:custodian", "--passphrase-file", pass)
	cmd.Env = h.env()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("init: %w: %s", err, out)
	}
	return nil
}

// env is what every process of the house is told: no listener until one is named,
// and limits that nobody meets, so that they are counted and never refuse.
func (h *house) env(more ...string) []string {
	env := append(os.Environ(), "TIPLINE_PUBLIC_ADDR=", "TIPLINE_DESK_ADDR=", "TIPLINE_SMTP_ADDR=", "TIPLINE_OPS_ADDR=",
		"TIPLINE_LIMITS_ORIGIN_SOFT_PER_HOUR=100000000", "TIPLINE_LIMITS_ORIGIN_HARD_PER_HOUR=100000001",
		"TIPLINE_LIMITS_GLOBAL_SOFT_PER_MINUTE=10000000", "TIPLINE_LIMITS_GLOBAL_HARD_PER_MINUTE=10000001",
		"TIPLINE_LIMITS_RECEIPT_TRIES_PER_HOUR=100000000", "TIPLINE_DATABASE="+h.database, "TIPLINE_REDIS="+h.redisURL)
	return append(env, more...)
}

// remove takes the house's folder and database away.
func (h *house) remove() {
	_ = os.RemoveAll(h.dir) // a folder for temporary files
	if u, err := url.Parse(h.database); err == nil && h.database != "" {
		_ = h.lab.postgres.Exec(context.Background(), "postgres", "DROP DATABASE "+u.Path[1:]+" WITH (FORCE)") // the server goes at the end anyway
	}
}
