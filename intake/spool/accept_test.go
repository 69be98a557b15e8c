package spool_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
	"tipline/intake/spool"
)

// Only what a machine delivers, and only for want of a database, is spooled.
func TestWhatIsSpooled(t *testing.T) {
	hungUp, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx     context.Context
		err     error
		edit    func(*intake.Acceptance)
		spooled bool
	}{
		"sms":           {t.Context(), errAway, func(*intake.Acceptance) {}, true},
		"mail":          {t.Context(), errAway, func(a *intake.Acceptance) { a.Tip.Channel = intake.Email }, true},
		"normal lane":   {t.Context(), errAway, func(a *intake.Acceptance) { a.Event = &intake.Event{ID: "1"} }, true},
		"web":           {t.Context(), errAway, func(a *intake.Acceptance) { a.Tip.Channel = intake.Web }, false},
		"phone":         {t.Context(), errAway, func(a *intake.Acceptance) { a.Tip.Channel = intake.Phone }, false},
		"keyed in":      {t.Context(), errAway, func(a *intake.Acceptance) { a.Audit = &intake.Audit{Member: "li"} }, false},
		"sender left":   {hungUp, errAway, func(*intake.Acceptance) {}, false},
		"refused":       {t.Context(), intake.ErrInvalid, func(*intake.Acceptance) {}, false},
		"works":         {t.Context(), nil, func(*intake.Acceptance) {}, false},
		"no id":         {t.Context(), errAway, func(a *intake.Acceptance) { a.Tip.ID = "../x" }, false},
		"not exact":     {t.Context(), errAway, func(a *intake.Acceptance) { a.Tip.Department = "\xff" }, false},
		"another error": {t.Context(), errors.New("what"), func(*intake.Acceptance) {}, false},
	} {
		t.Run(name, func(t *testing.T) {
			u := open(t)
			u.db.fails(c.err)
			a := tip("")
			c.edit(a)
			got, err := u.s.Accept(c.ctx, a)
			if c.spooled != (len(u.files()) == 1) || u.s.Stats().Files != len(u.files()) {
				t.Errorf("files %v", u.files())
			}
			if c.spooled {
				check(t, err)
				if got.ID != a.Tip.ID || got.Duplicate {
					t.Errorf("answered %v", got)
				}
			} else if !errors.Is(err, c.err) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	for want, o := range map[error]spool.Options{
		spool.ErrCap:     {},
		spool.ErrChannel: {MaxBytes: 1, Channels: []intake.Channel{intake.SMS, intake.Web}},
	} {
		if s, err := spool.Open(t.TempDir(), o); !errors.Is(err, want) || s != nil {
			t.Errorf("%v: %v", want, err)
		}
	}
}

func TestOneProcessAlone(t *testing.T) {
	u := open(t)
	if _, err := spool.Open(u.dir, u.o); !errors.Is(err, spool.ErrInUse) {
		t.Errorf("a second one: %v", err)
	}
	u.reopen()
}

// A provider delivers again until it hears of success, to whichever process runs.
func TestSecondDelivery(t *testing.T) {
	u := open(t)
	first := tip("message 1")
	_, err := u.s.Accept(t.Context(), first)
	check(t, err)
	again := func(when string) {
		t.Helper()
		for want, a := range map[bool]*intake.Acceptance{true: tip("message 1"), false: first} {
			got, err := u.s.Accept(t.Context(), a)
			check(t, err)
			if (got != intake.Accepted{ID: first.Tip.ID, ReceivedOn: "2026-03-01", State: intake.StateReceived, Duplicate: want}) {
				t.Errorf("%s: answered %v", when, got)
			}
		}
		sameReceipt := tip("")
		sameReceipt.ReceiptTag = first.ReceiptTag
		if got, err := u.s.Accept(t.Context(), sameReceipt); err != nil || got.ID != first.Tip.ID || !got.Duplicate {
			t.Errorf("%s: the receipt's %v, %v", when, got, err)
		}
		if n := u.s.Stats().Files; n != 1 {
			t.Errorf("%s: %d files", when, n)
		}
	}
	again("at once")
	u.reopen()
	again("after a restart")
	u.db.fails(nil)
	again("before the replay") // the first one's receipt may be in somebody's hands already
	if got := u.db.stored(); len(got) > 0 {
		t.Errorf("stored %v", got)
	}
	if u.accept(2); u.s.Stats().Files != 1 {
		t.Error("tips without a message's tag were taken for one")
	}
}

// Deliveries at the same moment are one file.
func TestSecondDeliveryMeanwhile(t *testing.T) {
	u := open(t)
	var g sync.WaitGroup
	var mu sync.Mutex
	answers := map[string]int{}
	for range 8 {
		g.Go(func() {
			got, err := u.s.Accept(t.Context(), tip("message"))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			answers[got.ID]++
			mu.Unlock()
		})
	}
	g.Wait()
	if len(answers) != 1 || len(u.files()) != 1 {
		t.Errorf("answered with %d tips, %d files", len(answers), len(u.files()))
	}
}

// At the cap the database's error stays and says so; what is there stays too.
func TestCap(t *testing.T) {
	u := open(t)
	u.accept(1)
	size := u.s.Stats().Bytes
	u.o.MaxBytes = 3*size + size/2
	u.reopen()
	u.accept(2)
	_, err := u.s.Accept(t.Context(), tip(""))
	if !errors.Is(err, intake.ErrNotDurable) || !errors.Is(err, spool.ErrFull) || !strings.Contains(err.Error(), "full") {
		t.Errorf("over the cap: %v", err)
	}
	if st := u.s.Stats(); st.Files != 3 || st.Bytes > st.MaxBytes || len(u.files()) != 3 {
		t.Errorf("%+v", st)
	}
	u.db.fails(nil) // the store is asked even while it rests
	if _, err := u.s.Accept(t.Context(), tip("")); err != nil || len(u.db.stored()) != 1 {
		t.Errorf("full, and the database is back: %v", err)
	}
}

// What was set aside takes its room of the cap, or files nobody looks at would fill the disk.
func TestCapCountsWhatIsSetAside(t *testing.T) {
	u := open(t)
	u.accept(1)
	u.o.MaxBytes = u.s.Stats().Bytes * 3 / 2
	u.edit(u.files()[0], func(b []byte) []byte { b[len(b)-1]++; return b })
	u.reopen()
	if st := u.s.Stats(); st.Damaged != 1 || st.Files != 0 {
		t.Fatalf("%+v", st)
	}
	if _, err := u.s.Accept(t.Context(), tip("")); !errors.Is(err, spool.ErrFull) {
		t.Errorf("beside a file that was set aside: %v", err)
	}
}

// A disk that takes nothing keeps the database's error, and nobody hears of success.
func TestDiskFails(t *testing.T) {
	u := open(t)
	check(t, os.RemoveAll(filepath.Join(u.dir, "tmp")))
	a := tip("")
	_, err := u.s.Accept(t.Context(), a)
	if !errors.Is(err, intake.ErrNotDurable) || strings.Contains(err.Error(), a.Tip.ID) {
		t.Errorf("error is %v", err)
	}
	if u.s.Stats() != (spool.Stats{MaxBytes: 1 << 20}) {
		t.Errorf("%+v", u.s.Stats())
	}
}

func TestClosed(t *testing.T) {
	u := open(t)
	check(t, u.s.Close())
	if _, err := u.s.Accept(t.Context(), tip("")); !errors.Is(err, intake.ErrNotDurable) || !errors.Is(err, spool.ErrClosed) {
		t.Errorf("error is %v", err)
	}
}

// A database that doesn't answer costs the first gateway its patience, and those
// after it nothing.
func TestHangingDatabase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := open(t)
		u.db.hangs = true
		begin := time.Now()
		u.accept(1)
		if d := time.Since(begin); d != 4*time.Second {
			t.Errorf("the first one waited %v", d)
		}
		begin = time.Now()
		u.accept(20)
		if d := time.Since(begin); d != 0 || u.db.asks() != 1 {
			t.Errorf("the others waited %v, the store was asked %d times", d, u.db.asks())
		}
		u.db.hangs = false
		u.db.fails(nil)
		time.Sleep(2 * time.Second) // the bubble's clock
		if u.accept(1); len(u.db.stored()) != 1 || u.s.Stats().Files != 21 {
			t.Error("the database isn't asked again after its rest")
		}
	})
}

