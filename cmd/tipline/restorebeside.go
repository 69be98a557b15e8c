package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"filippo.io/age"

	"tipline/crypto/receipt"
	"tipline/intake/backup"
)

// epoch reads the secret of an epoch from beside the backup, nil for one that was destroyed
// or is to be left out.
func (r *restoring) epoch(e backup.Epoch) (*age.HybridIdentity, error) {
	gone, err := r.gone(e)
	if gone || err != nil {
		return nil, err
	}
	dir := cmp.Or(r.beside.Keys, filepath.Dir(r.beside.In))
	if filepath.Base(e.File) != e.File {
		return nil, fmt.Errorf("%w (a file %q)", backup.ErrDamaged, e.File)
	}
	text, err := os.ReadFile(filepath.Join(dir, e.File))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s, which opens %s version %d in this backup, isn't in %s: name its folder with --keys. "+
			"If it is gone for good, --without %s/%d restores all else", e.File, e.Role, e.Version, dir, e.Role, e.Version)
	}
	if err != nil {
		return nil, err
	}
	return backup.OpenSecret(text, r.with...)
}

// gone says whether an epoch is to be left out: somebody said so, or the register does.
func (r *restoring) gone(e backup.Epoch) (bool, error) {
	if slices.Contains(r.beside.Without, fmt.Sprintf("%s/%d", e.Role, e.Version)) {
		return true, nil
	}
	pepper, err := receipt.ParsePepper(strings.TrimSpace(r.keys[pepperFile]))
	if err != nil {
		return false, fmt.Errorf("%w (%s)", backup.ErrDamaged, pepperFile)
	}
	all, _, err := r.beside.register(pepper)
	return slices.ContainsFunc(all, func(g backup.Gone) bool {
		return g.Key != nil && g.Key.Role == e.Role && int64(g.Key.Version) == e.Version
	}), err
}

// register reads the register that goes with the backup; without one nothing was destroyed,
// as far as anybody knows here.
func (c restoreCmd) register(pepper receipt.Pepper) (all []backup.Gone, strange int, err error) {
	box, err := registerBox(pepper)
	if err != nil {
		return nil, 0, err
	}
	all, strange, err = readRegister(cmp.Or(c.Destroyed, filepath.Join(filepath.Dir(c.In), registerFile)), box)
	if errors.Is(err, fs.ErrNotExist) && c.Destroyed == "" {
		return nil, 0, nil
	}
	return all, strange, err
}

// destroyAgain carries out anew what was destroyed since the backup was made.
func (c restoreCmd) destroyAgain(ctx context.Context, h *house, t terminal, m backup.Manifest) error {
	all, strange, err := c.register(h.pepper)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(filepath.Dir(c.In), registerFile)); err != nil && c.Destroyed == "" {
		t.note("tipline: no register of destructions (%s) stands beside the backup: what was destroyed after %s is back. tipline retention replay --destroyed FILE destroys it again\n", registerFile, m.Day)
		return nil
	}
	return h.replayAndTell(ctx, t, all, strange)
}
