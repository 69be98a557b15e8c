package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"tipline/intake"
)

// How long, in days, a provider's message and a sender are recognized.
const (
	messageDays = 14
	senderDays  = 3
)

// errDuplicate undoes what a second delivery began to write.
var errDuplicate = errors.New("accepted before")

// Accept stores a tip with all that belongs to it in one transaction and returns
// after the commit. A tip with the same receipt or message tag wins over this
// one: its id, day and state come back, Duplicate is set and nothing is stored.
//
// Errors wrap [intake.ErrNotDurable]: nothing was stored. When ctx ends before
// the transaction begins, so does the wait; after that the outcome is waited for.
func (s *Store) Accept(ctx context.Context, a *intake.Acceptance) (intake.Accepted, error) {
	var got intake.Accepted
	err := s.group.write(ctx, true, func(t *tx) (err error) {
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
	fresh, err := t.enter(a)
	if err != nil {
		return intake.Accepted{}, err
	}
	if !fresh {
		return t.first(a)
	}
	steps := []func(*intake.Acceptance) error{t.insertTip, t.insertParts, t.insertContainers, t.insertSender, t.acceptEvents}
	for _, step := range steps {
		if err := step(a); err != nil {
			return intake.Accepted{}, err
		}
	}
	return intake.Accepted{ID: a.Tip.ID, ReceivedOn: a.Tip.ReceivedOn, State: a.Tip.State}, nil
}

// enter claims the receipt's and the message's tag for the tip. A message's tag
// whose days are over is taken over.
func (t *tx) enter(a *intake.Acceptance) (fresh bool, err error) {
	n, err := t.exec(`INSERT INTO receipts (tag, tip, reporter) VALUES ($1, $2, $3) ON CONFLICT (tag) DO NOTHING`, a.ReceiptTag, a.Tip.ID, a.Reporter)
	if err != nil || n == 0 {
		return false, err
	}
	if len(a.MessageTag) == 0 {
		return true, nil
	}
	n, err = t.exec(`INSERT INTO message_tags (tag, tip, until) VALUES ($1, $2, $3)
		ON CONFLICT (tag) DO UPDATE SET tip = excluded.tip, until = excluded.until WHERE message_tags.until < $4`,
		a.MessageTag, a.Tip.ID, later(a.Tip.ReceivedOn, messageDays), a.Tip.ReceivedOn)
	return n > 0, err
}

// first finds the tip that was there before, by receipt or by message.
func (t *tx) first(a *intake.Acceptance) (intake.Accepted, error) {
	const columns = `SELECT t.id, t.received_on, t.state FROM tips t `
	got := intake.Accepted{Duplicate: true}
	err := t.row(columns+`JOIN receipts r ON r.tip = t.id WHERE r.tag = $1`, a.ReceiptTag).Scan(&got.ID, &got.ReceivedOn, &got.State)
	if errors.Is(missing(err, errDuplicate), errDuplicate) { // our own row, whose tip isn't there
		err = t.row(columns+`JOIN message_tags m ON m.tip = t.id WHERE m.tag = $1`, a.MessageTag).Scan(&got.ID, &got.ReceivedOn, &got.State)
	}
	if err != nil {
		return intake.Accepted{}, err
	}
	// The same acceptance run again after a commit of unknown outcome is no duplicate.
	got.Duplicate = got.ID != a.Tip.ID
	return got, errDuplicate
}

func (t *tx) insertTip(a *intake.Acceptance) error {
	p := a.Tip
	conduct, err := list(p.Conduct)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO tips (id, desk, key_version, channel, source, category, conduct, place, town, village, urgent, lane, state,
		real_name, reply, received_on, files, commitment, unread, department, due_on)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
		p.ID, p.Desk, p.KeyVersion, p.Channel, p.Source, p.Category, conduct, p.Place, upTo(p.Place, townDigits), upTo(p.Place, villageDigits),
		bit(p.Urgent), p.Lane, p.State, bit(p.RealName), p.Reply, p.ReceivedOn, p.Files, p.Commitment, bit(p.Unread), p.Department, p.DueOn)
	if err != nil {
		return err
	}
	if err := t.addHistory(p.ID, 1, p.State, p.ReceivedOn); err != nil {
		return err
	}
	return t.count(standing{p.Desk, p.Lane, p.State, p.Unread, p.KeyVersion}, 1)
}

func (t *tx) insertParts(a *intake.Acceptance) error {
	for _, p := range a.Parts {
		if err := t.addPart(a.Tip.ID, 1, a.Tip.Desk, a.Tip.KeyVersion, p); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) addPart(tip string, n int, desk string, version int, p intake.Part) error {
	_, err := t.exec(`INSERT INTO parts (tip, compartment, name, n, desk, key_version, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		tip, p.Compartment, p.Name, n, desk, version, p.Sealed)
	return err
}

func (t *tx) insertContainers(a *intake.Acceptance) error {
	for _, c := range a.Containers {
		if _, err := t.exec(`INSERT INTO containers (tip, compartment, desk, key_version, inline) VALUES ($1, $2, $3, $4, $5)`,
			a.Tip.ID, c.Compartment, a.Tip.Desk, a.Tip.KeyVersion, c.Inline); err != nil {
			return err
		}
		for n, st := range c.Streams {
			if _, err := t.exec(`INSERT INTO streams (tip, compartment, n, name, start, length) VALUES ($1, $2, $3, $4, $5, $6)`,
				a.Tip.ID, c.Compartment, n, st.Name, st.Offset, st.Length); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *tx) insertSender(a *intake.Acceptance) error {
	if len(a.SenderTag) == 0 {
		return nil
	}
	_, err := t.exec(`INSERT INTO sender_tags (tag, tip, until) VALUES ($1, $2, $3)`, a.SenderTag, a.Tip.ID, later(a.Tip.ReceivedOn, senderDays))
	return err
}

func (t *tx) acceptEvents(a *intake.Acceptance) error {
	if a.Audit != nil {
		if err := t.audit(*a.Audit); err != nil {
			return err
		}
	}
	return t.addEvent(a.Event)
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
