package casework

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"

	"tipline/crypto/seal"
	"tipline/intake"
)

// outgoing is an answer for a custodian to send, nil when the reporter left no
// contact or wants none. The writer's session takes the identity's outer layer off;
// what it leaves, and the answer, open only with a custodian's key.
func (s *Service) outgoing(ctx context.Context, by Actor, t intake.Tip, message string, m intake.Outgoing, keys intake.DeskKeys) (*intake.Dispatch, error) {
	if t.Reply != intake.ReplyContact || t.DoNotContact {
		return nil, nil
	}
	inner, err := s.innerIdentity(ctx, by, t)
	if errors.Is(err, ErrNoIdentity) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	kept, err := s.handoverOf(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	r, err := s.report(ctx, by, t)
	if err != nil {
		return nil, err
	}
	m.Lang = r.Lang
	text, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	d := &intake.Dispatch{ID: intake.NewID(), Tip: t.ID, Desk: t.Desk, Message: message, Asker: by.Name, AskedOn: s.today(), Inner: inner}
	if kept != nil {
		d.Keeper = kept.Desk
	}
	d.Text, err = seal.Seal(dispatchContext(t.ID, d.ID), text, keys.Custodian)
	return d, err
}

// Sendable is an answer that a custodian may send, opened: never where to.
type Sendable struct {
	intake.Dispatch
	Answer intake.Outgoing
	Kept   bool // it waits until the custodians of another desk hand the address over
}

// String keeps an answer out of logs and error texts.
func (Sendable) String() string { return "[answer]" }

// LogValue keeps an answer out of structured logs.
func (Sendable) LogValue() slog.Value { return slog.StringValue("[answer]") }

// maxSendable is how many answers one screen shows.
const maxSendable = 100

// ToSend are the answers of the desk that wait for a custodian, failed or may have
// failed, the oldest first; at most a hundred.
func (s *Service) ToSend(ctx context.Context, by Actor) ([]Sendable, error) {
	if !by.Is(RoleCustodian) {
		return nil, ErrForbidden
	}
	rows, err := s.Store.Dispatches(ctx, by.Desk, "", maxSendable, intake.OpenDispatches()...)
	if err != nil {
		return nil, err
	}
	var out []Sendable
	for _, d := range rows {
		if len(d.Text) == 0 {
			continue // its identity is being destroyed
		}
		m, err := s.opensAnswer(by, d)
		if err != nil {
			return nil, err
		}
		kept, err := s.handoverOf(ctx, d.Tip)
		if err != nil {
			return nil, err
		}
		out = append(out, Sendable{d, m, kept != nil})
	}
	return out, nil
}

func (s *Service) opensAnswer(by Actor, d intake.Dispatch) (m intake.Outgoing, err error) {
	text, err := seal.OpenBytes(d.Text, dispatchContext(d.Tip, d.ID), by.Ring.Identities(s.Desks.CustodianKey(by.Desk))...)
	if err != nil {
		return m, fmt.Errorf("answer %s: %w", d.ID, err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("answer %s is not readable", d.ID)
	}
	return m, nil
}

// sendable is a dispatch that by may decide about.
func (s *Service) sendable(ctx context.Context, by Actor, id string) (intake.Dispatch, error) {
	if !by.Is(RoleCustodian) {
		return intake.Dispatch{}, ErrForbidden
	}
	d, err := s.Store.Dispatch(ctx, id)
	switch {
	case err != nil:
		return intake.Dispatch{}, err
	case d.Desk != by.Desk:
		return intake.Dispatch{}, fmt.Errorf("answer %s: %w", id, intake.ErrNotFound)
	case d.Asker == by.Name:
		return intake.Dispatch{}, ErrOwnAnswer
	}
	return d, nil
}

// ReturnAnswer gives an answer back to who wrote it, with a reason. It isn't sent;
// under the receipt it stands all the same.
func (s *Service) ReturnAnswer(ctx context.Context, by Actor, id, why string) error {
	d, err := s.sendable(ctx, by, id)
	if err != nil {
		return err
	}
	act := intake.Act{Audit: s.row(by, "dispatch.return", d.Tip, id)}
	if act.Note, err = s.because(d.Tip, d.Desk, noteReturned+id, why); err != nil {
		return err
	}
	d.State, d.Decider, d.On = intake.DispatchReturned, by.Name, s.today()
	act.Returned = &d
	return s.Store.Act(ctx, act)
}

// where is the way an answer goes: back the way the report came, else to the phone,
// else to the mailbox, whichever is there and anything carries it.
func (s *Service) where(came intake.Channel, id intake.Identity) (by intake.Channel, to string, err error) {
	reason := intake.SendNoContact
	for _, c := range []struct {
		by intake.Channel
		to string
	}{{came, id.Sender}, {intake.SMS, id.Phone}, {intake.Email, id.Email}} {
		if !reaches(c.by, c.to) {
			continue
		}
		if s.Courier != nil && s.Courier.Carries(c.by) {
			return c.by, strings.TrimSpace(c.to), nil
		}
		reason = intake.SendNoChannel
	}
	return "", "", &intake.SendError{Reason: reason}
}

// reaches says whether something can be sent to an address as it stands.
func reaches(by intake.Channel, to string) bool {
	switch by {
	case intake.SMS:
		return intake.Dialable(to)
	case intake.Email:
		a, err := mail.ParseAddress(to)
		return err == nil && a.Address == strings.TrimSpace(to)
	default:
		return false
	}
}

func dispatchContext(tip, id string) seal.Context {
	return seal.Context{Tip: tip, Compartment: intake.CompartmentAnswers, Part: "dispatch." + id, Direction: intake.Outward}
}
