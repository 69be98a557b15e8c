package mailbox

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"tipline/intake"
)

// scripted is a mailbox whose visits end as a test says.
type scripted struct {
	visits []time.Duration // since the start
	began  time.Time
	ends   func(n int) error
}

func (s *scripted) open(context.Context) (box, error) {
	s.visits = append(s.visits, time.Since(s.began))
	return s, s.ends(len(s.visits))
}

func (*scripted) list(bool) ([]entry, error)                        { return nil, nil }
func (*scripted) fetch(entry, func(io.Reader) error) error          { return nil }
func (*scripted) settle(entry) (bool, error)                        { return true, nil }
func (*scripted) wait(context.Context, time.Duration) (bool, error) { return false, nil }
func (*scripted) close() error                                      { return nil }

func (s *scripted) run(t *testing.T, o *office, d time.Duration) {
	p := o.poller(t, func(c *Options) { c.Addr, c.Poll = "127.0.0.1:1", time.Minute; c.Provider = POP3 })
	p.open = s.open
	s.began = time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	p.Run(ctx)
}

// TestBackoff: failures come at growing distances that are never the same for two
// mailboxes, a refused login waits longer at once, and a success is followed by
// the ordinary pace.
func TestBackoff(t *testing.T) {
	gap := func(v []time.Duration, i int) time.Duration { return v[i] - v[i-1] }
	t.Run("broken", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o := newOffice()
			s := &scripted{ends: func(n int) error {
				if n <= 12 {
					return errBroken
				}
				return nil
			}}
			s.run(t, o, 3*time.Hour)
			for i := 1; i <= 11; i++ {
				most := min(firstPause<<(i-1), longestPause)
				if g := gap(s.visits, i); g < most/2 || g > most {
					t.Errorf("try %d after %v, want between %v and %v", i+1, g, most/2, most)
				}
			}
			if g := gap(s.visits, 14); g != time.Minute {
				t.Errorf("after a success %v", g)
			}
			if got := o.noted(); got.Cause != "" || got.Failures != 0 || got.WorkedAt.IsZero() {
				t.Errorf("noted %+v", got)
			}
		})
	})
	t.Run("login", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o := newOffice()
			s := &scripted{ends: func(int) error { return errLogin }}
			s.run(t, o, time.Hour)
			if g := gap(s.visits, 1); g < loginPause/2 {
				t.Errorf("asked again after %v", g)
			}
			if got := o.noted(); got.Cause != "login" || got.Failures != len(s.visits) {
				t.Errorf("noted %+v after %d", got, len(s.visits))
			}
		})
	})
	t.Run("limited", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o := newOffice()
			s := &scripted{ends: func(int) error { return &intake.LimitedError{RetryAfter: 7 * time.Minute} }}
			s.run(t, o, 8*time.Minute)
			if len(s.visits) != 2 || gap(s.visits, 1) != 7*time.Minute {
				t.Errorf("visits %v", s.visits)
			}
		})
	})
}

// TestBadConfiguration: what can't work is refused before anything runs.
func TestBadConfiguration(t *testing.T) {
	for _, bad := range []Options{
		{Name: "a", Provider: "exchange", Addr: "h:1", Secrets: []string{"s"}},
		{Name: "a", Provider: POP3, Addr: "h:1", Secrets: []string{"s"}, After: Move, Folder: "f"},
		{Name: "a", Provider: IMAP, Addr: "h", Secrets: []string{"s"}},
		{Name: "a", Provider: IMAP, Addr: "h:1"},
	} {
		if p, err := New(bad); err == nil || p != nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	if causeOf(errors.New("anything")) != "broken" {
		t.Error("an unknown error has no code")
	}
}
