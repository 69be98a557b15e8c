package casework

import (
	"context"
	"errors"

	"tipline/intake"
)

// calendarMember is who the audit chain names when a year's holidays move a date.
const calendarMember = "calendar"

// redateBatch is how many tips are read at once.
const redateBatch = 500

// Redate reckons anew the dates that run into a year of whose holidays more has become known
// since they were promised, and says how many moved. A date that was granted, or that the
// ledger named, stays: it wasn't reckoned. Each that moves is an audit row; the ledger
// hears of it, and the receipt shows it. A second time changes nothing.
func (s *Service) Redate(ctx context.Context, desk string) (moved int, err error) {
	for _, lane := range []intake.Lane{intake.Normal, intake.Held} {
		from, after := s.today(), ""
		for {
			tips, err := s.Store.Running(ctx, desk, lane, from, after, redateBatch)
			if err != nil {
				return moved, err
			}
			for _, t := range tips {
				is, err := s.redate(ctx, t)
				if err != nil {
					return moved, err
				}
				if is {
					moved++
				}
			}
			if len(tips) < redateBatch {
				break
			}
			from, after = tips[len(tips)-1].DueOn, tips[len(tips)-1].ID
		}
	}
	return moved, nil
}

func (s *Service) redate(ctx context.Context, t intake.Tip) (bool, error) {
	if old, err := s.reckonedBefore(ctx, t); err != nil || !old {
		return false, err
	}
	now, err := s.promised(ctx, t, s.Deadlines)
	if err != nil || now == "" || now == t.DueOn {
		return false, err
	}
	if t.AcceptedOn == s.today() && now < t.DueOn {
		return false, nil // the ledger hears of both on one day and couldn't tell which was last: tomorrow's round does it
	}
	granted, err := s.Store.Extensions(ctx, t.Desk, t.ID, intake.ExtensionGranted, 1)
	if err != nil || len(granted) > 0 {
		return false, err
	}
	act := intake.Act{Audit: s.row(Actor{Name: calendarMember, Desk: t.Desk}, "clock.calendar", t.ID, string(t.DueOn)+">"+string(now)), Clock: &intake.ClockMark{DueOn: now}}
	if act.Seen, err = s.seen(ctx, t); err != nil {
		return false, err
	}
	if t.State.Due() == "conclusion" {
		if act.Event, err = s.laterEvent(ctx, t, now); err != nil {
			return false, err
		}
	}
	err = s.Store.Act(ctx, act)
	if errors.Is(err, intake.ErrConflict) {
		return false, nil // it moved meanwhile, by what is known now
	}
	return err == nil, err
}

// reckonedBefore says whether a tip's date is one by what was known before of its year: else it was reckoned by what
// is known now, or not reckoned.
func (s *Service) reckonedBefore(ctx context.Context, t intake.Tip) (bool, error) {
	if s.Before == nil {
		return false, nil
	}
	for _, by := range s.Before(t.DueOn) {
		if due, err := s.promised(ctx, t, by); err != nil || due == t.DueOn {
			return err == nil, err
		}
	}
	return false, nil
}

// promised is the date that a tip's state promises by some deadlines.
func (s *Service) promised(ctx context.Context, t intake.Tip, by Deadlines) (intake.Date, error) {
	switch t.State.Due() {
	case "acceptance":
		pauses, err := s.Store.Pauses(ctx, t.ID)
		return by.Acceptance(t.Desk, t.ReceivedOn, pauses...), err
	case "conclusion":
		return by.Conclusion(t.Desk, t.ReceivedOn, t.AcceptedOn), nil
	case "feedback":
		history, err := s.Store.History(ctx, t.ID)
		var concluded intake.Date
		for _, c := range history {
			if c.State == t.State {
				concluded = c.On
			}
		}
		return by.Feedback(t.Desk, concluded), err
	default:
		return "", nil
	}
}
