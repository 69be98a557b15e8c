package casework

import (
	"context"
	"errors"
	"fmt"

	"tipline/intake"
)

// open says whether a tip's triage isn't over: only such a tip goes into another, so
// that taking it out again leaves everything as it was.
func open(s intake.State) bool { return s.Due() == "acceptance" }

// takes says whether others may be merged into a tip in state s: not when it is put
// away itself, nor when it was refused, which would refuse them unread.
func takes(s intake.State) bool {
	switch s {
	case intake.StateMerged, intake.StateDeclined, intake.StateSpam, intake.StateWithdrawn:
		return false
	default:
		return true
	}
}

// Merge puts a tip to another one of the same desk (重复并单): one matter, one set of
// papers. Its reporter goes on talking to the desk under the receipt they have.
func (s *Service) Merge(ctx context.Context, by Actor, tip, into string) error {
	t, err := s.handler(ctx, by, tip)
	if err != nil {
		return err
	}
	other, err := s.handler(ctx, by, into)
	if errors.Is(err, intake.ErrNotFound) {
		return &intake.InvalidError{Problems: []intake.Problem{{Field: "into", Code: "unknown"}}}
	}
	if err != nil {
		return err
	}
	if t.Lane == intake.Held {
		return ErrHeld
	}
	if !open(t.State) {
		return fmt.Errorf("%w: from %s to %s", ErrTransition, t.State, intake.StateMerged)
	}
	children, err := s.Store.MergedInto(ctx, tip, 1)
	if err != nil {
		return err
	}
	if tip == into || len(children) > 0 || other.Lane == intake.Held || !takes(other.State) {
		return ErrMerge
	}
	act, err := s.moving(ctx, s.row(by, "merge", tip, ""), t, Triage{To: intake.StateMerged})
	if err != nil {
		return err
	}
	act.Event.Data.Into = into
	act.Audit.Detail += " " + into
	act.Merge = &intake.Merge{Tip: tip, Into: into, Back: t.State, On: s.today(), By: by.Name}
	return s.Store.Act(ctx, act)
}

// Unmerge takes a tip out of the one it was merged into: it stands where it stood.
func (s *Service) Unmerge(ctx context.Context, by Actor, tip string) error {
	t, err := s.handler(ctx, by, tip)
	if err != nil {
		return err
	}
	if t.State != intake.StateMerged {
		return fmt.Errorf("%w: it isn't merged", ErrTransition)
	}
	m, err := s.Store.MergeOf(ctx, tip)
	if err != nil {
		return err
	}
	act, err := s.moving(ctx, s.row(by, "unmerge", tip, ""), t, Triage{To: m.Back})
	if err != nil {
		return err
	}
	e := s.Events.New(intake.EventUnmerged, t, intake.Decision{Into: m.Into, DueOn: act.Move.DueOn, Change: act.Seen.Changes})
	act.Event, act.Unmerge = &e, &m
	act.Audit.Detail += " " + m.Into
	return s.Store.Act(ctx, act)
}
