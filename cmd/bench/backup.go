package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"filippo.io/age"
)

// mostBackedUp is the largest installation that is backed up: a restore takes as long as its rows.
const mostBackedUp = 100_000

// backup measures a backup, and its restore with all its checks into an empty place.
func (b *bench) backup(ctx context.Context) error {
	size := 0
	for _, n := range b.sizes {
		if n <= mostBackedUp {
			size = max(size, n)
		}
	}
	for _, s := range []setting{onSQLite, {postgres: true}} {
		if err := b.backUp(ctx, s, size); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

func (b *bench) backUp(ctx context.Context, s setting, size int) error {
	h, done, err := b.full(ctx, s, size)
	if err != nil {
		return err
	}
	defer done()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp(b.dir, "backup")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	file, key := filepath.Join(folder, "backup.age"), filepath.Join(folder, "key")
	if err := os.WriteFile(key, []byte(id.String()+"\n"), 0o600); err != nil {
		return err
	}
	if err := h.timed(ctx, size, "backup", "--out", file, "--recipient", id.Recipient().String()); err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	fmt.Printf("the file has %d MB\n", info.Size()>>20)
	empty, err := b.site(ctx, s)
	if err != nil {
		return err
	}
	defer empty.remove()
	return empty.timed(ctx, size, "restore", "--in", file, "--identity", key)
}

// timed runs a command of the house and prints what it took.
func (h *house) timed(ctx context.Context, size int, command string, args ...string) error {
	cmd := exec.CommandContext(ctx, h.tipline, append([]string{command, "--data", h.dir}, args...)...)
	cmd.Env = h.env()
	began := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", command, err, out)
	}
	took, p := time.Since(began), cmd.ProcessState
	fmt.Printf("%-8s of %7d tips, %-10s %6.1f s, %5.1f s of processor\n", command, size, h.setting, took.Seconds(), (p.UserTime() + p.SystemTime()).Seconds())
	return nil
}
