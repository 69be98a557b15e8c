package casework

import (
	"context"
	"errors"
	"fmt"

	"tipline/intake"
)

// maxSpam is how much spam one certificate is about.
const maxSpam = 500

// ErrNoSpam says that there is no spam to be destroyed.
var ErrNoSpam = errors.New("no spam was kept long enough, or something about it waits")

// AskSpam asks for the destruction of the oldest spam that was kept long enough, all of it under
// one certificate. Nobody has to have opened it: two members said already that it is
// spam, or one did and another could see it. It says how many tips that is.
func (s *Service) AskSpam(ctx context.Context, by Actor, reason string) (n int, err error) {
	if !by.Is(RoleHandler) {
		return 0, ErrForbidden
	}
	if !knownReason(reason) {
		return 0, &intake.InvalidError{Problems: []intake.Problem{{Field: "reason", Code: "unknown"}}}
	}
	all, err := s.oldSpam(ctx, by)
	if err != nil {
		return 0, err
	}
	if len(all) == 0 {
		return 0, ErrNoSpam
	}
	batch := intake.NewID()
	row := s.row(by, "destroy.ask", "", fmt.Sprintf("spam %d %s %s", len(all), reason, batch))
	for i := range all {
		d := &all[i]
		d.ID, d.Batch, d.Reason, d.Asker, d.AskedOn = intake.NewID(), batch, reason, by.Name, s.dayOf(row)
	}
	return len(all), s.Store.AskBatch(ctx, all, row)
}

// oldSpam is the spam that may be destroyed together.
func (s *Service) oldSpam(ctx context.Context, by Actor) ([]intake.Destruction, error) {
	days, ok := s.Retention.Days[intake.StateSpam]
	if !ok {
		return nil, nil
	}
	return s.Store.OldSpam(ctx, by.Desk, PlusDays(s.today(), -days), by.Name, maxSpam)
}

// overseenBatch is what was asked for under one certificate, for who oversees; none when id
// is none of one.
func (s *Service) overseenBatch(ctx context.Context, by Actor, id string) ([]intake.Destruction, error) {
	if !mayOversee(by) {
		return nil, ErrForbidden
	}
	all, err := s.Store.Batch(ctx, id)
	if err == nil && len(all) > 0 && all[0].Desk != by.Desk {
		err = fmt.Errorf("destruction %s: %w", id, intake.ErrNotFound)
	}
	return all, err
}

// decided approves or refuses all of it, and carries it out.
func (s *Service) decided(ctx context.Context, by Actor, all []intake.Destruction, state intake.DestructionState, act string, err error) error {
	if err != nil {
		return err
	}
	if all[0].Asker == by.Name {
		return ErrOwnDestruction
	}
	d := all[0]
	row := s.row(by, act, "", fmt.Sprintf("spam %d %s", len(all), d.Batch))
	d.State, d.Decider, d.DecidedOn = state, by.Name, s.dayOf(row)
	err = s.Store.DecideBatch(ctx, d, row)
	if errors.Is(err, intake.ErrConflict) {
		err = errors.Join(ErrOnHold, err)
	}
	if err != nil || state != intake.DestructionApproved {
		return err
	}
	if all, err = s.Store.Batch(ctx, d.Batch); err != nil {
		return err
	}
	for _, d := range all {
		if d.State == intake.DestructionApproved {
			err = errors.Join(err, s.destroy(ctx, d))
		}
	}
	return err
}

// Certificate is the certificate of a tip, or of several: then it counts what is in Together.
type Certificate struct {
	intake.Destruction
	Together []intake.Destruction
}

// together is the certificate of a batch, with its sums.
func together(all []intake.Destruction) Certificate {
	c := Certificate{all[0], all}
	c.ID, c.Tip, c.Texts, c.Messages, c.Files = c.Batch, "", 0, 0, 0
	for _, d := range all {
		c.Texts, c.Messages, c.Files = c.Texts+d.Texts, c.Messages+d.Messages, c.Files+d.Files
		c.Since, c.DoneOn, c.BackupsEnd = max(c.Since, d.Since), max(c.DoneOn, d.DoneOn), max(c.BackupsEnd, d.BackupsEnd)
		if d.State != intake.DestructionDone || d.ScrubbedOn == "" {
			c.ScrubbedOn = ""
		}
	}
	return c
}
