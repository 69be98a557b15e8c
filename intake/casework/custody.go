package casework

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"tipline/crypto/seal"
	"tipline/intake"
)

// ViewTime is how long an approved identity can be read before it is deleted.
const ViewTime = 15 * time.Minute

// AskIdentity asks for a tip's identity. The asker's session takes the outer
// layer off; what it leaves opens only with a custodian's key. Where nothing of the tip's
// message could be read, the same request is for its original, to read it again.
func (s *Service) AskIdentity(ctx context.Context, by Actor, tip, reason string) (id string, err error) {
	t, err := s.handler(ctx, by, tip)
	if err != nil {
		return "", err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return "", ErrReason
	}
	if err := checkWords(reason); err != nil {
		return "", err
	}
	raw, err := s.rawHead(ctx, by, t)
	if err != nil {
		return "", err
	}
	inner, err := s.innerIdentity(ctx, by, t)
	if err != nil && (raw == nil || !errors.Is(err, ErrNoIdentity)) {
		return "", err
	}
	if kept, err := s.handoverOf(ctx, tip); kept != nil || err != nil {
		return "", cmp.Or(err, ErrKept)
	}
	keys, err := s.Keys.DeskKeys(t.Desk)
	if err != nil {
		return "", err
	}
	id = intake.NewID()
	sealed, err := seal.Seal(reasonContext(tip, id), []byte(reason), keys.Desk, keys.Custodian)
	if err != nil {
		return "", err
	}
	return id, s.Store.Act(ctx, intake.Act{Audit: s.row(by, "identity.ask", tip, id),
		Ask: &intake.Custody{ID: id, Tip: tip, Desk: t.Desk, Asker: by.Name, AskedOn: s.today(), Reason: sealed, KeyVersion: keys.Version, Inner: inner, Raw: raw, State: intake.CustodyAsked}})
}

func (s *Service) innerIdentity(ctx context.Context, by Actor, t intake.Tip) ([]byte, error) {
	if gone, err := s.withdrawn(ctx, t.ID); gone || err != nil {
		return nil, errors.Join(ErrNoIdentity, err)
	}
	sealed, err := s.Store.Part(ctx, t.ID, intake.CompartmentIdentity, intake.PartName)
	if errors.Is(err, intake.ErrNotFound) {
		return nil, ErrNoIdentity
	}
	if err != nil {
		return nil, err
	}
	inner, err := seal.OpenOuterBytes(sealed, identityContext(t.ID), by.Ring.Identities(intake.DeskKey(t.Desk))...)
	if err != nil {
		return nil, fmt.Errorf("identity of tip %s: %w", t.ID, err)
	}
	return inner, nil
}

// Request is a custody request with its reason opened.
type Request struct {
	intake.Custody
	Words string
}

// String keeps a reason in words out of logs and error texts.
func (Request) String() string { return "[request]" }

// LogValue keeps a reason in words out of structured logs.
func (Request) LogValue() slog.Value { return slog.StringValue("[request]") }

// Requests are the requests a custodian can decide, oldest first.
func (s *Service) Requests(ctx context.Context, by Actor) ([]Request, error) {
	if !by.Is(RoleCustodian) {
		return nil, ErrForbidden
	}
	rows, err := s.Store.Custodies(ctx, by.Desk, "", intake.CustodyAsked)
	if err != nil {
		return nil, err
	}
	out := make([]Request, len(rows))
	for i, c := range rows {
		text, err := seal.OpenBytes(c.Reason, reasonContext(c.Tip, c.ID), by.Ring.Identities(s.Desks.CustodianKey(by.Desk))...)
		if err != nil {
			return nil, fmt.Errorf("request %s: %w", c.ID, err)
		}
		out[i] = Request{Custody: c, Words: string(text)}
	}
	return out, nil
}

// Waiting is how many requests and handovers, and how many answers, wait for a custodian.
func (s *Service) Waiting(ctx context.Context, by Actor) (requests, answers int, err error) {
	if !by.Is(RoleCustodian) {
		return 0, 0, ErrForbidden
	}
	return s.Store.Waiting(ctx, by.Desk)
}

