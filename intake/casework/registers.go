package casework

import (
	"context"
	"errors"

	"tipline/intake"
)

// Registers are what an office is asked about: what is late (超期), what should be with
// who deals with it and isn't (应移送未移送), and the later dates that somebody must
// decide about. They hold facts and no words, so that who opens no report reads them.
type Registers struct {
	Overdue, Unsent intake.Page
	Dues            map[intake.DueFilter]int // up to [DueBound] each
	Asked           []DateRequest
	// Unsure says that dates fall into a year whose holidays aren't known.
	Unsure bool
}

// DateRequest is a request for a later date with the tip it is about.
type DateRequest struct {
	intake.Extension
	Row  intake.Tip
	Mine bool   // the reader asked for it
	May  bool   // the reader may decide it
	Role string // whose holder decides
}

// registerRows is how many rows a register shows at once.
const registerRows = 100

// mayOversee says whether by sees the registers.
func mayOversee(by Actor) bool { return by.Is(RoleHandler) || by.Is(RoleSupervisor) }

// Registers are those of the actor's desk, the oldest first.
func (s *Service) Registers(ctx context.Context, by Actor) (r Registers, err error) {
	if !mayOversee(by) {
		return r, ErrForbidden
	}
	today := s.today()
	f := intake.Filter{Desk: by.Desk, Lane: intake.Normal, Due: intake.DueOverdue, Today: today, Unsent: s.Deadlines.Unsent(by.Desk, today), Limit: registerRows}
	if r.Overdue, err = s.Store.List(ctx, f); err != nil {
		return r, err
	}
	f.Due = intake.DueUnsent
	if r.Unsent, err = s.Store.List(ctx, f); err != nil {
		return r, err
	}
	if r.Dues, err = s.Store.DueCounts(ctx, by.Desk, today, f.Unsent, DueBound); err != nil {
		return r, err
	}
	if r.Asked, err = s.asked(ctx, by); err != nil {
		return r, err
	}
	r.Unsure, err = s.Unsure(ctx, by.Desk)
	return r, err
}

// Overdue is how many tips of the actor's desk are overdue, up to [DueBound].
func (s *Service) Overdue(ctx context.Context, by Actor) (int, error) {
	if !mayOversee(by) {
		return 0, ErrForbidden
	}
	return s.Store.Overdue(ctx, by.Desk, s.today(), DueBound)
}

func (s *Service) asked(ctx context.Context, by Actor) (out []DateRequest, err error) {
	rows, err := s.Store.Extensions(ctx, by.Desk, "", intake.ExtensionAsked, maxExtensions)
	if err != nil {
		return nil, err
	}
	for _, e := range rows {
		t, err := s.Store.Tip(ctx, e.Tip)
		if errors.Is(err, intake.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		e.Note, e.Letter = nil, nil
		r := DateRequest{Extension: e, Row: t, Mine: e.Asker == by.Name}
		r.Role = s.Deadlines.Extending(t.Desk, t.ReceivedOn, t.AcceptedOn).Role
		r.May = !r.Mine && by.Is(r.Role)
		out = append(out, r)
	}
	return out, nil
}

// Unsure says whether a date that runs falls into a year whose holidays aren't known.
func (s *Service) Unsure(ctx context.Context, desk string) (bool, error) {
	last, err := s.Store.LastDue(ctx, desk)
	return err == nil && last != "" && !s.Deadlines.Sure(last), err
}
