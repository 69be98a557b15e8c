package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tipline/crypto/receipt"
	"tipline/crypto/waiting"
	"tipline/intake"
	"tipline/intake/backup"
)

// registerFile is the register of what was destroyed, beside the backups.
const registerFile = "tipline.destroyed"

// registerBox seals the register's lines. The pepper is in every backup, so that a restored
// place reads the register, and nobody without its key files reads or writes one.
func registerBox(pepper receipt.Pepper) (waiting.Key, error) { return waiting.NewKey(pepper) }

// destroyed is everything that was destroyed here, as the register tells it.
func (h *house) destroyed(ctx context.Context) (all []backup.Gone, keys []intake.GoneKey, err error) {
	tips, err := h.store.Destructions(ctx, "", maxRegister, intake.DestructionDone)
	if err != nil {
		return nil, nil, err
	}
	for i := range tips {
		all = append(all, backup.Gone{Tip: &tips[i]})
	}
	if keys, err = h.store.GoneKeys(ctx); err != nil {
		return nil, nil, err
	}
	for i := range keys {
		all = append(all, backup.Gone{Key: &keys[i]})
	}
	return all, keys, nil
}

// maxRegister is how many destructions a register holds: more than any office makes.
const maxRegister = 10_000_000

// besideBackups brings folders of backups up to date: the register knows what was
// destroyed, and the keys of destroyed epochs are gone. A folder that isn't there is passed
// over: a disk that isn't plugged in.
func (h *house) besideBackups(ctx context.Context, folders ...string) error {
	all, keys, err := h.destroyed(ctx)
	if err != nil {
		return err
	}
	box, err := registerBox(h.pepper)
	if err != nil {
		return err
	}
	for _, dir := range folders {
		if info, failed := os.Stat(dir); failed != nil || !info.IsDir() {
			continue
		}
		if failed := addToRegister(filepath.Join(dir, registerFile), box, all); failed != nil {
			err = errors.Join(err, fmt.Errorf("the register of what was destroyed in %s: %w", dir, failed))
		}
	}
	return errors.Join(err, dropEpochs(keys, append(slices.Clone(folders), filepath.Join(h.dir, epochFolder))...))
}

func addToRegister(name string, box backup.Box, all []backup.Gone) error {
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	out, added, failed := backup.AddToRegister(text, box, all)
	if failed != nil || added == 0 && err == nil {
		return failed
	}
	return replaceFile(name, string(out))
}

// brought are the tips and keys of a register that are here all the same: a backup of before
// their destruction brought them back.
func (h *house) brought(ctx context.Context, all []backup.Gone) (tips []intake.Destruction, keys []intake.GoneKey, err error) {
	_, known, err := h.destroyed(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, g := range all {
		switch {
		case g.Tip != nil:
			t, err := h.store.Tip(ctx, g.Tip.Tip)
			if err != nil && !errors.Is(err, intake.ErrNotFound) {
				return nil, nil, err
			}
			if err == nil && t.DestroyedOn == "" {
				tips = append(tips, *g.Tip)
			}
		case !slices.ContainsFunc(known, func(k intake.GoneKey) bool { return k.Role == g.Key.Role && k.Version == g.Key.Version }):
			keys = append(keys, *g.Key)
		}
	}
	return tips, keys, nil
}

// readRegister reads a register; one that isn't there is empty.
func readRegister(name string, box backup.Box) (all []backup.Gone, strange int, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, 0, err
	}
	all, strange = backup.ReadRegister(text, box)
	return all, strange, nil
}

// backupFolders are where backups lie as far as this machine knows: where it wrote some, and
// what the configuration names.
func (h *house) backupFolders() ([]string, error) {
	wrote, err := readLines(filepath.Join(h.dir, wroteFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	all := append(slices.Clone(h.cfg.Retention.Folders), wrote...)
	slices.Sort(all)
	return slices.Compact(all), nil
}

// wroteFile names the folders that backups were written into.
const wroteFile = epochFolder + "/folders"

// noteFolder remembers one.
func (h *house) noteFolder(dir string) error {
	have, err := h.backupFolders()
	if err != nil || slices.Contains(have, dir) {
		return err
	}
	wrote, err := readLines(filepath.Join(h.dir, wroteFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := privateFolder(filepath.Join(h.dir, epochFolder)); err != nil {
		return err
	}
	return replaceFile(filepath.Join(h.dir, wroteFile), strings.Join(append(wrote, dir), "\n")+"\n")
}

// broughtBack counts what the registers of the folders name and is here.
func (h *house) broughtBack(ctx context.Context) (n int, register string, err error) {
	box, err := registerBox(h.pepper)
	if err != nil {
		return 0, "", err
	}
	folders, err := h.backupFolders()
	if err != nil {
		return 0, "", err
	}
	for _, dir := range folders {
		name := filepath.Join(dir, registerFile)
		all, _, err := readRegister(name, box)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			continue
		}
		if err != nil {
			return 0, "", err
		}
		tips, keys, err := h.brought(ctx, all)
		if err != nil {
			return 0, "", err
		}
		if len(tips)+len(keys) > 0 {
			return len(tips) + len(keys), name, nil
		}
	}
	return 0, "", nil
}

// replay destroys again what a register names.
func (h *house) replay(ctx context.Context, all []backup.Gone) (gone, waiting, keys int, err error) {
	tips, versions, err := h.brought(ctx, all)
	if err != nil {
		return 0, 0, 0, err
	}
	gone, waiting, err = h.casework(nil).Replay(ctx, tips, versions)
	return gone, waiting, len(versions), err
}

// replayAndTell is replay, for who restores. The database's files are written anew at once.
func (h *house) replayAndTell(ctx context.Context, t terminal, all []backup.Gone, strange int) error {
	gone, waits, keys, err := h.replay(ctx, all)
	t.say("destroyed again  %d {tip|tips}, %d {key|keys}\n", gone, keys)
	if waits > 0 {
		t.say("%d more {goes|go} within the hour of tipline up, once the ledger has {its|their} events\n", waits)
	}
	if strange > 0 {
		t.note("tipline: %d {line|lines} of the register {is|are} another installation's or {was|were} changed: look where {it comes|they come} from\n", strange)
	}
	if err != nil || gone+keys == 0 {
		return err
	}
	_, err = h.scrub(ctx, false)
	return err
}