// Approve opens the inner layer and re-seals the identity to the asker alone,
// for [ViewTime]. The custodian sees nothing of it.
func (s *Service) Approve(ctx context.Context, by Actor, id string) error {
	c, err := s.decidable(ctx, by, id)
	if err != nil {
		return err
	}
	if gone, err := s.withdrawn(ctx, c.Tip); gone || err != nil {
		return errors.Join(ErrNoIdentity, err)
	}
	text := []byte("{}") // a message without a sender
	if c.Inner != nil {
		if text, err = seal.OpenBytes(c.Inner, identityContext(c.Tip), by.Ring.Identities(s.Desks.CustodianKey(by.Desk))...); err != nil {
			return fmt.Errorf("request %s: %w", id, err)
		}
	}
	asker, err := s.Store.Member(ctx, c.Asker)
	if err != nil {
		return err
	}
	if asker.Disabled || asker.MustChange || !slices.Contains(asker.Roles, RoleHandler) {
		return fmt.Errorf("%w: %s is shut out by now", ErrForbidden, c.Asker)
	}
	to, err := seal.ParseRecipient(asker.Key.Recipient)
	if err != nil {
		return err
	}
	if c.View, err = seal.Seal(viewContext(c.Tip, id), text, to); err != nil {
		return err
	}
	if err := s.approveRaw(by, &c, asker.Key.Recipient); err != nil {
		return err
	}
	c.State, c.Decider, c.DecidedOn, c.Inner = intake.CustodyApproved, by.Name, s.today(), nil
	c.ViewUntil = s.Now().Add(ViewTime).UTC().Truncate(time.Second)
	return s.Store.Act(ctx, intake.Act{Audit: s.row(by, "identity.approve", c.Tip, id), Decide: &c})
}

// Refuse closes a request, with a reason that its asker reads. The inner layer is
// deleted with it.
func (s *Service) Refuse(ctx context.Context, by Actor, id, why string) error {
	c, err := s.decidable(ctx, by, id)
	if err != nil {
		return err
	}
	note, err := s.because(c.Tip, c.Desk, noteRefused+id, why)
	if err != nil {
		return err
	}
	c.State, c.Decider, c.DecidedOn, c.Inner, c.Raw = intake.CustodyRefused, by.Name, s.today(), nil, nil
	return s.Store.Act(ctx, intake.Act{Audit: s.row(by, "identity.refuse", c.Tip, id), Decide: &c, Note: note})
}

func (s *Service) decidable(ctx context.Context, by Actor, id string) (intake.Custody, error) {
	if !by.Is(RoleCustodian) {
		return intake.Custody{}, ErrForbidden
	}
	c, err := s.Store.Custody(ctx, id)
	switch {
	case err != nil:
		return intake.Custody{}, err
	case c.Desk != by.Desk || c.ForDesk != "":
		return intake.Custody{}, fmt.Errorf("request %s: %w", id, intake.ErrNotFound)
	case c.Asker == by.Name:
		return intake.Custody{}, ErrOwnRequest
	case c.State != intake.CustodyAsked:
		return intake.Custody{}, fmt.Errorf("request %s is decided already: %w", id, intake.ErrConflict)
	}
	return c, nil
}

// OpenIdentity shows an approved identity to the one who asked, while it lasts.
func (s *Service) OpenIdentity(ctx context.Context, by Actor, tip string) (intake.Identity, time.Time, error) {
	t, err := s.handler(ctx, by, tip)
	if err != nil {
		return intake.Identity{}, time.Time{}, err
	}
	if gone, err := s.withdrawn(ctx, t.ID); gone || err != nil {
		return intake.Identity{}, time.Time{}, errors.Join(ErrNoIdentity, err)
	}
	rows, err := s.Store.Custodies(ctx, t.Desk, t.ID)
	if err != nil {
		return intake.Identity{}, time.Time{}, err
	}
	for _, c := range rows {
		if c.State != intake.CustodyApproved || c.Asker != by.Name || !s.Now().Before(c.ViewUntil) {
			continue
		}
		id, err := s.view(ctx, by, c)
		if errors.Is(err, seal.ErrKey) {
			continue // sealed to a key the asker has replaced since
		}
		return id, c.ViewUntil, err
	}
	return intake.Identity{}, time.Time{}, ErrNoView
}

func (s *Service) view(ctx context.Context, by Actor, c intake.Custody) (intake.Identity, error) {
	text, err := seal.OpenBytes(c.View, viewContext(c.Tip, c.ID), by.Key)
	if err != nil {
		return intake.Identity{}, fmt.Errorf("identity of tip %s: %w", c.Tip, err)
	}
	var id intake.Identity
	if err := json.Unmarshal(text, &id); err != nil {
		return intake.Identity{}, fmt.Errorf("identity of tip %s is not readable", c.Tip)
	}
	if err := s.Store.Act(ctx, intake.Act{Audit: s.row(by, "identity.view", c.Tip, c.ID)}); err != nil {
		return intake.Identity{}, err // a look that left no row isn't one
	}
	return id, nil
}

func (s *Service) hasIdentity(ctx context.Context, tip string) (bool, error) {
	if gone, err := s.withdrawn(ctx, tip); gone || err != nil {
		return false, err
	}
	_, err := s.Store.Part(ctx, tip, intake.CompartmentIdentity, intake.PartName)
	if errors.Is(err, intake.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func identityContext(tip string) seal.Context {
	return intake.PartContext(tip, intake.CompartmentIdentity, intake.PartName)
}

func reasonContext(tip, id string) seal.Context {
	return seal.Context{Tip: tip, Compartment: intake.CompartmentNotes, Part: id, Direction: intake.Inward}
}

func viewContext(tip, id string) seal.Context {
	return seal.Context{Tip: tip, Compartment: "view", Part: id, Direction: intake.Outward}
}
