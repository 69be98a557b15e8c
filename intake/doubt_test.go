package intake_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/intaketest"
)

// silent is a store whose commits have no answer, whether they were made or not.
type silent struct {
	intake.Store
	commits bool
}

func (s silent) Accept(ctx context.Context, a *intake.Acceptance) (_ intake.Accepted, err error) {
	if s.commits {
		_, err = s.Store.Accept(ctx, a)
	}
	return intake.Accepted{}, errors.Join(err, intake.ErrNotDurable, intake.ErrInDoubt)
}

func (s silent) AddFollowUp(ctx context.Context, f intake.FollowUp) (duplicate bool, err error) {
	if s.commits {
		_, err = s.Store.AddFollowUp(ctx, f)
	}
	return false, errors.Join(err, intake.ErrNotDurable, intake.ErrInDoubt)
}

// TestCommitsInDoubt: who was told of no success sends again and hears of the first tip, whose
// files must be there. Where there was no first one, its files go as orphans.
func TestCommitsInDoubt(t *testing.T) {
	for name, commits := range map[string]bool{"made": true, "not made": false} {
		t.Run(name, func(t *testing.T) {
			o := intaketest.Open(t)
			large := strings.Repeat("two", 40_000) // in a file, not in its row
			report := func() *intake.Report {
				return &intake.Report{Channel: intake.Web, Token: additionToken, Words: intake.Words{Text: "words"}, Files: filesOf(large)}
			}
			sure := o.Door()
			o.Deps.Store = silent{o.Store, commits}
			if _, err := o.Door().Submit(t.Context(), report()); !errors.Is(err, intake.ErrNotDurable) {
				t.Fatal(err)
			}
			f, err := sure.Submit(t.Context(), report())
			intaketest.Must(t, err)
			add := func(d *intake.Service) error {
				_, err := d.Add(t.Context(), f.Receipt, intake.Addition{Token: additionToken, Files: filesOf(large)})
				return err
			}
			if err := add(o.Door()); !errors.Is(err, intake.ErrNotDurable) {
				t.Fatal(err)
			}
			intaketest.Must(t, add(sure))
			if files := readable(t, o, f.ID); f.Duplicate != commits || len(files) != 4 {
				t.Errorf("duplicate %v, containers %q", f.Duplicate, files)
			}
			o.Clock.Add(49 * time.Hour)
			left, err := o.Blobs.Collect(t.Context(), 24*time.Hour, func(tip, file string) (bool, error) { return o.Store.HasFile(t.Context(), tip, file) })
			intaketest.Must(t, err)
			if want := map[bool]int{true: 0, false: 4}[commits]; left != want || len(readable(t, o, f.ID)) != 4 {
				t.Errorf("%d orphans were collected, want %d", left, want)
			}
		})
	}
}

// readable are the tip's containers that can be read to their ends.
func readable(t *testing.T, o *intaketest.Office, tip string) (names []string) {
	t.Helper()
	containers, err := o.Store.Containers(t.Context(), tip)
	intaketest.Must(t, err)
	for _, c := range containers {
		if c.Inline != nil {
			t.Errorf("%s stands in its row", c.Compartment)
			continue
		}
		file, err := o.Blobs.Open(tip, c.Compartment)
		intaketest.Must(t, err)
		n, err := io.Copy(io.Discard, io.NewSectionReader(file, 0, 1<<20))
		intaketest.Must(t, errors.Join(err, file.Close()))
		if n > 100_000 {
			names = append(names, c.Compartment)
		}
	}
	slices.Sort(names)
	return names
}
