package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// seededMark is the file that says that a folder's seeding was finished.
const seededMark = "seeded"

// full is an installation with so many tips. With -seeded one on SQLite is kept
// and used again.
func (b *bench) full(ctx context.Context, s setting, size int) (h *house, done func(), err error) {
	keep := b.seeded != "" && !s.postgres
	if keep {
		h = &house{lab: b.lab, setting: s, dir: filepath.Join(b.seeded, fmt.Sprint(size))}
		if _, err := os.Stat(filepath.Join(h.dir, seededMark)); err == nil {
			return h, func() {}, nil
		}
		if err := os.RemoveAll(h.dir); err != nil {
			return nil, nil, err
		}
		if err := os.MkdirAll(b.seeded, 0o700); err != nil {
			return nil, nil, err
		}
	} else if h, err = b.site(ctx, s); err != nil {
		return nil, nil, err
	}
	if done = h.remove; keep {
		done = func() {}
	}
	if err := h.fill(ctx, size); err != nil {
		h.remove()
		return nil, nil, err
	}
	return h, done, nil
}

// fill sets a house up, starts it once so that every table is there, and seeds it.
func (h *house) fill(ctx context.Context, size int) error {
	if err := h.init(ctx); err != nil {
		return err
	}
	up, err := h.up(ctx)
	if err != nil {
		return err
	}
	up.children[0].end()
	if err := h.seed(ctx, size); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(h.dir, seededMark), nil, 0o600)
}
