package casework

import (
	"context"
	"errors"

	"tipline/intake"
)

// Retell tells the ledger of a tip once more, as it stands now: for one that the ledger
// had and lost, as after its database was restored from an older copy. The event says
// what the last decision was, without its reason and summary, of which there is no copy.
func (s *Service) Retell(ctx context.Context, by Actor, tip string) error {
	t, err := s.handler(ctx, by, tip)
	if err != nil {
		return err
	}
	if t.Lane == intake.Held {
		return ErrHeld
	}
	history, err := s.Store.History(ctx, tip)
	if err != nil {
		return err
	}
	kind, change := lastTold(t, history)
	told := intake.Decision{Department: t.Department, DueOn: t.DueOn, Change: change}
	if kind == intake.EventMerged {
		m, err := s.Store.MergeOf(ctx, tip)
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return err
		}
		told.Into = m.Into
	}
	e := s.Events.New(kind, t, told)
	return s.Store.Act(ctx, intake.Act{Audit: s.row(by, "retell", tip, ""), Seen: &intake.Seen{State: t.State, Lane: t.Lane, Changes: len(history)}, Event: &e})
}

// lastTold is what the ledger heard last of a tip, and which change that was. One that
// was taken out of another again stands as it came in.
func lastTold(t intake.Tip, history []intake.Change) (kind intake.EventType, change int) {
	for i := len(history) - 1; i > 0; i-- {
		state := history[i].State
		if !state.Disposition() {
			continue
		}
		if state == intake.StateMerged && t.State != state {
			return intake.EventReceived, i
		}
		return intake.DispositionEvent(state), i
	}
	return intake.EventReceived, 0
}
