package casework

import (
	"context"
	"errors"
	"time"

	"tipline/intake"
)

// clockMember is who the audit chain names when a clock goes on by itself.
const clockMember = "clock"

// pauseBatch is how many clocks go on in one round.
const pauseBatch = 500

// clock is the date that runs once a tip has moved, and what becomes of its clock:
// it stands still while the reporter is asked for more, and a move ends that.
func (s *Service) clock(ctx context.Context, t intake.Tip, to intake.State) (due intake.Date, mark *intake.ClockMark, err error) {
	if t.State.Due() != "acceptance" && to.Due() != "acceptance" {
		return s.dueOn(t, to), nil, nil
	}
	pauses, err := s.Store.Pauses(ctx, t.ID)
	if err != nil {
		return "", nil, err
	}
	mark = &intake.ClockMark{}
	if n := len(pauses); n > 0 && pauses[n-1].Until == "" {
		mark.Go = goesOn(pauses[n-1], s.today())
		pauses[n-1].Until = mark.Go
	}
	if to == intake.StateNeedsInfo {
		if wait := s.Deadlines.Waits(t.Desk, s.today()); wait != "" {
			mark.Stop = &intake.Pause{Tip: t.ID, From: s.today(), Wait: wait}
			return "", mark, nil
		}
	}
	if mark.Go == "" {
		mark = nil
	}
	if to.Due() == "acceptance" {
		return s.Deadlines.Acceptance(t.Desk, t.ReceivedOn, pauses...), mark, nil
	}
	return s.dueOn(t, to), mark, nil
}

// goesOn is the last day of a pause that ends today, or ended before and nobody saw.
func goesOn(p intake.Pause, today intake.Date) intake.Date {
	last := min(today, p.Wait)
	if p.Answered != "" {
		last = min(last, p.Answered)
	}
	return last
}

// dueOn is the date that runs in a state with no pause behind it.
func (s *Service) dueOn(t intake.Tip, to intake.State) intake.Date {
	switch to.Due() {
	case "acceptance":
		return s.Deadlines.Acceptance(t.Desk, t.ReceivedOn)
	case "conclusion":
		if t.State.Due() == "conclusion" {
			return t.DueOn
		}
		return s.Deadlines.Conclusion(t.Desk, t.ReceivedOn, s.today())
	case "feedback":
		return s.Deadlines.Feedback(t.Desk, s.today())
	default:
		return ""
	}
}

// GoOn lets the clocks go on that stood still for a reporter who wrote, or who
// didn't for as long as they had. Each is an audit row.
func (s *Service) GoOn(ctx context.Context) error {
	over, err := s.Store.ToGoOn(ctx, s.today(), pauseBatch)
	for _, p := range over {
		err = errors.Join(err, s.goOn(ctx, p))
	}
	return err
}

func (s *Service) goOn(ctx context.Context, p intake.Pause) error {
	t, err := s.Store.Tip(ctx, p.Tip)
	if err != nil {
		return err
	}
	pauses, err := s.Store.Pauses(ctx, p.Tip)
	if err != nil {
		return err
	}
	n := len(pauses) - 1
	if n < 0 || pauses[n].Until != "" {
		return nil // somebody moved the tip meanwhile
	}
	mark := &intake.ClockMark{Go: goesOn(p, s.today())}
	pauses[n].Until = mark.Go
	why := "waited"
	if p.Answered != "" && p.Answered <= p.Wait {
		why = "answered"
	}
	if t.State.Due() == "acceptance" {
		mark.DueOn = s.Deadlines.Acceptance(t.Desk, t.ReceivedOn, pauses...)
	}
	err = s.Store.Act(ctx, intake.Act{Audit: s.row(Actor{Name: clockMember, Desk: t.Desk}, "clock.go", t.ID, why), Clock: mark})
	if errors.Is(err, intake.ErrConflict) {
		return nil // another process did
	}
	return err
}

// PlusDays is the date so many days after d; what is no date stays as it is.
func PlusDays(d intake.Date, n int) intake.Date {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return d
	}
	return intake.Date(t.AddDate(0, 0, n).Format(time.DateOnly))
}
