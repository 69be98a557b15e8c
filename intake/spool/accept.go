package spool

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tipline/intake"
)

// rest is how long the store isn't asked again after it failed a gateway, so that
// not each of them waits for it.
const rest = time.Second

// Accept stores a tip as the store does. When that fails with an error that wraps
// [intake.ErrNotDurable] and the tip came through a gateway, it goes to the disk
// and the answer is the same: it is durable. A second delivery of what waits here
// is a duplicate of it.
//
// Errors are the store's. When the spool couldn't take the tip either, its reason
// ([ErrFull], [ErrClosed], the disk's) is joined to it.
func (s *Spool) Accept(ctx context.Context, a *intake.Acceptance) (intake.Accepted, error) {
	if got, here := s.same(a); here {
		return got, nil
	}
	if !s.spoolable(a) {
		return s.ask(ctx, a)
	}
	if s.resting() {
		if got, err := s.keep(ctx, a); err == nil {
			return got, nil
		}
	}
	got, err := s.askGateway(ctx, a)
	if !errors.Is(err, intake.ErrNotDurable) || ctx.Err() != nil { // whoever hung up isn't told of success
		return got, err
	}
	s.failed()
	got, kept := s.keep(ctx, a)
	if kept != nil {
		return intake.Accepted{}, fmt.Errorf("%w; %w", err, kept)
	}
	return got, nil
}

// spoolable says whether a machine that would deliver again stands before a. What
// a member keyed in isn't, whatever its channel.
func (s *Spool) spoolable(a *intake.Acceptance) bool {
	return a.Audit == nil && slices.Contains(s.o.Channels, a.Tip.Channel)
}

func (s *Spool) same(a *intake.Acceptance) (intake.Accepted, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.index.same(a)
}

func (s *Spool) askGateway(ctx context.Context, a *intake.Acceptance) (intake.Accepted, error) {
	ctx, cancel := context.WithTimeout(ctx, s.o.Patience)
	defer cancel()
	return s.ask(ctx, a)
}

// ask gives a to the store and remembers that it works.
func (s *Spool) ask(ctx context.Context, a *intake.Acceptance) (intake.Accepted, error) {
	got, err := s.o.Store.Accept(ctx, a)
	if err == nil {
		s.worked()
	}
	return got, err
}

// outlook is what is known of the store.
type outlook struct {
	successes uint64
	failing   bool
	askAgain  time.Time // by the running clock, which nobody sets
}

func (s *Spool) worked() {
	s.mu.Lock()
	back := s.outlook.failing
	s.outlook.successes++
	s.outlook.failing = false
	s.mu.Unlock()
	if back {
		rouse(s.back)
	}
}

func (s *Spool) failed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outlook.failing, s.outlook.askAgain = true, time.Now().Add(rest)
}

// resting says whether the store is to be left alone. When its rest is over, one
// caller alone asks it.
func (s *Spool) resting() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.outlook.failing {
		return false
	}
	now := time.Now()
	if now.Before(s.outlook.askAgain) {
		return true
	}
	s.outlook.askAgain = now.Add(s.o.Patience + rest)
	return false
}

func rouse(sleeper chan<- struct{}) {
	select {
	case sleeper <- struct{}{}:
	default: // it has a sign already
	}
}

// keep writes a to the disk and returns once it is durable. Files are written one
// at a time; a second delivery finds the first one's.
func (s *Spool) keep(ctx context.Context, a *intake.Acceptance) (intake.Accepted, error) {
	if !validTip(a.Tip.ID) {
		return intake.Accepted{}, fmt.Errorf("%w: a tip without id", intake.ErrInvalid)
	}
	file, err := encode(a)
	if err != nil {
		return intake.Accepted{}, err
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return intake.Accepted{}, context.Cause(ctx)
	}
	if s.closed {
		return intake.Accepted{}, ErrClosed
	}
	if got, here := s.same(a); here {
		return got, nil
	}
	return s.write(a, file)
}

// write gives the file the next number. A number isn't used twice, even when its
// file failed.
func (s *Spool) write(a *intake.Acceptance, file []byte) (intake.Accepted, error) {
	size := int64(len(file))
	s.mu.Lock()
	room := s.index.bytes+s.index.setBytes+size <= s.o.MaxBytes
	if room {
		s.index.last++
	}
	name := fileName(s.index.last, a.Tip.ID)
	s.mu.Unlock()
	if !room {
		return intake.Accepted{}, ErrFull
	}
	if err := s.folder.write(name, file); err != nil {
		return intake.Accepted{}, err
	}
	e := newEntry(name, a.Tip.ID, size, a, s.o.Now().Truncate(time.Hour))
	s.mu.Lock()
	e.seen = s.outlook.successes
	s.index.add(e)
	s.mu.Unlock()
	rouse(s.arrived)
	return e.accepted, nil
}