// What a crash leaves: half a file in the making, a torn one, an altered one, one
// under another's name, and strangers. The whole ones are there and in order.
func TestAfterACrash(t *testing.T) {
	u := open(t)
	ids := u.accept(6)
	names := u.files()
	check(t, u.s.Close())
	content, err := os.ReadFile(filepath.Join(u.dir, names[0]))
	check(t, err)
	check(t, os.WriteFile(filepath.Join(u.dir, "tmp", "HALF"), content[:100], 0o600))
	check(t, os.WriteFile(filepath.Join(u.dir, "notes.txt"), nil, 0o600))
	u.edit(names[1], func(b []byte) []byte { return b[:len(b)/2] })
	u.edit(names[2], func(b []byte) []byte { b[len(b)-9] ^= 4; return b })
	u.edit(names[3], func([]byte) []byte { return nil })
	u.edit(names[4], func([]byte) []byte { return content })
	u.open()
	want := []string{"damaged/" + names[1], "damaged/" + names[2], "damaged/" + names[3], "damaged/" + names[4], "notes.txt", names[0], names[5]}
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(u.files()))); diff != "" {
		t.Error(diff)
	}
	if st := u.s.Stats(); st.Files != 2 || st.Damaged != 4 {
		t.Errorf("%+v", st)
	}
	for _, id := range ids {
		if strings.Contains(u.log.String(), id) {
			t.Error("the log names a tip")
		}
	}
	if n := strings.Count(u.log.String(), "damaged file: "); n != 4 {
		t.Errorf("%d reasons in the log:\n%s", n, u.log)
	}
	u.accept(1)
	if last := u.files(); !slices.ContainsFunc(last, func(n string) bool { return strings.HasPrefix(n, "00000000000000000007-") }) {
		t.Errorf("the next number isn't behind the others': %v", last)
	}
}
