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
// tipline.backup.before-TIPS-LEDGER-MARK by the schemas' numbers and what the tables hold: a start that
// fails is tried again and again, and what stands there already isn't written once more. It needs no file
// beside it, so that the program which made the tables restores it as well.
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
		return fmt.Errorf("there is no recovery recipient to seal it to: make a recovery key with `tipline keys new --out FILE`, keep FILE off this machine, "+
			"write the line \"handler age1pq1…\" with what it prints into %s, start again, and then grant it with `tipline keys recovery`; "+
			"or copy the database by its own tools and start once with TIPLINE_UPDATE_COPY=false", filepath.Join(o.dir, recoveryFile))
	}
	if err := o.writeBefore(ctx, tips, own, to); err != nil {
		return fmt.Errorf("%w; mend that, or copy the database by its own tools and start once with TIPLINE_UPDATE_COPY=false", err)
	}
	return nil
}

func (o *office) writeBefore(ctx context.Context, tips, own *database.DB, to []*age.HybridRecipient) error {
	blobs, err := blob.Open(filepath.Join(o.dir, blobFolder), blob.Options{Loc: o.loc, Now: o.now})
	if err != nil {
		return err
	}
	defer blobs.Close()
	s, err := o.source(tips, own, blobs)
	if err != nil {
		return err
	}
	for _, d := range []*backup.Database{&s.Tips, &s.Ledger} {
		if d.Schema.Version, err = d.DB.At(ctx, d.Schema); err != nil {
			return err
		}
	}
	if s.Ledger.Schema.Version == 0 { // it is new, while the tips are not
		s.Ledger.Schema.Version, s.Ledger.Tables = 1, nil
	}
	about := filepath.Join(o.dir, fmt.Sprintf("tipline.backup.before-%d-%d", s.Tips.Schema.Version, s.Ledger.Schema.Version))
	mark, err := s.Mark(ctx)
	if err != nil {
		return err
	}
	name := about + "-" + mark
	if _, err := os.Stat(name); err == nil {
		o.log.Info("the tables were copied before, and nothing came in since", "file", name)
		return nil
	}
	out := &backupFile{name: about, sum: sha256.New()}
	if err := out.open(); err != nil {
		return err
	}
	if _, err := backup.Write(ctx, out, s, to...); err != nil {
		return errors.Join(err, out.abort())
	}
	if err := out.replace(name); err != nil {
		return err
	}
	o.log.Info("before the tables are changed, a sealed copy of what they hold was written", "file", name)
	return nil
}

// replace is finish under a longer name, for a file that stands in for the others that begin alike.
func (b *backupFile) replace(name string) error {
	if err := errors.Join(b.file.Sync(), b.file.Close()); err != nil {
		return errors.Join(err, os.Remove(b.file.Name()))
	}
	dir := filepath.Dir(name)
	older, err := matching(dir, filepath.Base(b.name)+"-*")
	if err = errors.Join(err, os.Rename(b.file.Name(), name)); err != nil {
		return err
	}
	for _, old := range older {
		err = errors.Join(err, os.Remove(old))
	}
	return errors.Join(err, syncFolder(dir))
}
