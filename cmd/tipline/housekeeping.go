package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// How often the house is kept: views and sessions end by the minute, tags and
// leftovers by the hour, and every tip is held against the ledger by the day.
const (
	shortRound = time.Minute
	longRound  = time.Hour
	countRound = 24 * time.Hour
	orphanAge  = 24 * time.Hour
	leastRoom  = 64 << 20 // bytes; below it a report can't be promised to fit
)

// keepHouse deletes what has run out, until ctx ends.
func (p *program) keepHouse(ctx context.Context) error {
	short, long := time.NewTicker(shortRound), time.NewTicker(longRound)
	defer short.Stop()
	defer long.Stop()
	p.redate(ctx)
	p.roundLong(ctx)
	nextCount := p.now().Add(longRound) // not at the start: it reads every tip
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-short.C:
			p.roundShort(ctx)
		case <-long.C:
			p.roundLong(ctx)
			if !p.now().Before(nextCount) {
				p.reconcile(ctx)
				p.redate(ctx)
				nextCount = p.now().Add(countRound)
			}
		}
	}
}

// redate moves the dates that run into a year whose holidays became known with this start; a day later what was
// taken up on the day of the start, too.
func (p *program) redate(ctx context.Context) {
	for _, desk := range p.desks() {
		moved, err := p.house.casework(nil).Redate(ctx, desk)
		if err != nil && ctx.Err() == nil {
			p.log.Error("dates aren't reckoned by the new calendar", "error", err)
		}
		if moved > 0 {
			p.log.Info("dates were reckoned by the new calendar", "desk", desk, "moved", moved)
		}
	}
}

func (p *program) roundShort(ctx context.Context) {
	p.sessions.Sweep()
	if err := p.sessions.Recheck(ctx); err != nil && ctx.Err() == nil {
		p.log.Error("sessions of disabled members weren't looked for", "error", err)
	}
	p.carryOut(ctx)
	if err := p.house.casework(nil).AskThem(ctx); err != nil && ctx.Err() == nil {
		p.log.Error("reporters who are looked after aren't asked", "error", err)
	}
	if err := p.house.casework(nil).GoOn(ctx); err != nil && ctx.Err() == nil {
		p.log.Error("clocks that stood still don't go on", "error", err)
	}
	if _, err := p.store.GiveUpSending(ctx, p.now()); err != nil && ctx.Err() == nil {
		p.log.Error("answers that were being sent weren't looked for", "error", err)
	}
	if _, err := p.store.CloseViews(ctx, p.now()); err != nil && ctx.Err() == nil {
		p.log.Error("views that ran out weren't deleted", "error", err)
	}
}

func (p *program) roundLong(ctx context.Context) {
	p.roundShort(ctx)
	_, err := p.store.Expire(ctx, p.now())
	_, scrubbed := p.scrub(ctx, false)
	p.tellBroughtBack(ctx)
	if err := errors.Join(err, p.collectOrphans(ctx), scrubbed); err != nil && ctx.Err() == nil {
		p.log.Error("housekeeping is behind", "error", err)
	}
}

// tellBroughtBack says when a restored backup brought back what was destroyed.
func (p *program) tellBroughtBack(ctx context.Context) {
	n, register, err := p.broughtBack(ctx)
	if err != nil && ctx.Err() == nil {
		p.log.Error("the register of what was destroyed can't be read", "error", err)
	}
	if n > 0 {
		p.log.Error("what was destroyed is back from a backup: `tipline retention replay` destroys it again", "number", n, "register", register)
	}
}

// reconcile holds every desk's tips against its ledger, for the gauge and the log.
func (p *program) reconcile(ctx context.Context) {
	for _, desk := range p.desks() {
		r, err := reconcile(ctx, p.house, desk)
		if err != nil {
			if ctx.Err() == nil {
				p.log.Error("tips couldn't be held against the ledger", "error", err)
			}
			return
		}
		if desk == p.metered() {
			p.meters.reconciled(len(r.Missing) + len(r.Early) + len(r.Unknown))
		}
		if !r.Balanced() {
			p.log.Error("tips and ledger don't balance: `tipline doctor --desk` names what is where it mustn't be", "desk", desk)
		}
	}
}

var errSpoolElsewhere = errors.New("spool.enabled: no intake's spool is seen from here, so files without a tip aren't removed; let desk and intakes share the data folder's " + spoolFolder + ", as they share its " + blobFolder)

// collectOrphans removes files that no tip has, once every tip is in the store. A tip in a spool has its files and no
// row yet; one that was set aside there may wait for a person for weeks.
func (p *program) collectOrphans(ctx context.Context) error {
	if p.cfg.Spool.Enabled {
		if _, err := os.Stat(filepath.Join(p.dir, spoolFolder)); errors.Is(err, os.ErrNotExist) {
			return errSpoolElsewhere
		}
	}
	if st, err := spoolStats(p.dir, p.now()); err != nil || st.Files+st.Damaged+st.Refused > 0 {
		return err
	}
	_, err := p.blobs.Collect(ctx, orphanAge, func(tip, file string) (bool, error) { return p.store.HasFile(ctx, tip, file) })
	return err
}

// roomLeft says whether the data folder still holds a report. Its sealed files and its spool may
// lie on disks of their own.
func roomLeft(dir string) error {
	for _, folder := range []string{"", blobFolder, spoolFolder} {
		if err := diskLeft(filepath.Join(dir, folder)); err != nil && (folder == "" || !errors.Is(err, os.ErrNotExist)) {
			return err
		}
	}
	return nil
}

func diskLeft(dir string) error {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return fmt.Errorf("the disk of %s can't be asked: %w", dir, err)
	}
	if fs.Flags&syscall.MS_RDONLY != 0 {
		return fmt.Errorf("the disk of %s can only be read: mount it for writing", dir)
	}
	if free := int64(fs.Bavail) * int64(fs.Bsize); free < leastRoom {
		return errorf("only %d MB {is|are} free at %s: make room", free>>20, dir)
	}
	return nil
}
