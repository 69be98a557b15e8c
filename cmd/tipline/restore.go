package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"filippo.io/age"

	"tipline/crypto/pseudonym"
	"tipline/crypto/seal"
	"tipline/intake/backup"
	"tipline/intake/blob"
	"tipline/intake/database"
	"tipline/intake/ledger"
	"tipline/intake/store"
)

// stagingFolder is where a restore grows inside the data folder. As long as it
// stands, what is beside it is a restore that broke off.
const stagingFolder = ".restoring"

type restoreCmd struct {
	place
	In        string   `help:"The backup." required:"" type:"path" placeholder:"FILE"`
	Identity  string   `help:"File with a recovery key (AGE-SECRET-KEY-PQ-1…) the backup is sealed to." required:"" type:"path" placeholder:"FILE"`
	Keys      string   `help:"Folder with the small files *.key of the backups; the backup's own when left out." type:"path" placeholder:"DIR"`
	Without   []string `help:"Restore without a version of a role's key whose file is gone: what is sealed to it stays closed for ever." placeholder:"ROLE/VERSION"`
	Destroyed string   `help:"The newest register of what was destroyed (tipline.destroyed): it is destroyed again. The one beside the backup when left out." type:"path" placeholder:"FILE"`
	Head      string   `help:"The audit head that was noted with the backup: another one is refused." placeholder:"HASH"`
}

// Help is printed below the usage.
func (restoreCmd) Help() string {
	return "Fills an empty data folder, and the empty databases the configuration names, from a backup. Nothing else may run meanwhile. " +
		"Everything is checked before it takes its place; then tips are held against the ledger, the audit chain is walked, " +
		"and what was destroyed since the backup is destroyed again, by the register beside the backups: take the newest there is."
}

func (c restoreCmd) Run(ctx context.Context, t terminal) error {
	with, err := readIdentities(c.Identity)
	if err != nil {
		return err
	}
	o, err := openOffice(c.place)
	if err != nil {
		return err
	}
	if err := clearPlace(c.Data); err != nil {
		return err
	}
	r := &restoring{office: o, dir: filepath.Join(c.Data, stagingFolder), head: c.Head, keys: map[string]string{}, beside: c, with: with}
	m, err := r.run(ctx, c, t, with)
	if err != nil {
		return errors.Join(fmt.Errorf("nothing was restored: %w", explainKey(err, c.Identity)), os.RemoveAll(r.dir))
	}
	t.summary(m)
	o.before = nothing // the backup is the copy
	return proveRestored(ctx, c, o, t, m)
}

// explainKey says which key is wrong.
func explainKey(err error, file string) error {
	if errors.Is(err, seal.ErrKey) {
		return fmt.Errorf("the key in %s doesn't open this backup: it is sealed to other recovery recipients", file)
	}
	return err
}

// readIdentities reads an age identity file.
func readIdentities(name string) (out []*age.HybridIdentity, err error) {
	lines, err := readLines(name)
	if err != nil {
		return nil, err
	}
	for _, line := range lines {
		if line == "" || line[0] == '#' {
			continue
		}
		id, err := seal.ParseIdentity(line)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, id)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s holds no key: it has a line that begins with AGE-SECRET-KEY-PQ-1", name)
	}
	return out, nil
}

// clearPlace wants an empty data folder, and removes what a restore that broke
// off left in it.
func clearPlace(dir string) error {
	if err := privateFolder(dir); err != nil {
		return err
	}
	_, err := os.Lstat(filepath.Join(dir, stagingFolder))
	brokenOff := err == nil && !isSetUp(dir)
	for _, name := range placed() {
		at := filepath.Join(dir, name)
		if brokenOff {
			if err := os.RemoveAll(at); err != nil {
				return err
			}
		}
		if _, err := os.Lstat(at); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s isn't empty (it has %s), and a restore never mixes: name an empty folder", dir, name)
		}
	}
	st, err := spoolStats(dir, time.Now())
	if err != nil {
		return err
	}
	if n := st.Files + st.Damaged + st.Refused; n > 0 {
		return errorf("%d {tip waits|tips wait} in its spool (%s) that no database has: move it away, and where {it is|they are} this office's own, back after the restore, with the files of %s (cp -an)", n, filepath.Join(dir, spoolFolder), blobFolder)
	}
	return os.RemoveAll(filepath.Join(dir, stagingFolder))
}

// placed is what a restore puts into a data folder, in this order: with the keys
// it is set up, and not before.
func placed() []string {
	return []string{databaseFile + "-wal", databaseFile + "-shm", databaseFile, blobFolder, filepath.Dir(pepperFile)}
}

// restoring is a restore under way.
type restoring struct {
	*office
	dir  string // the staging folder
	head string // that the backup must have, "" for any
	keys map[string]string

	beside restoreCmd // where the small files are
	with   []*age.HybridIdentity
}

func (r *restoring) run(ctx context.Context, c restoreCmd, t terminal, with []*age.HybridIdentity) (m backup.Manifest, err error) {
	f, err := os.Open(c.In)
	if err != nil {
		return m, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return m, err
	}
	if !info.Mode().IsRegular() {
		return m, fmt.Errorf("%s is no file: a backup is read from its end as well, so it can't come through a pipe", c.In)
	}
	if err := os.Mkdir(r.dir, 0o700); err != nil {
		return m, err
	}
	if m, err = r.fill(ctx, f, info.Size(), t, with); err != nil {
		return m, err
	}
	if err := r.writeKeys(); err != nil {
		return m, err
	}
	return m, r.place(c.Data)
}

