package casework

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tipline/intake"
)

// open says whether a tip's triage isn't over: only such a tip goes into another, so
// that taking it out again leaves everything as it was.
func open(s intake.State) bool { return s.Due() == "acceptance" }

// Takes says whether others may be merged into a tip: not while it is held, not when
// it is put away itself, nor when it was refused, which would refuse them unread.
func Takes(t intake.Tip) bool {
	switch t.State {
	case intake.StateMerged, intake.StateDeclined, intake.StateSpam, intake.StateWithdrawn:
		return false
	default:
		return t.Lane == intake.Normal
	}
}

// Merge puts a tip to another one of the same desk (重复并单): one matter, one set of
// papers. Its reporter goes on talking to the desk under the receipt they have.
func (s *Service) Merge(ctx context.Context, by Actor, tip, into string) error {
	t, err := s.handler(ctx, by, tip)
	if err != nil {
		return err
	}
	other, err := s.Find(ctx, by, into)
	if errors.Is(err, intake.ErrNotFound) {
		return &intake.InvalidError{Problems: []intake.Problem{{Field: "into", Code: "unknown"}}}
	}
	if err != nil {
		return err
	}
	into = other.ID
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
	if tip == into || len(children) > 0 || !Takes(other) {
		return ErrMerge
	}
	act, err := s.moving(ctx, by, s.row(by, "merge", tip, ""), t, Triage{To: intake.StateMerged})
	if err != nil {
		return err
	}
	act.Event.Data.Into = into
	act.Audit.Detail += " " + into
	act.Merge = &intake.Merge{Tip: tip, Into: into, Back: t.State, On: s.today(), By: by.Name}
	return s.Store.Act(ctx, act)
}

// shortID is how much of an id a member must give.
const shortID = 6

// Find is the one tip of the actor's desk whose id begins so: as much of it as the
// pages show is enough. Anything else is [intake.ErrNotFound].
func (s *Service) Find(ctx context.Context, by Actor, id string) (intake.Tip, error) {
	if !by.Is(RoleHandler) {
		return intake.Tip{}, ErrForbidden
	}
	id = strings.ToLower(strings.TrimSpace(id))
	if len(id) < shortID || strings.Trim(id, "0123456789abcdef") != "" {
		return intake.Tip{}, fmt.Errorf("tip %q: %w", id, intake.ErrNotFound)
	}
	found, err := s.Store.Named(ctx, by.Desk, id, 2)
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("tip %s: %w", id, intake.ErrNotFound)
	}
	if err != nil {
		return intake.Tip{}, err
	}
	return found[0], nil
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
	act, err := s.moving(ctx, by, s.row(by, "unmerge", tip, ""), t, Triage{To: m.Back})
	if err != nil {
		return err
	}
	e := s.Events.New(intake.EventUnmerged, t, intake.Decision{Into: m.Into, DueOn: act.Move.DueOn, Change: act.Seen.Changes})
	act.Event, act.Unmerge = &e, &m
	act.Audit.Detail += " " + m.Into
	return s.Store.Act(ctx, act)
}
