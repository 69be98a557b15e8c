package spool_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
	"tipline/intake/spool"
)

// stands waits out the longest pause and compares what is stored.
func (u *setup) stands(want []string, left spool.Stats) {
	u.t.Helper()
	time.Sleep(time.Minute) // the bubble's clock
	synctest.Wait()
	if diff := cmp.Diff(want, u.db.stored()); diff != "" {
		u.t.Error(diff)
	}
	got := u.s.Stats()
	got.Bytes, got.MaxBytes, got.Oldest = 0, 0, 0
	if diff := cmp.Diff(left, got); diff != "" {
		u.t.Error(diff)
	}
}

// What waits comes in the order it arrived in, from before a restart and after.
func TestReplayInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := open(t)
		ids := u.accept(12)
		u.reopen()
		ids = append(ids, u.accept(3)...)
		defer u.run()()
		u.stands(nil, spool.Stats{Files: 15})
		if u.db.asks() > 60 {
			t.Errorf("the database was asked %d times within a minute", u.db.asks())
		}
		if !strings.Contains(u.log.String(), "tips wait in the spool") || strings.Contains(u.log.String(), ids[0]) {
			t.Errorf("the log says\n%s", u.log)
		}
		u.db.fails(nil)
		u.stands(ids, spool.Stats{})
		if len(u.files()) != 0 || u.s.Stats().Bytes != 0 {
			t.Errorf("left: %v", u.files())
		}
		if !strings.Contains(u.log.String(), "empty again") {
			t.Error("the log doesn't say that it is over")
		}
		u.db.fails(errAway)
		more := u.accept(1)
		u.stands(ids, spool.Stats{Files: 1})
		u.db.fails(nil)
		u.stands(append(ids, more...), spool.Stats{})
	})
}

// The first gateway or citizen whom the database serves ends the pause.
func TestReplayAtOnceWhenTheDatabaseIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := open(t)
		ids := u.accept(3)
		defer u.run()()
		u.stands(nil, spool.Stats{Files: 3})
		u.db.fails(nil)
		web := tip("")
		web.Tip.Channel = intake.Web
		_, err := u.s.Accept(t.Context(), web)
		check(t, err)
		synctest.Wait()
		if diff := cmp.Diff(append([]string{web.Tip.ID}, ids...), u.db.stored()); diff != "" {
			t.Error(diff)
		}
	})
}

// What the store refuses for good is kept apart, and the others go past.
func TestRefused(t *testing.T) {
	for _, reason := range []error{intake.ErrInvalid, intake.ErrConflict, intake.ErrNotFound} {
		synctest.Test(t, func(t *testing.T) {
			u := open(t)
			ids := u.accept(4)
			u.db.fails(nil)
			u.db.refuses(ids[1], reason)
			defer u.run()()
			u.stands(slices.Delete(slices.Clone(ids), 1, 2), spool.Stats{Refused: 1})
			if got := u.files(); len(got) != 1 || filepath.Dir(got[0]) != "refused" || !strings.Contains(got[0], ids[1]) {
				t.Errorf("left: %v", got)
			}
			u.accept(1)
			u.reopen()
			if st := u.s.Stats(); st.Refused != 1 || st.Bytes == 0 {
				t.Errorf("after a restart: %+v", st)
			}
		})
	}
}

// A tip that the database alone doesn't take keeps nobody waiting for ever, and
// isn't given up.
func TestPoisoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := open(t)
		ids := u.accept(5)
		u.db.fails(nil)
		for _, id := range ids[:2] {
			u.db.refuses(id, errAway)
		}
		defer u.run()()
		u.stands(nil, spool.Stats{Files: 5}) // nothing shows that the database works
		for range 8 {
			u.accept(1)
			time.Sleep(time.Minute)
		}
		stored := u.db.stored()
		if st := u.s.Stats(); st.Files != 2 || st.Refused != 0 {
			t.Errorf("%+v", st)
		}
		if got := slices.DeleteFunc(slices.Clone(stored), func(id string) bool { return !slices.Contains(ids, id) }); !slices.Equal(got, ids[2:]) {
			t.Errorf("%d of those behind went past, or not in order", len(got))
		}
		for _, id := range ids[:2] {
			u.db.refuses(id, nil)
		}
		u.stands(append(stored, ids[:2]...), spool.Stats{})
	})
}

