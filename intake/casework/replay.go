package casework

import (
	"context"
	"errors"
	"fmt"

	"tipline/intake"
)

// Replay destroys again what a restored backup brought back: tips with the certificates
// they have, and versions of role keys. It says how many tips went, and how many wait until
// the ledger has taken what their restored outbox holds.
func (s *Service) Replay(ctx context.Context, tips []intake.Destruction, keys []intake.GoneKey) (gone, waiting int, err error) {
	for _, d := range tips {
		done, back, failed := s.replay(ctx, d)
		err = errors.Join(err, failed)
		switch {
		case done:
			gone++
		case back:
			waiting++
		}
	}
	for _, k := range keys {
		row := s.row(Actor{Name: destroyerMember}, "keys.destroy.again", "", fmt.Sprintf("%s %d", k.Role, k.Version))
		err = errors.Join(err, s.Store.DestroyKeyAgain(ctx, k, row))
	}
	return gone, waiting, err
}

// replay destroys one tip again. One that isn't here, or is destroyed, is neither done nor
// back.
func (s *Service) replay(ctx context.Context, d intake.Destruction) (done, back bool, err error) {
	t, err := s.Store.Tip(ctx, d.Tip)
	if errors.Is(err, intake.ErrNotFound) || err == nil && t.DestroyedOn != "" {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	d.Desk, d.State = t.Desk, intake.DestructionApproved
	row := s.row(Actor{Name: destroyerMember, Desk: t.Desk}, "destroy.again", t.ID, retold(d))
	if err := s.Store.Act(ctx, intake.Act{Audit: row, Again: &d}); err != nil {
		return false, false, err
	}
	if err := s.destroy(ctx, d); err != nil {
		return false, true, err
	}
	now, err := s.Store.Destruction(ctx, t.ID)
	return now.State == intake.DestructionDone, true, err
}
