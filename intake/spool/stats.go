package spool

import (
	"errors"
	"io/fs"
	"os"
	"time"
)

// Stats are figures of what stands in the folder.
type Stats struct {
	Files    int           // waiting
	Bytes    int64         // of all files, set aside ones too: what the cap counts
	MaxBytes int64         // the cap, 0 where it isn't known
	Oldest   time.Duration // whole hours the oldest has waited; since midnight of its day when an earlier process took it
	Damaged  int           // set aside: torn or altered
	Refused  int           // set aside: the store refused them for good
}

// Stats are the figures as they stand now.
func (s *Spool) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := &s.index
	st := Stats{Files: len(x.waiting), Bytes: x.bytes + x.setBytes, MaxBytes: s.o.MaxBytes, Damaged: x.set[damaged], Refused: x.set[refused]}
	if len(x.waiting) > 0 {
		st.Oldest = age(s.o.Now(), x.waiting[0].since)
	}
	return st
}

// age is in whole hours: finer, it would tell when the tip came in.
func age(now, since time.Time) time.Duration {
	return max(0, now.Truncate(time.Hour).Sub(since).Truncate(time.Hour))
}

// Look takes the figures of a folder beside the process that has it open; it
// reads names and sizes alone and changes nothing. No folder is an empty one.
func Look(dir string, now time.Time) (Stats, error) {
	var st Stats
	for _, name := range []string{".", damaged, refused} {
		files, err := list(os.DirFS(dir), name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return Stats{}, plain(err)
		}
		for _, f := range files {
			st.Bytes += f.size
		}
		switch name {
		case damaged:
			st.Damaged = len(files)
		case refused:
			st.Refused = len(files)
		default:
			st.Files = len(files)
			if len(files) > 0 {
				st.Oldest = age(now, files[0].day)
			}
		}
	}
	return st, nil
}
