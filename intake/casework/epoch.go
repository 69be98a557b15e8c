package casework

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tipline/intake"
)

// The ways a key's destruction is refused.
var (
	ErrCurrentKey = errors.New("what comes in is sealed to this version: rotate the role's keys first")
	ErrKeyHolds   = errors.New("tips are sealed to this version still: it can go when they are destroyed, or sealed anew by tipline keys reseal")
)

// DestroyEpoch destroys a version of the desk's role key for ever: the first member who
// says so asks for it, another one does it, and every sealed copy of its secret is gone.
// What older backups hold under it then opens only with a copy from a backup as old,
// until that is gone, too. It says how many copies went, 0 when it was asked for.
func (s *Service) DestroyEpoch(ctx context.Context, by Actor, version int) (copies int, err error) {
	if !mayOversee(by) && !by.Is("administrator") {
		return 0, ErrForbidden
	}
	if _, err := s.replaced(by, version); err != nil {
		return 0, err
	}
	held, err := s.Store.HeldUnder(ctx, by.Desk, version)
	if err != nil {
		return 0, err
	}
	if len(held) > 0 {
		return 0, fmt.Errorf("%w (%s)", ErrKeyHolds, counts(held))
	}
	role, detail := intake.DeskKey(by.Desk), fmt.Sprintf("%s %d", intake.DeskKey(by.Desk), version)
	asker, err := s.Store.EpochAsker(ctx, role, version)
	switch {
	case errors.Is(err, intake.ErrNotFound):
		return 0, s.Store.AskEpoch(ctx, role, version, s.today(), s.row(by, "keys.destroy.ask", "", detail))
	case err != nil:
		return 0, err
	case asker == by.Name:
		return 0, ErrOwnDestruction
	}
	return s.Store.DestroyEpoch(ctx, by.Desk, version, s.today(), s.row(by, "keys.destroy", "", detail))
}

// replaced are the keys of the actor's desk in force, which a version isn't any more.
func (s *Service) replaced(by Actor, version int) (intake.DeskKeys, error) {
	keys, err := s.Keys.DeskKeys(by.Desk)
	switch {
	case err != nil:
		return keys, err
	case version < 1 || version > keys.Version:
		return keys, fmt.Errorf("%s has no version %d: %w", intake.DeskKey(by.Desk), version, intake.ErrNotFound)
	case version == keys.Version:
		return keys, ErrCurrentKey
	default:
		return keys, nil
	}
}

func counts(held map[string]int) string {
	var out []string
	for what, n := range held {
		out = append(out, fmt.Sprintf("%s %d", what, n))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
