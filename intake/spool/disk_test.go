package spool

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tipline/intake"
)

// away is a database that takes nothing.
type away struct{}

func (away) Accept(context.Context, *intake.Acceptance) (intake.Accepted, error) {
	return intake.Accepted{}, intake.ErrNotDurable
}

// TestOnTheDiskBeforeTheAnswer: first the file's bytes, then its name, and where either can't be brought to the disk
// nobody hears of success and nothing is left.
func TestOnTheDiskBeforeTheAnswer(t *testing.T) {
	for fails, want := range map[int]int{0: 2, 1: 1, 2: 2} {
		dir := t.TempDir()
		s, err := Open(dir, Options{Store: away{}, MaxBytes: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		var synced []string // what, and how many tips stood under their names by then
		s.folder.sync = func(f *os.File) error {
			stand, err := filepath.Glob(filepath.Join(dir, "*.tip"))
			if name, _ := filepath.Rel(dir, f.Name()); filepath.Dir(name) == temp {
				synced = append(synced, "the bytes")
			} else if name == "." && len(stand) == 1 {
				synced = append(synced, "the name")
			}
			if len(synced) == fails {
				err = os.ErrDeadlineExceeded
			}
			return errors.Join(err, f.Sync())
		}
		a := full(t)
		a.Tip.Channel, a.Audit = intake.SMS, nil
		_, err = s.Accept(t.Context(), a)
		if !slices.Equal(synced, []string{"the bytes", "the name"}[:want]) {
			t.Errorf("failing at %d: to the disk went %q", fails, synced)
		}
		left, _ := filepath.Glob(filepath.Join(dir, "*.tip"))
		if (err == nil) != (fails == 0) || (len(left) == 1) != (fails == 0) || fails > 0 && !errors.Is(err, intake.ErrNotDurable) {
			t.Errorf("failing at %d: %v, %d files", fails, err, len(left))
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
