package spool

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"slices"
	"time"
)

// How the replay waits: after a failure a pause that doubles up to longest, and
// an answer of the store that takes longer than limit is none.
const (
	first   = 250 * time.Millisecond
	longest = 15 * time.Second
	limit   = 30 * time.Second
)

// enough strikes show that it is the tip which fails and not the store: then it
// keeps its place and those behind it go past.
const enough = 3

// Run brings what waits to the store, oldest first, until ctx ends; it returns
// nil then. A file goes only after the store's commit. What the store refuses for
// good, or can't be read, is set aside.
func (s *Spool) Run(ctx context.Context) error {
	var pause time.Duration
	for ctx.Err() == nil {
		err := s.round(ctx)
		if err == nil {
			s.caughtUp(pause)
			pause = 0
			s.waitForFiles(ctx)
			continue
		}
		if ctx.Err() == nil {
			pause = s.fellBehind(pause, err)
			s.waitForStore(ctx, pause/2+rand.N(pause/2+1))
		}
	}
	return nil
}

// fellBehind is the next pause. It logs only once the pauses have grown: a line at
// the first failure would tell when the first tip came in.
func (s *Spool) fellBehind(pause time.Duration, err error) time.Duration {
	next := min(max(2*pause, first), longest)
	if next == longest && pause < longest {
		s.o.Log.Warn("tips wait in the spool: the database doesn't take them; trying again", "error", err)
	}
	return next
}

func (s *Spool) caughtUp(pause time.Duration) {
	if pause == longest {
		s.o.Log.Info("the spool is empty again")
	}
}

func (s *Spool) waitForFiles(ctx context.Context) {
	for ctx.Err() == nil && len(s.snapshot()) == 0 {
		select {
		case <-ctx.Done():
		case <-s.arrived:
		}
	}
}

func (s *Spool) waitForStore(ctx context.Context, most time.Duration) {
	t := time.NewTimer(most)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-s.back:
	case <-t.C:
	}
}

func (s *Spool) snapshot() []*entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.index.waiting)
}

// round tries what waits, in order, up to the first failure that may be the
// store's.
func (s *Spool) round(ctx context.Context) (failed error) {
	for _, e := range s.snapshot() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := s.replay(ctx, e); err != nil {
			if failed = err; !s.passable(e) {
				break
			}
		}
	}
	return failed
}

// replay brings one file to the store.
func (s *Spool) replay(ctx context.Context, e *entry) error {
	a, err := s.read(e.name)
	switch {
	case errors.Is(err, ErrDamaged):
		return s.setAside(e, damaged, err)
	case errors.Is(err, fs.ErrNotExist):
		s.forget(e)
		s.o.Log.Error("a file was taken out of the spool before its tip reached the database")
		return nil
	case err != nil:
		s.mu.Lock()
		e.strikes = enough // the disk's trouble, not the store's
		s.mu.Unlock()
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	a.Opens = false // what was sealed as a tip stays one, whatever came in meanwhile
	_, err = s.ask(ctx, a)
	switch {
	case err == nil: // a duplicate is done as well
		return s.done(e)
	case refusal(err):
		return s.setAside(e, refused, err)
	default:
		return err
	}
}

// done removes a file whose tip is committed. Where that fails the tip is given
// again, and the store knows it.
func (s *Spool) done(e *entry) error {
	if err := s.folder.remove(e.name); err != nil {
		return err
	}
	s.forget(e)
	return s.folder.settle(".")
}

func (s *Spool) forget(e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.index.remove(e)
}

// passable says of an entry that just failed whether those behind it may go past:
// others were stored between its failures, again and again.
func (s *Spool) passable(e *entry) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.outlook.successes != e.seen {
		e.seen = s.outlook.successes
		if e.strikes++; e.strikes == enough {
			s.o.Log.Error("a tip in the spool isn't taken by the database though others are; it waits and is tried on")
		}
	}
	return e.strikes >= enough
}
