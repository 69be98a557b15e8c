package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"filippo.io/age"

	"tipline/intake/backup"
	"tipline/intake/blob"
	"tipline/intake/database"
)

// copies is what this process does before it changes an older program's tables, nil for what
// the database does by itself: SQLite copies its file. On PostgreSQL a backup is written, by who
// opens all that is in one; another part waits for it.
func (o *office) copies(n needs) func(context.Context) error {
	switch {
	case !o.cfg.Update.Copy:
		return nothing
	case o.cfg.Database.Value() == "" && o.cfg.Ledger.Database.Value() == "":
		return nil
	case n != allOfIt():
		return func(context.Context) error { return database.ErrBehind }
	}
	made := false // tips and ledger are in one copy
	return func(ctx context.Context) (err error) {
		if !made {
			err = o.backUpBefore(ctx)
		}
		made = err == nil
		return err
	}
}

// nothing leaves the tables without a copy.
func nothing(context.Context) error { return nil }

// backUpBefore writes a backup of the tables as they are into the data folder, as
// tipline.backup.before-TIPS-LEDGER by the schemas' numbers. It needs no file beside it, so that the
// program which made the tables restores it as well.
func (o *office) backUpBefore(ctx context.Context) error {
	tips, own, done, err := o.bare(ctx, o.dir)
	if err != nil {
		return err
	}
	defer done() // what was read is read
	var any bool
	if err := tips.Read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM tips)`).Scan(&any); err != nil || !any {
		return err
	}
	to, err := recipients(o.dir)
	if err != nil {
		return err
	}
	if len(to) == 0 {
		return fmt.Errorf("there is no recovery recipient to seal it to: make one with tipline keys new, keep it off this machine, and add a line \"handler age1pq1…\" to %s; "+
			"or copy the database by its own tools and set update.copy to false for one start", filepath.Join(o.dir, recoveryFile))
	}
	name, err := o.writeBefore(ctx, tips, own, to)
	if err != nil {
		return fmt.Errorf("%w; mend that, or copy the database by its own tools and set update.copy to false for one start", err)
	}
	o.log.Info("before the tables are changed, a sealed copy of what they hold was written", "file", name)
	return nil
}

func (o *office) writeBefore(ctx context.Context, tips, own *database.DB, to []*age.HybridRecipient) (name string, err error) {
	blobs, err := blob.Open(filepath.Join(o.dir, blobFolder), blob.Options{Loc: o.loc, Now: o.now})
	if err != nil {
		return "", err
	}
	defer blobs.Close()
	s, err := o.source(tips, own, blobs)
	if err != nil {
		return "", err
	}
	for _, d := range []*backup.Database{&s.Tips, &s.Ledger} {
		if d.Schema.Version, err = d.DB.At(ctx, d.Schema); err != nil {
			return "", err
		}
	}
	if s.Ledger.Schema.Version == 0 { // it is new, while the tips are not
		s.Ledger.Schema.Version, s.Ledger.Tables = 1, nil
	}
	name = filepath.Join(o.dir, fmt.Sprintf("tipline.backup.before-%d-%d", s.Tips.Schema.Version, s.Ledger.Schema.Version))
	out := &backupFile{name: name, sum: sha256.New()}
	if err := out.open(); err != nil {
		return "", err
	}
	if _, err := backup.Write(ctx, out, s, to...); err != nil {
		return "", errors.Join(err, out.abort())
	}
	return name, out.replace()
}

// replace is finish for a file that may stand in for one of the same name, which a start that broke off left.
func (b *backupFile) replace() error {
	if err := errors.Join(b.file.Sync(), b.file.Close()); err != nil {
		return errors.Join(err, os.Remove(b.file.Name()))
	}
	return errors.Join(os.Rename(b.file.Name(), b.name), syncFolder(filepath.Dir(b.name)))
}
