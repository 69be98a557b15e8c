package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/database"
)

// retention is for how long the configuration keeps tips.
func (o *office) retention() casework.Retention {
	r := o.cfg.Retention
	return casework.Retention{Backups: r.Backups, Days: map[intake.State]int{intake.StateSpam: r.Spam, intake.StateDeclined: r.Declined, intake.StateReferred: r.Referred,
		intake.StateMerged: r.Merged, intake.StateWithdrawn: r.Withdrawn, intake.StateConcluded: r.Concluded, intake.StateAnswered: r.Concluded}}
}

// periods are for how long the configuration keeps tips, by the names the office's texts have for it.
func (o *office) periods() map[string]int {
	r := o.cfg.Retention
	return map[string]int{"spam": r.Spam, "declined": r.Declined, "referred": r.Referred, "merged": r.Merged, "withdrawn": r.Withdrawn,
		"concluded": r.Concluded, "backups": r.Backups}
}

// forget takes a tip's words out of the ledger, nil where this part has none open.
func (h *house) forget() func(ctx context.Context, tip string) error {
	if h.ledger == nil {
		return nil
	}
	return h.ledger.Forget
}

// scrub carries out what is left of destructions, writes the databases' files anew after
// one or when asked, and removes copies of before a schema's change that are older than backups may be.
func (h *house) scrub(ctx context.Context, asked bool) (done bool, err error) {
	err = h.casework(nil).Destroy(ctx)
	var others []func(context.Context) error
	if h.ledgerDB != nil {
		others = append(others, h.ledgerDB.Scrub)
	}
	done, failed := h.store.Scrub(ctx, intake.DateOf(h.now(), h.loc), asked, others...)
	if errors.Is(failed, database.ErrBusy) && !asked {
		failed = nil // the next round tries again
	}
	return done, errors.Join(err, failed, h.dropCopies(), h.tendBackups(ctx))
}

// tendBackups brings the folders of backups up to date. One that this process may not write,
// such as the backup service's, is brought by the next backup.
func (h *house) tendBackups(ctx context.Context) error {
	folders, err := h.backupFolders()
	if err != nil {
		return err
	}
	err = h.besideBackups(ctx, folders...)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return nil
	}
	return err
}

// dropCopies removes the copies that were made before the tables changed, once a backup of that day would be gone.
func (h *house) dropCopies() error {
	copies, err := matching(h.dir, "tipline.*.before-*")
	for _, name := range copies {
		about, failed := os.Stat(name)
		if failed == nil && h.now().Sub(about.ModTime()) > time.Duration(h.cfg.Retention.Backups)*24*time.Hour {
			failed = os.Remove(name)
		}
		if failed != nil && !os.IsNotExist(failed) {
			err = errors.Join(err, failed)
		}
	}
	return err
}