// Killed between the store's commit and the removal, or delivered to another
// process meanwhile: the store knows the tip, and the file is done.
func TestReplayOfWhatIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := open(t)
		a, b := tip("message a"), tip("message b")
		for _, a := range []*intake.Acceptance{a, b} {
			_, err := u.s.Accept(t.Context(), a)
			check(t, err)
		}
		u.db.fails(nil)
		elsewhere := tip("message b")
		for _, a := range []*intake.Acceptance{a, elsewhere} {
			_, err := u.db.Accept(t.Context(), a)
			check(t, err)
		}
		defer u.run()()
		u.stands([]string{a.Tip.ID, elsewhere.Tip.ID}, spool.Stats{})
		if left := u.files(); len(left) != 0 {
			t.Errorf("a duplicate stays in the spool: %v", left)
		}
	})
}

// Damage between the start and the replay holds nobody up either.
func TestDamagedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := open(t)
		ids := u.accept(5)
		names := u.files()
		u.edit(names[0], func(b []byte) []byte { return b[:len(b)-1] })
		check(t, os.Remove(filepath.Join(u.dir, names[1])))
		check(t, os.Remove(filepath.Join(u.dir, names[2])))
		check(t, os.Mkdir(filepath.Join(u.dir, names[2]), 0o700)) // can't be read, and may be later
		u.db.fails(nil)
		defer u.run()()
		u.stands(ids[3:], spool.Stats{Files: 1, Damaged: 1})
		if strings.Contains(u.log.String(), ids[2]) {
			t.Errorf("the log names a tip:\n%s", u.log)
		}
	})
}

// Run ends with its context wherever it is: idle, in a pause, or with the store.
func TestRunEnds(t *testing.T) {
	for name, prepare := range map[string]func(*setup){
		"idle":     func(*setup) {},
		"pause":    func(u *setup) { u.accept(1) },
		"at store": func(u *setup) { u.accept(1); u.db.hangs = true },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := open(t)
				prepare(u)
				end := u.run()
				time.Sleep(time.Second)
				begin := time.Now()
				end()
				if time.Since(begin) != 0 {
					t.Error("it took its time")
				}
			})
		})
	}
}

// Figures, file times and modes tell the day and no more.
func TestWhatTimesTell(t *testing.T) {
	u := open(t)
	now := today
	u.o.Now = func() time.Time { return now }
	u.reopen()
	u.accept(2)
	midnight := time.Date(2026, 3, 1, 0, 0, 0, 0, beijing)
	for _, name := range append(u.files(), ".", "tmp") {
		info, err := os.Stat(filepath.Join(u.dir, name))
		check(t, err)
		if name != "tmp" && !info.ModTime().Equal(midnight) {
			t.Errorf("%s tells the time %v", name, info.ModTime())
		}
		if want := map[bool]os.FileMode{true: 0o700, false: 0o600}[info.IsDir()]; info.Mode().Perm() != want {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
	for _, c := range []struct {
		later time.Duration
		want  time.Duration
	}{{0, 0}, {55 * time.Minute, 0}, {56 * time.Minute, time.Hour}, {26 * time.Hour, 26 * time.Hour}, {-50 * time.Hour, 0}} {
		now = today.Add(c.later)
		if got := u.s.Stats().Oldest; got != c.want {
			t.Errorf("after %v: %v", c.later, got)
		}
	}
	now = today.Add(2 * time.Hour)
	u.reopen()
	if got := u.s.Stats().Oldest; got != 17*time.Hour { // since midnight: the hour isn't on the disk
		t.Errorf("after a restart: %v", got)
	}
}

// A look from beside sees what the owner sees.
func TestLook(t *testing.T) {
	u := open(t)
	u.accept(4)
	names := u.files()
	u.edit(names[0], func(b []byte) []byte { return b[1:] })
	u.reopen()
	want := u.s.Stats()
	want.MaxBytes = 0
	if got, err := spool.Look(u.dir, today); err != nil || got != want {
		t.Errorf("%+v, %v; the owner says %+v", got, err, want)
	}
	if got, err := spool.Look(filepath.Join(u.dir, "none"), today); err != nil || got != (spool.Stats{}) {
		t.Errorf("no folder: %+v, %v", got, err)
	}
}

// Errors that stay as they are: nothing is set aside for a database's trouble.
func TestUnknownErrorsAreTriedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := open(t)
		ids := u.accept(1)
		defer u.run()()
		for _, err := range []error{errors.New("what"), fmt.Errorf("%w: %w", intake.ErrNotDurable, intake.ErrConflict)} {
			u.db.fails(err)
			u.stands(nil, spool.Stats{Files: 1})
		}
		u.db.fails(nil)
		u.stands(ids, spool.Stats{})
	})
}
