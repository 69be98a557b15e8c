package main

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"tipline/intake"
)

// lastBackup holds the day of the last backup that came to its end.
const lastBackup = "keys/backed-up"

// backupAge is how old the last backup may be before it is spoken of: a timer that failed all week.
const backupAge = 7 * 24 * time.Hour

func (h *house) noteBackup() error {
	return replaceFile(filepath.Join(h.dir, lastBackup), string(intake.DateOf(h.now(), h.loc))+"\n")
}

// checkBackup looks for the last backup. Nobody hears of a timer that was never switched on.
func checkBackup(_ context.Context, h *checkup) finding {
	lines, err := readLines(filepath.Join(h.dir, lastBackup))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return finding{err: err}
	}
	if len(lines) == 0 {
		return finding{warning: h.say("none was made from this folder yet: tipline backup, or tipline-backup.timer for every night; then try it with tipline restore")}
	}
	f := finding{note: h.say("the last one is of %s", lines[0])}
	if lines[0] < string(intake.DateOf(h.now().Add(-backupAge), h.loc)) {
		f.warning = h.say("the last one is of %s: see why none was made since (journalctl -u tipline-backup)", lines[0])
	}
	return f
}
