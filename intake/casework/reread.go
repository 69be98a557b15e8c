package casework

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"tipline/crypto/seal"
	"tipline/intake"
)

// Rereading is where it stands with reading a message again of which nothing could be
// read: its original is sealed to two, and opens for that as an identity does.
type Rereading string

// The steps, each for who looks. "" is a message that was read when it came, or one that
// is there no more.
const (
	RereadAsk     Rereading = "ask"     // who looks may ask for it
	RereadAsked   Rereading = "asked"   // their request waits for a custodian
	RereadRefused Rereading = "refused" // a custodian refused their last one; they may ask again
	RereadOpen    Rereading = "open"    // it may be read again now
	RereadDone    Rereading = "done"    // what is read of it stands among the tip's messages
)

// rereading says where it stands with an opened tip.
func (s *Service) rereading(by Actor, v View) Rereading {
	if !slices.Contains(v.Report.Flags, intake.FlagUnparsed) || v.withdrawn() {
		return ""
	}
	if slices.ContainsFunc(v.Messages, func(m intake.Spoken) bool { return m.ID == intake.RereadID(v.Tip.ID) }) {
		return RereadDone
	}
	return s.rereadStep(by, v.Custody)
}

func (v View) withdrawn() bool {
	return slices.ContainsFunc(v.Wishes, func(w intake.Wish) bool { return w.Kind == intake.WishWithdraw })
}

// rereadStep is how far a member's own requests are, the oldest first.
func (s *Service) rereadStep(by Actor, requests []intake.Custody) Rereading {
	step := RereadAsk
	for _, c := range requests {
		switch {
		case c.Asker != by.Name || step == RereadOpen:
		case c.State == intake.CustodyRefused: // its key is gone with it
			step = RereadRefused
		case c.Raw == nil:
			step = RereadAsk // its time is over
		case s.opens(by, c):
			step = RereadOpen
		case c.State == intake.CustodyAsked:
			step = RereadAsked
		default:
			step = RereadAsk
		}
	}
	return step
}

// opens says whether a request's key to a message is by's, and still good.
func (s *Service) opens(by Actor, c intake.Custody) bool {
	return c.Asker == by.Name && c.State == intake.CustodyApproved && c.Raw != nil && s.Now().Before(c.ViewUntil)
}

// rawHead is what a custodian needs to open the original of a tip of which nothing could
// be read, and that original alone; nil for any other tip.
func (s *Service) rawHead(ctx context.Context, by Actor, t intake.Tip) ([]byte, error) {
	r, err := s.report(ctx, by, t)
	if err != nil || !slices.Contains(r.Flags, intake.FlagUnparsed) {
		return nil, err
	}
	inner, closer, err := s.innerRaw(ctx, by, t)
	if errors.Is(err, intake.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	return seal.Head(inner, inner.Size())
}

// innerRaw is a tip's original with its outer layer removed.
func (s *Service) innerRaw(ctx context.Context, by Actor, t intake.Tip) (*io.SectionReader, io.Closer, error) {
	src, closer, err := s.stream(ctx, t, intake.CompartmentOriginals, intake.RawName)
	if err != nil {
		return nil, nil, err
	}
	inner, err := seal.OpenOuter(src, src.Size(), rawContext(t.ID), by.Ring.Identities(intake.DeskKey(t.Desk))...)
	if err != nil {
		closer.Close()
		return nil, nil, fmt.Errorf("original of tip %s: %w", t.ID, err)
	}
	return inner, closer, nil
}

func rawContext(tip string) seal.Context {
	return intake.PartContext(tip, intake.CompartmentOriginals, intake.RawName)
}

func rawViewContext(tip, id string) seal.Context {
	return seal.Context{Tip: tip, Compartment: "view", Part: id + "/raw", Direction: intake.Outward}
}

// approveRaw gives the asker of a request the key to its message's original.
func (s *Service) approveRaw(by Actor, c *intake.Custody, to string) error {
	if c.Raw == nil {
		return nil
	}
	key, err := seal.FileKey(c.Raw, rawContext(c.Tip), by.Ring.Identities(s.Desks.CustodianKey(by.Desk))...)
	if err != nil {
		return fmt.Errorf("request %s: %w", c.ID, err)
	}
	asker, err := seal.ParseRecipient(to)
	if err != nil {
		return err
	}
	c.Raw, err = seal.Seal(rawViewContext(c.Tip, c.ID), key, asker)
	return err
}

// Reread reads a message again of which nothing could be read when it came: after an update,
// or once the channel's configuration is right. A custodian must have approved the member's
// request for it, as for an identity. What is read is added to the tip; nobody is shown
// the original. When a callback turns out to hold several messages, the first one is
// the tip's, and each other one is filed as a report of its own.
//
// Errors wrap [ErrNoView] without an approval, and [intake.ErrUnreadable] when it can't be
// read now either.
func (s *Service) Reread(ctx context.Context, by Actor, tip string) error {
	t, err := s.handler(ctx, by, tip)
	if err != nil {
		return err
	}
	report, err := s.report(ctx, by, t)
	if err != nil {
		return err
	}
	c, err := s.openRequest(ctx, by, t)
	if err != nil {
		return err
	}
	known, _, err := s.OpenIdentity(ctx, by, tip)
	if err != nil {
		return err
	}
	raw, closer, err := s.original(ctx, by, t, c)
	if err != nil {
		return err
	}
	defer closer.Close()
	return s.readAgain(ctx, by, t, report.Gateway, raw, known)
}

// readAgain files what is read of an opened original. A try that reads nothing leaves its
// row in the record too.
func (s *Service) readAgain(ctx context.Context, by Actor, t intake.Tip, gateway string, raw io.Reader, known intake.Identity) error {
	reports, err := s.Parse(t.Channel, gateway, raw)
	if err == nil && len(reports) == 0 {
		err = intake.ErrUnreadable
	}
	for i := 1; err == nil && i < len(reports); i++ {
		_, err = s.Submit(ctx, reports[i])
	}
	if err == nil {
		err = s.AddReread(ctx, t, reports[0], known, s.row(by, "reread", t.ID, ""))
	}
	if errors.Is(err, intake.ErrUnreadable) {
		return errors.Join(err, s.Store.Act(ctx, intake.Act{Audit: s.row(by, "reread", t.ID, "unread")}))
	}
	return err
}

// openRequest is a member's approved request for a tip's original.
func (s *Service) openRequest(ctx context.Context, by Actor, t intake.Tip) (intake.Custody, error) {
	rows, err := s.Store.Custodies(ctx, t.Desk, t.ID)
	if err != nil {
		return intake.Custody{}, err
	}
	if i := slices.IndexFunc(rows, func(c intake.Custody) bool { return s.opens(by, c) }); i >= 0 {
		return rows[i], nil
	}
	return intake.Custody{}, ErrNoView
}

// original opens a tip's original with the key of an approved request.
func (s *Service) original(ctx context.Context, by Actor, t intake.Tip, c intake.Custody) (*io.SectionReader, io.Closer, error) {
	key, err := seal.OpenBytes(c.Raw, rawViewContext(t.ID, c.ID), by.Key)
	if err != nil {
		return nil, nil, fmt.Errorf("original of tip %s: %w", t.ID, err)
	}
	inner, closer, err := s.innerRaw(ctx, by, t)
	if err != nil {
		return nil, nil, err
	}
	raw, err := seal.OpenWith(inner, inner.Size(), rawContext(t.ID), key)
	if err != nil {
		closer.Close()
		return nil, nil, fmt.Errorf("original of tip %s: %w", t.ID, err)
	}
	return raw, closer, nil
}
