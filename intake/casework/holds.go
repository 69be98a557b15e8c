package casework

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"tipline/crypto/seal"
	"tipline/intake"
)

// Hold is what keeps a tip from being destroyed, with its words.
type Hold struct {
	intake.Hold
	Words string
}

// String keeps a hold's words out of logs and error texts.
func (Hold) String() string { return "[hold]" }

// LogValue keeps a hold's words out of structured logs.
func (Hold) LogValue() slog.Value { return slog.StringValue("[hold]") }

// HoldBack keeps a tip from being destroyed, for a reason.
func (s *Service) HoldBack(ctx context.Context, by Actor, tip, why string) error {
	t, err := s.overseen(ctx, by, tip)
	if err != nil {
		return err
	}
	if len(clean(why)) == 0 {
		return ErrReason
	}
	if err := checkWords(why); err != nil {
		return err
	}
	keys, err := s.Keys.DeskKeys(t.Desk)
	if err != nil {
		return err
	}
	h := &intake.Hold{ID: intake.NewID(), Tip: t.ID, Desk: t.Desk, By: by.Name, On: s.today(), KeyVersion: keys.Version}
	if h.Note, err = seal.Seal(holdContext(t.ID, h.ID), clean(why), keys.Desk); err != nil {
		return err
	}
	return s.Store.Act(ctx, intake.Act{Audit: s.row(by, "hold", t.ID, ""), Hold: h})
}

// Lift ends a hold of a tip: one's own, or another's as a supervisor who didn't ask for
// its destruction. Who lifted another's has no hand in a destruction of that tip from then
// on, so that nobody overrules a hold alone.
func (s *Service) Lift(ctx context.Context, by Actor, tip, hold string) error {
	t, err := s.overseen(ctx, by, tip)
	if err != nil {
		return err
	}
	if err := s.mayLift(ctx, by, tip, hold); err != nil {
		return err
	}
	return s.Store.Act(ctx, intake.Act{Audit: s.row(by, "hold.lift", t.ID, ""), Lift: &intake.Hold{ID: hold, Tip: t.ID, LiftedBy: by.Name, LiftedOn: s.today()}})
}

func (s *Service) mayLift(ctx context.Context, by Actor, tip, hold string) error {
	all, err := s.Store.Holds(ctx, tip)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(h intake.Hold) bool { return h.ID == hold })
	switch {
	case i < 0:
		return fmt.Errorf("hold of tip %s: %w", tip, intake.ErrNotFound)
	case all[i].By == by.Name:
		return nil
	case !by.Is(RoleSupervisor):
		return ErrOthersHold
	}
	d, err := s.Store.Destruction(ctx, tip)
	switch {
	case errors.Is(err, intake.ErrNotFound):
		return nil
	case err == nil && d.Asker == by.Name:
		return ErrOthersHold
	default:
		return err
	}
}

// uninvolved refuses who lifted another's hold of a tip.
func (s *Service) uninvolved(ctx context.Context, by Actor, tip string) error {
	all, err := s.Store.Holds(ctx, tip)
	if err == nil && slices.ContainsFunc(all, func(h intake.Hold) bool { return h.LiftedBy == by.Name && h.By != by.Name }) {
		err = ErrLifted
	}
	return err
}

func holdContext(tip, id string) seal.Context {
	return intake.PartContext(tip, intake.CompartmentNotes, "hold."+id)
}
