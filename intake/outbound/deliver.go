package outbound

import (
	"context"
	"errors"
	"net/textproto"

	"tipline/intake"
)

// Delivers says whether there is a relay at all.
func (m *Mailer) Delivers() bool { return m.relay != nil }

// Deliver hands one letter to the relay now, from our own address, so that it can
// be answered. Its errors are [*intake.SendError].
func (m *Mailer) Deliver(ctx context.Context, l Letter) error {
	if m.relay == nil {
		return &intake.SendError{Reason: intake.SendNoChannel}
	}
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	r := *m.relay // whether it refuses the null return path is the queue's own
	err := r.send(ctx, m.From, l, false)
	if err == nil {
		return nil
	}
	return failure(err)
}

// failure is why a letter wasn't delivered. A relay that says no has it not; one
// that stopped talking may have it.
func failure(err error) error {
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		switch {
		case reply.Code == 530 || reply.Code == 534 || reply.Code == 535:
			return &intake.SendError{Reason: intake.SendCredentials}
		case reply.Code == 550 || reply.Code == 551 || reply.Code == 553:
			return &intake.SendError{Reason: intake.SendNumber}
		default:
			return &intake.SendError{Reason: intake.SendRefused}
		}
	}
	switch {
	case errors.Is(err, errSender):
		return &intake.SendError{Reason: intake.SendCredentials}
	case errors.Is(err, errRecipient):
		return &intake.SendError{Reason: intake.SendNumber}
	case errors.Is(err, errDial):
		return &intake.SendError{Reason: intake.SendUnreachable}
	default:
		return &intake.SendError{Reason: intake.SendUnclear, Uncertain: true}
	}
}
