package casework

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tipline/crypto/seal"
	"tipline/intake"
)

// recordTime is how long the result of a sending may take to be written down, also
// when who pressed has gone meanwhile.
const recordTime = 20 * time.Second

// Dispatch sends one answer. The custodian's session opens the identity, the courier
// takes the answer to whom it names, and what comes back is a row: when, by which
// channel, with what result. A concluded tip is answered with it.
//
// The claim is stored before anything leaves, so that one press sends once, however
// often it is made. When the result is lost, by a crash or a gateway that doesn't
// answer, the dispatch stays [intake.DispatchUnclear]: it went out at most once, and
// only again says it anew, which may send it twice.
//
// An error that is a [*intake.SendError] is on record; any other one says that
// nothing was sent, save that the result couldn't be written down.
func (s *Service) Dispatch(ctx context.Context, by Actor, id string, again bool) error {
	d, err := s.sendable(ctx, by, id)
	if err != nil {
		return err
	}
	if kept, err := s.handoverOf(ctx, d.Tip); kept != nil || err != nil {
		return cmp.Or(err, ErrKept)
	}
	who, m, err := s.unsealed(by, d)
	if err != nil {
		return err
	}
	t, err := s.Store.Tip(ctx, d.Tip)
	if err != nil {
		return err
	}
	if t.Reply != intake.ReplyContact || t.DoNotContact {
		return ErrNoContact
	}
	claim := &intake.Claim{ID: id, Member: by.Name, On: s.today(), At: s.Now().Unix(), Again: again}
	if err := s.Store.Act(ctx, intake.Act{Audit: s.row(by, "dispatch.claim", d.Tip, id), Claim: claim}); err != nil {
		return err
	}
	d.Tries++
	return s.carry(ctx, by, t, d, who, m)
}

// unsealed opens what a custodian needs to send. What is gone was destroyed, or
// sent.
func (s *Service) unsealed(by Actor, d intake.Dispatch) (who intake.Identity, m intake.Outgoing, err error) {
	if len(d.Inner) == 0 || len(d.Text) == 0 {
		return who, m, fmt.Errorf("answer %s isn't there to be sent any more: %w", d.ID, intake.ErrConflict)
	}
	text, err := seal.OpenBytes(d.Inner, identityContext(d.Tip), by.Ring.Identities(s.Desks.CustodianKey(by.Desk))...)
	if err != nil {
		return who, m, fmt.Errorf("answer %s: %w", d.ID, err)
	}
	if err := json.Unmarshal(text, &who); err != nil {
		return who, m, fmt.Errorf("identity of tip %s is not readable", d.Tip)
	}
	m, err = s.opensAnswer(by, d)
	return who, m, err
}

// carry sends what is claimed and writes down what became of it.
func (s *Service) carry(ctx context.Context, by Actor, t intake.Tip, d intake.Dispatch, who intake.Identity, m intake.Outgoing) error {
	d.State, d.Result, d.On = intake.DispatchSent, "", s.today()
	m.Tip = t.ID
	way, to, failure := s.where(t.Channel, who)
	if failure == nil {
		d.Channel, failure = way, s.Courier.Carry(ctx, way, to, m)
	}
	if failure != nil {
		d.State, d.Result = intake.DispatchFailed, intake.SendRefused
	}
	if e, ok := errors.AsType[*intake.SendError](failure); ok {
		d.Result = e.Reason
		if e.Uncertain {
			d.State = intake.DispatchUnclear
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	return errors.Join(failure, s.record(ctx, by, d))
}

// record writes the result down, and with it that a concluded tip is answered. When
// the tip moved meanwhile, the result stands alone.
func (s *Service) record(ctx context.Context, by Actor, d intake.Dispatch) error {
	act := intake.Act{Audit: s.row(by, "dispatch."+string(d.State), d.Tip, result(d)), Sent: &d}
	t, err := s.Store.Tip(ctx, d.Tip)
	if err == nil && d.State == intake.DispatchSent && t.State == intake.StateConcluded {
		told := act
		if told.Seen, err = s.seen(ctx, t); err == nil {
			told.Move = &intake.Move{From: t.State, To: intake.StateAnswered, On: s.today()}
			if err = s.Store.Act(ctx, told); !errors.Is(err, intake.ErrConflict) {
				return err
			}
		}
	}
	return s.Store.Act(ctx, act)
}

// result is what the record says of a sending: codes alone.
func result(d intake.Dispatch) string {
	text := d.ID
	for _, code := range []string{string(d.Channel), d.Result} {
		if code != "" {
			text += " " + code
		}
	}
	return text
}
