package casework

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"tipline/crypto/seal"
	"tipline/intake"
)

// reporterMember is who the audit chain names when a reporter decides.
const reporterMember = "reporter"

// wishBatch is how many wishes are carried out at once.
const wishBatch = 100

// CarryOut carries out what reporters decided under their receipts: a withdrawn
// identity is destroyed with the originals, the layers that stand open and the
// sender's tags; answers that wait are stopped. Each is an audit row.
//
// The file goes first and the rows after it, so that what a crash interrupts is
// begun again and nothing is left behind.
func (s *Service) CarryOut(ctx context.Context) error {
	open, err := s.Store.OpenWishes(ctx, wishBatch)
	for _, w := range open {
		err = errors.Join(err, s.carryOut(ctx, w))
	}
	return err
}

func (s *Service) carryOut(ctx context.Context, w intake.Wish) error {
	t, err := s.Store.Tip(ctx, w.Tip)
	if err != nil {
		return err
	}
	name := "contact.stop"
	if w.Kind == intake.WishWithdraw {
		name = "identity.destroy"
		if err := s.removeOriginals(ctx, w.Tip); err != nil {
			return err
		}
	}
	w.On = s.today()
	err = s.Store.Act(ctx, intake.Act{Audit: s.row(Actor{Name: reporterMember, Desk: t.Desk}, name, w.Tip, ""), Carry: &w})
	if errors.Is(err, intake.ErrConflict) {
		return nil // another process did
	}
	return err
}

// removeOriginals removes the files of a tip's originals, also of those that were
// added later.
func (s *Service) removeOriginals(ctx context.Context, tip string) error {
	return s.removeFiles(ctx, tip, intake.CompartmentOriginals)
}

// removeFiles removes the files of a tip's containers whose compartment begins so.
func (s *Service) removeFiles(ctx context.Context, tip, compartment string) error {
	all, err := s.Store.Containers(ctx, tip)
	for _, c := range all {
		if strings.HasPrefix(c.Compartment, compartment) {
			err = errors.Join(err, s.Blobs.Remove(tip, cmp.Or(c.File, c.Compartment)))
		}
	}
	return err
}

// withdrawn says whether a tip's reporter took their identity back: from that
// moment nobody opens it, whether it is destroyed already or not.
func (s *Service) withdrawn(ctx context.Context, tip string) (bool, error) {
	wishes, err := s.Store.Wishes(ctx, tip)
	for _, w := range wishes {
		if w.Kind == intake.WishWithdraw {
			return true, err
		}
	}
	return false, err
}

// The names of the parts that hold a custodian's reasons, before the id of what they
// are about.
const (
	noteRefused  = "refused."
	noteReturned = "returned."
)

// because seals a custodian's reason to the desk.
func (s *Service) because(tip, desk, name, why string) (*intake.InsideNote, error) {
	if len(clean(why)) == 0 {
		return nil, ErrReason
	}
	if err := checkWords(why); err != nil {
		return nil, err
	}
	keys, err := s.Keys.DeskKeys(desk)
	if err != nil {
		return nil, err
	}
	sealed, err := seal.Seal(intake.PartContext(tip, intake.CompartmentNotes, name), clean(why), keys.Desk)
	return &intake.InsideNote{Part: intake.Part{Compartment: intake.CompartmentNotes, Name: name, Sealed: sealed}, KeyVersion: keys.Version}, err
}

// reasons are the custodians' reasons on a tip, by the id of what they are about.
func (s *Service) reasons(ctx context.Context, by Actor, v View) (map[string]string, error) {
	names := map[string]string{}
	for _, c := range v.Custody {
		if c.State == intake.CustodyRefused {
			names[c.ID] = noteRefused + c.ID
		}
	}
	for _, d := range v.Dispatches {
		if d.State == intake.DispatchReturned {
			names[d.ID] = noteReturned + d.ID
		}
	}
	out := map[string]string{}
	for id, name := range names {
		text, err := s.becauseOf(ctx, by, v.Tip, name)
		if err != nil {
			return nil, err
		}
		if text != "" {
			out[id] = text
		}
	}
	return out, nil
}

// becauseOf is one such reason, "" without one.
func (s *Service) becauseOf(ctx context.Context, by Actor, t intake.Tip, name string) (string, error) {
	sealed, err := s.Store.Part(ctx, t.ID, intake.CompartmentNotes, name)
	if errors.Is(err, intake.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	text, err := seal.OpenBytes(sealed, intake.PartContext(t.ID, intake.CompartmentNotes, name), by.Ring.Identities(intake.DeskKey(t.Desk))...)
	return string(text), err
}