// fill fills databases and files.
func (r *restoring) fill(ctx context.Context, f *os.File, size int64, t terminal, with []*age.HybridIdentity) (m backup.Manifest, err error) {
	target, closeDB, err := r.databases(ctx)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, closeDB()) }()
	blobs, err := blob.Open(filepath.Join(r.dir, blobFolder), blob.Options{Loc: r.loc, Now: r.now})
	if err != nil {
		return m, err
	}
	defer blobs.Close()
	target.Blobs, target.Key, target.Head, target.Epoch, target.Tell = blobs.Create, r.key, r.head, r.epoch, teller(t.err)
	return backup.Read(ctx, f, size, target, with...)
}

// databases are the databases to fill, not brought up to date.
func (r *restoring) databases(ctx context.Context) (t backup.Target, done func() error, err error) {
	tips, own, done, err := r.bare(ctx, r.dir)
	if err != nil {
		return t, nil, err
	}
	t.Tips, t.Ledger = backup.Database{DB: tips, Tables: store.Tables()}, backup.Database{DB: own, Tables: ledger.Tables()}
	if t.Tips.Schema, err = store.Schema(); err == nil {
		t.Ledger.Schema, err = ledger.Schema()
	}
	if err != nil {
		return t, nil, errors.Join(err, done())
	}
	return t, done, nil
}

// bare opens the databases of tips and ledger, or the one of both, as they are; SQLite's is in dir.
func (o *office) bare(ctx context.Context, dir string) (tips, own *database.DB, done func() error, err error) {
	tips, err = database.Open(ctx, database.Options{URL: o.cfg.Database.Value(), Path: filepath.Join(dir, databaseFile), Patient: true})
	if err != nil {
		return nil, nil, nil, fmt.Errorf("database: %w", err)
	}
	where := o.cfg.Ledger.Database.Value()
	if where == "" {
		return tips, tips, tips.Close, nil
	}
	if own, err = database.Open(ctx, database.Options{URL: where, Patient: true}); err != nil {
		return nil, nil, nil, errors.Join(fmt.Errorf("ledger.database: %w", err), tips.Close())
	}
	return tips, own, func() error { return errors.Join(own.Close(), tips.Close()) }, nil
}

// key keeps a key file until all else is there.
func (r *restoring) key(name string, content []byte) error {
	if !slices.Contains(backupKeys[:], "keys/"+name) {
		return fmt.Errorf("%w (a key file %q)", backup.ErrDamaged, name)
	}
	r.keys["keys/"+name] = string(content)
	return nil
}

// writeKeys writes the key files, with a fresh key for tags: theirs aren't in the
// backup.
func (r *restoring) writeKeys() error {
	if r.keys[pepperFile] == "" || r.keys[pinsFile] == "" {
		return fmt.Errorf("%w (it has no key files)", backup.ErrDamaged)
	}
	if err := os.Mkdir(filepath.Join(r.dir, filepath.Dir(pepperFile)), 0o700); err != nil {
		return err
	}
	r.keys[tagsFile] = pseudonym.NewKey().Encode() + "\n"
	for name, content := range r.keys {
		if err := writeNew(filepath.Join(r.dir, name), content); err != nil {
			return err
		}
	}
	return syncFolder(filepath.Join(r.dir, filepath.Dir(pepperFile)))
}

// place moves everything to where it belongs, durably, the keys last.
func (r *restoring) place(dir string) error {
	for _, name := range placed() {
		err := os.Rename(filepath.Join(r.dir, name), filepath.Join(dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := syncFolder(dir); err != nil {
			return err
		}
	}
	return os.RemoveAll(r.dir)
}

// proveRestored opens what was restored, brings it up to date, and holds it
// against itself.
func proveRestored(ctx context.Context, c restoreCmd, o *office, t terminal, m backup.Manifest) error {
	h := &house{office: o}
	defer h.close()
	if err := h.open(ctx, allOfIt()); err != nil {
		return fmt.Errorf("everything is in its place, but can't be opened: %w", err)
	}
	for _, desk := range h.desks() {
		r, err := h.ledger.Reconcile(ctx, desk, h.store.Standings(ctx, desk))
		if err == nil {
			err = unbalanced(t.tongue, r)
		}
		if err != nil {
			return fmt.Errorf("everything in the backup was restored, but tips and ledger differ at %s: %w", desk, err)
		}
		if desk == h.desk.ID {
			t.say("ledger  received %d = in ledger %d + held %d + waiting %d\n", r.Received, r.InLedger, r.Held, r.Waiting)
		}
	}
	rows, last, err := h.members.VerifyAudit(ctx, store.AuditHash, "")
	if err == nil && (rows != m.Audit.Seq || last != m.Audit.Hash) {
		err = errors.New("its head isn't the one in the manifest")
	}
	if err != nil {
		return fmt.Errorf("everything in the backup was restored, but the record of what members did is not whole: %w", err)
	}
	t.say("audit   %d {row|rows}, unbroken\n", rows)
	if err := c.destroyAgain(ctx, h, t, m); err != nil {
		return fmt.Errorf("everything in the backup was restored, but what was destroyed since isn't destroyed again: %w; tipline retention replay goes on with it", err)
	}
	t.say("restored into %s; tipline up starts it\n", c.Data)
	return missingFiles(m)
}
