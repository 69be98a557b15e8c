// Package intaketest is an office for tests: the door over a real store, real
// containers and the real cleaner, with its own keys, clock and verdict of the
// limits.
package intaketest

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"tipline/crypto/pseudonym"
	"tipline/crypto/receipt"
	"tipline/crypto/waiting"
	"tipline/intake"
	"tipline/intake/blob"
	"tipline/intake/media"
	"tipline/intake/store"
)

// Desk is the office's desk, and Loc its time zone.
const Desk = "main"

// Loc is +08:00, so that a date in UTC is another one at night.
func Loc() *time.Location { return time.FixedZone("CST", 8*3600) }

// Office is everything behind the door. Deps may be changed before Service is made.
type Office struct {
	Dir                     string
	Store                   *store.Store
	Blobs                   *blob.Dir
	Clock                   *Clock
	Limits                  *Limits
	Desk, Custodian, Ledger *age.HybridIdentity
	Deps                    intake.Deps
}

// Open opens an office in a folder of its own; it closes with the test.
func Open(t testing.TB) *Office {
	t.Helper()
	o := &Office{Dir: t.TempDir(), Clock: NewClock(), Limits: &Limits{}}
	o.Desk, o.Custodian, o.Ledger = Identity(t), Identity(t), Identity(t)
	o.Deps.Pepper, o.Deps.Tags = receipt.NewPepper(), pseudonym.NewKey()
	o.open(t)
	return o
}

// Beside is a second process over the same folder, keys and clock.
func (o *Office) Beside(t testing.TB) *Office {
	t.Helper()
	twin := *o
	twin.open(t)
	return &twin
}

func (o *Office) open(t testing.TB) {
	t.Helper()
	var err error
	o.Store, err = store.Open(t.Context(), store.Options{Path: filepath.Join(o.Dir, "tips.db"), Loc: Loc(), Now: o.Clock.Now})
	Must(t, err)
	t.Cleanup(func() { Must(t, o.Store.Close()) })
	o.Blobs, err = blob.Open(filepath.Join(o.Dir, "blobs"), blob.Options{Loc: Loc(), Now: o.Clock.Now})
	Must(t, err)
	t.Cleanup(func() { Must(t, o.Blobs.Close()) })
	o.Deps = intake.Deps{Store: o.Store, Blobs: o.Blobs, Limits: o.Limits, Vocabulary: vocabulary{}, Router: oneDesk{}, Keys: o, Clean: Clean,
		Deadlines: Deadlines{}, Pepper: o.Deps.Pepper, Tags: o.Deps.Tags, Texts: o.Store, Fetches: o.Store, Waiting: waitingKey(t, o.Deps.Tags), Events: o.Events(), Loc: Loc(), Now: o.Clock.Now, MaxFiles: 3, MaxBytes: 1 << 20}
}

func waitingKey(t testing.TB, tags pseudonym.Key) waiting.Key {
	t.Helper()
	k, err := waiting.NewKey(tags)
	Must(t, err)
	return k
}

// Door is the service over Deps as they are now.
func (o *Office) Door() *intake.Service { return intake.NewService(o.Deps) }

// Events makes the office's events.
func (o *Office) Events() intake.Events {
	return intake.Events{Source: "https://tips.example.org", Loc: Loc(), Now: o.Clock.Now}
}

// DeskKeys are the same for every desk.
func (o *Office) DeskKeys(string) (intake.DeskKeys, error) {
	return intake.DeskKeys{Desk: o.Desk.Recipient(), Custodian: o.Custodian.Recipient(), Ledger: o.Ledger.Recipient(), Version: 1}, nil
}

// Identity is a fresh key.
func Identity(t testing.TB) *age.HybridIdentity {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	Must(t, err)
	return id
}

// Must ends the test with err, if there is one.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Clean is the real cleaner.
func Clean(src io.Reader, open func(string) (io.Writer, error)) (intake.CleanCopy, error) {
	r, err := media.Copy(src, open)
	return intake.CleanCopy{Type: r.Type, Clean: r.Clean, Reason: r.Reason, Size: r.Size, Width: r.Width, Height: r.Height, Removed: r.Removed}, err
}

// Clock stands until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock is at half past two in the morning at the office, the day before in UTC.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 11, 24, 2, 30, 0, 0, Loc())} }

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Add moves the clock on.
func (c *Clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Limits give one verdict and remember whom they were asked about.
type Limits struct {
	Verdict intake.Verdict
	mu      sync.Mutex
	asked   []intake.Subject
}

// Allow gives the verdict.
func (l *Limits) Allow(_ context.Context, s intake.Subject) intake.Verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, s)
	return l.Verdict
}

// Asked are the subjects so far.
func (l *Limits) Asked() []intake.Subject {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.asked
}

// Deadlines are seven days and thirty days, in calendar days; a question stops the
// clock for ten, what was taken up is sent on within three, and supervisors put a
// date off.
type Deadlines struct{}

// Acceptance is seven days on, and as many more as lie in pauses.
func (Deadlines) Acceptance(_ string, d intake.Date, pauses ...intake.Pause) intake.Date {
	n := 7
	for _, p := range pauses {
		if p.Until == "" {
			return ""
		}
		for day := days(p.From, 1); day <= p.Until; day = days(day, 1) {
			n++
		}
	}
	return days(d, n)
}

// Conclusion is thirty days on.
func (Deadlines) Conclusion(_ string, _, d intake.Date) intake.Date { return days(d, 30) }

// Feedback is never promised.
func (Deadlines) Feedback(string, intake.Date) intake.Date { return "" }

// Waits is ten days on.
func (Deadlines) Waits(_ string, d intake.Date) intake.Date { return days(d, 10) }

// Unsent is four days ago.
func (Deadlines) Unsent(_ string, today intake.Date) intake.Date { return days(today, -4) }

// Extending is thirty days more, by a supervisor.
func (d Deadlines) Extending(desk string, received, accepted intake.Date) intake.Extending {
	return intake.Extending{Role: "supervisor", Latest: days(d.Conclusion(desk, received, accepted), 30)}
}

// Sure is everything before 2027.
func (Deadlines) Sure(d intake.Date) bool { return d < "2027" }

func days(d intake.Date, n int) intake.Date {
	day, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return ""
	}
	return intake.DateOf(day.AddDate(0, 0, n), time.UTC)
}

// vocabulary knows every code that begins with "ok", and what is always there.
type vocabulary struct{}

func known(code string) bool { return strings.HasPrefix(code, "ok") }

func (vocabulary) Category(c string) bool { return known(c) || c == intake.CategoryUnknown }
func (vocabulary) Conduct(c string) bool  { return known(c) }
func (vocabulary) Source(c string) bool   { return known(c) || c == intake.SourcePublic }
func (vocabulary) Place(c string) bool    { return strings.HasPrefix(c, "4114222") }

type oneDesk struct{}

func (oneDesk) Route(*intake.Report) (string, bool) { return Desk, true }
