package spool_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"tipline/intake"
	"tipline/intake/spool"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	beijing = time.FixedZone("UTC+8", 8*60*60)
	today   = time.Date(2026, 3, 1, 15, 4, 5, 6, beijing)

	errAway = fmt.Errorf("%w: connection refused", intake.ErrNotDurable)
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// database is a store that can go away, refuse a tip and forget to answer.
type database struct {
	mu       sync.Mutex
	err      error            // for every tip
	refuse   map[string]error // for one
	hangs    bool
	tips     []string
	messages map[string]string
	asked    int
}

func (d *database) Accept(ctx context.Context, a *intake.Acceptance) (intake.Accepted, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked++
	if d.hangs {
		<-ctx.Done()
		return intake.Accepted{}, fmt.Errorf("%w: %w", intake.ErrNotDurable, ctx.Err())
	}
	if err := errors.Join(d.err, d.refuse[a.Tip.ID]); err != nil {
		return intake.Accepted{}, err
	}
	got := intake.Accepted{ID: a.Tip.ID, ReceivedOn: a.Tip.ReceivedOn, State: a.Tip.State}
	if slices.Contains(d.tips, a.Tip.ID) {
		return got, nil
	}
	if first, ok := d.messages[string(a.MessageTag)]; ok && len(a.MessageTag) > 0 {
		got.ID, got.Duplicate = first, true
		return got, nil
	}
	if d.messages == nil {
		d.messages = map[string]string{}
	}
	d.messages[string(a.MessageTag)] = a.Tip.ID
	d.tips = append(d.tips, a.Tip.ID)
	return got, nil
}

func (d *database) fails(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = err
}

func (d *database) refuses(tip string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refuse == nil {
		d.refuse = map[string]error{}
	}
	d.refuse[tip] = err
}

func (d *database) stored() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.tips)
}

func (d *database) asks() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.asked
}

// tip is the acceptance of a text message with the given provider's tag.
func tip(message string) *intake.Acceptance {
	id := intake.NewID()
	a := &intake.Acceptance{
		Tip: intake.Tip{ID: id, Facts: intake.Facts{Desk: "main", Channel: intake.SMS, Category: "occupy", Place: "411422100", Lane: intake.Held,
			Reply: intake.ReplyReceipt, ReceivedOn: "2026-03-01"}, State: intake.StateReceived, KeyVersion: 1},
		Parts:      []intake.Part{{Compartment: intake.CompartmentReport, Name: intake.PartName, Sealed: []byte("sealed")}},
		Containers: []intake.Container{{Compartment: intake.CompartmentOriginals, Streams: []intake.Stream{{Name: "1", Length: 70_000}}}},
		ReceiptTag: []byte("receipt " + id), Reporter: "age1pq1reporter", SenderTag: []byte("sender"),
	}
	if message != "" {
		a.MessageTag = []byte(message)
	}
	return a
}

type setup struct {
	t   *testing.T
	dir string
	db  *database
	o   spool.Options
	s   *spool.Spool
	log *strings.Builder
}

// open is a spool before a database that is away.
func open(t *testing.T) *setup {
	t.Helper()
	u := &setup{t: t, dir: filepath.Join(t.TempDir(), "spool"), db: &database{err: errAway}, log: &strings.Builder{}}
	u.o = spool.Options{Store: u.db, MaxBytes: 1 << 20, Loc: beijing, Now: func() time.Time { return today }, Log: slog.New(slog.NewTextHandler(u.log, nil))}
	u.open()
	t.Cleanup(func() { check(t, u.s.Close()) })
	return u
}

func (u *setup) open() {
	u.t.Helper()
	s, err := spool.Open(u.dir, u.o)
	check(u.t, err)
	u.s = s
}

// reopen is the next process.
func (u *setup) reopen() {
	u.t.Helper()
	check(u.t, u.s.Close())
	u.open()
}

// accept takes n tips, and gives back their ids.
func (u *setup) accept(n int) (ids []string) {
	u.t.Helper()
	for range n {
		a := tip("")
		got, err := u.s.Accept(u.t.Context(), a)
		check(u.t, err)
		if want := (intake.Accepted{ID: a.Tip.ID, ReceivedOn: "2026-03-01", State: intake.StateReceived}); got != want {
			u.t.Fatalf("answered %v", got)
		}
		ids = append(ids, a.Tip.ID)
	}
	return ids
}

// run replays until the test ends the returned way.
func (u *setup) run() (end func()) {
	ctx, cancel := context.WithCancel(u.t.Context())
	done := make(chan error, 1)
	go func() { done <- u.s.Run(ctx) }()
	return func() {
		u.t.Helper()
		cancel()
		check(u.t, <-done)
	}
}

// files are the spool's files below its folder.
func (u *setup) files() (names []string) {
	u.t.Helper()
	check(u.t, filepath.WalkDir(u.dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			name, _ := filepath.Rel(u.dir, path)
			names = append(names, name)
		}
		return err
	}))
	return names
}

func (u *setup) edit(name string, how func([]byte) []byte) {
	u.t.Helper()
	name = filepath.Join(u.dir, name)
	content, err := os.ReadFile(name)
	check(u.t, err)
	check(u.t, os.WriteFile(name, how(content), 0o600))
}
