package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tipline/intake"
)

// How long, in days, a provider's message, a sender and a nonce are recognized. A
// signed nonce without a time could be used for other words as soon as it is
// forgotten, so it stays for more than a year.
const (
	messageDays = 14
	senderDays  = 3
	nonceDays   = 400
)

// errDuplicate undoes what a second delivery began to write.
var errDuplicate = errors.New("accepted before")

// Accept stores a tip with all that belongs to it in one transaction and returns
// after the commit. A tip with the same receipt or message tag wins over this
// one: its id, day and state come back, Duplicate is set and nothing is stored.
//
// Errors wrap [intake.ErrNotDurable]: nothing was stored, unless it is [intake.ErrInDoubt]
// as well: the commit had no answer, or ctx ended before it.
func (s *Store) Accept(ctx context.Context, a *intake.Acceptance) (intake.Accepted, error) {
	var got intake.Accepted
	err := s.group.writeInTime(ctx, func(t *tx) (err error) {
		got, err = t.accept(a)
		return err
	})
	if errors.Is(err, errDuplicate) {
		return got, nil
	}
	if err != nil {
		return intake.Accepted{}, notDurable(err)
	}
	s.rouse(a.Event)
	return got, nil
}

func (t *tx) accept(a *intake.Acceptance) (intake.Accepted, error) {
	steps := []func(*intake.Acceptance) (intake.Accepted, error){t.enterTip, t.enterReceipt, t.enterMessage}
	for _, step := range steps {
		if there, err := step(a); err != nil {
			return there, err
		}
	}
	for _, step := range []func(*intake.Acceptance) error{t.insertStanding, t.insertParts, t.insertContainers, t.insertSender, t.insertFlood, t.insertFetches, t.acceptEvents} {
		if err := step(a); err != nil {
			return intake.Accepted{}, err
		}
	}
	silent, err := t.inheritSilence(a)
	if err != nil {
		return intake.Accepted{}, err
	}
	return intake.Accepted{ID: a.Tip.ID, ReceivedOn: a.Tip.ReceivedOn, State: a.Tip.State, DoNotContact: silent}, t.endWait(a.Waited)
}

// enterTip claims the tip's id.
func (t *tx) enterTip(a *intake.Acceptance) (intake.Accepted, error) {
	claimed, err := t.insertTip(a.Tip)
	if err != nil || claimed {
		return intake.Accepted{}, err
	}
	got, err := t.there(a, byReceipt, a.ReceiptTag)
	if got.ID != a.Tip.ID {
		return intake.Accepted{}, fmt.Errorf("the id of tip %s is taken", a.Tip.ID)
	}
	return got, err
}

// enterReceipt claims the receipt's tag for the tip.
func (t *tx) enterReceipt(a *intake.Acceptance) (intake.Accepted, error) {
	claimed, err := t.claim(`INSERT INTO receipts (tag, tip, reporter) VALUES ($1, $2, $3) ON CONFLICT (tag) DO NOTHING`, a.ReceiptTag, a.Tip.ID, a.Reporter)
	if err != nil || claimed {
		return intake.Accepted{}, err
	}
	return t.there(a, byReceipt, a.ReceiptTag)
}

// byReceipt finds what an acceptance says of the tip under a receipt's tag.
const byReceipt = `SELECT t.id, t.received_on, t.state FROM receipts r JOIN tips t ON t.id = r.tip WHERE r.tag = $1`

// enterMessage claims every tag the message is known by. One whose days are over
// is taken over.
func (t *tx) enterMessage(a *intake.Acceptance) (intake.Accepted, error) {
	for _, tag := range a.KnownBy() {
		claimed, err := t.claimTag(tag, a.Tip.ID, a.Tip.ReceivedOn, daysOf(tag, a.NonceTag))
		if err != nil {
			return intake.Accepted{}, err
		}
		if !claimed {
			return t.there(a, `SELECT t.id, t.received_on, t.state FROM message_tags m JOIN tips t ON t.id = m.tip WHERE m.tag = $1`, tag)
		}
	}
	return intake.Accepted{}, nil
}

func daysOf(tag, nonce []byte) int {
	if bytes.Equal(tag, nonce) {
		return nonceDays
	}
	return messageDays
}

// claimTag claims a tag for a tip, unless it belongs to another message.
func (t *tx) claimTag(tag []byte, tip string, on intake.Date, days int) (claimed bool, err error) {
	return t.claim(`INSERT INTO message_tags (tag, tip, until) VALUES ($1, $2, $3)
		ON CONFLICT (tag) DO UPDATE SET tip = excluded.tip, until = excluded.until WHERE message_tags.until < $4`, tag, tip, later(on, days), on)
}

// there reads the tip that was accepted before, and undoes this one by
// errDuplicate. The same acceptance, run again after a commit of unknown outcome,
// is itself and no duplicate.
func (t *tx) there(a *intake.Acceptance, query string, tag []byte) (got intake.Accepted, err error) {
	if err := t.row(query, tag).Scan(&got.ID, &got.ReceivedOn, &got.State); err != nil {
		return intake.Accepted{}, err
	}
	got.Duplicate = got.ID != a.Tip.ID
	return got, errDuplicate
}

// later is the day n days after d; a day that isn't one stays as it is.
func later(d intake.Date, n int) intake.Date {
	day, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return d
	}
	return intake.DateOf(day.AddDate(0, 0, n), time.UTC)
}

func (s *Store) rouse(events ...*intake.Event) {
	if !slices.ContainsFunc(events, func(e *intake.Event) bool { return e != nil }) {
		return
	}
	select {
	case s.wake <- struct{}{}:
	default: // the sleeper has a sign already
	}
}
