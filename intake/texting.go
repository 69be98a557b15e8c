package intake

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"tipline/crypto/seal"
)

// text takes what belongs to something that is there already: a part of a longer
// text, a word that asks for something, a further text of a tip's sender. done is
// false for what is a report of its own; then r may have become the whole text
// that its last part completed.
func (s *Service) text(ctx context.Context, r *Report) (filed Filed, done bool, err error) {
	if s.Texts == nil || r.Hold {
		return Filed{}, false, nil
	}
	if r.Thread != "" {
		if filed, done, err = s.reply(ctx, r); done || err != nil {
			return filed, true, err
		}
	}
	if !r.Piece.Whole() {
		if filed, done, err = s.await(ctx, r); done || err != nil {
			return filed, true, err
		}
	}
	if !r.Converse || r.Sender == "" {
		return Filed{}, false, nil
	}
	switch commandOf(r.Words.Text) {
	case stop:
		filed, err = s.stop(ctx, r)
		return filed, true, err
	case inquire:
		filed, err = s.inquire(ctx, r)
		return filed, true, err
	default:
		return s.join(ctx, r)
	}
}

func (s *Service) senderTag(r *Report) []byte {
	return s.Tags.Tag("sender", string(r.Channel)+"\x00"+r.Sender)
}

func (s *Service) today() Date { return DateOf(s.Now(), s.Loc) }

// stop honours 退订: from now on nothing is sent for this sender's tips.
func (s *Service) stop(ctx context.Context, r *Report) (Filed, error) {
	if _, err := s.Texts.Stop(ctx, s.senderTag(r), s.today()); err != nil {
		return Filed{}, notDurable(err)
	}
	return Filed{Asked: AskedStop, DoNotContact: true}, nil
}

// inquire says where the sender's tip stands; the zero State is no tip within the
// window.
func (s *Service) inquire(ctx context.Context, r *Report) (Filed, error) {
	if verdict := s.limit(ctx, r); verdict.RetryAfter > 0 {
		return Filed{}, &LimitedError{RetryAfter: verdict.RetryAfter}
	}
	tip, err := s.Texts.Latest(ctx, s.senderTag(r), s.today())
	if errors.Is(err, ErrNotFound) {
		return Filed{Asked: AskedState}, nil
	}
	if err != nil {
		return Filed{}, notDurable(err)
	}
	return Filed{ID: tip.ID, ReceivedOn: tip.ReceivedOn, State: tip.State, Asked: AskedState, DoNotContact: tip.DoNotContact}, nil
}

// lookTime is how long a sender's tip is looked for: the gateway waits, and where the store is
// away the text itself may still be kept in time.
const lookTime = 2 * time.Second

// join adds the text to the tip that its sender's first one made. A store that is
// away is met again where the text is filed on its own.
func (s *Service) join(ctx context.Context, r *Report) (filed Filed, done bool, err error) {
	tip, found := s.latest(ctx, r)
	if !found {
		return Filed{}, false, nil
	}
	if verdict := s.limit(ctx, r); verdict.RetryAfter > 0 {
		return Filed{}, true, &LimitedError{RetryAfter: verdict.RetryAfter}
	}
	return s.addTo(ctx, r, tip)
}

// latest is the tip that r is added to, as far as it can be found out in time.
func (s *Service) latest(ctx context.Context, r *Report) (tip Tip, found bool) {
	if !s.joins(r) {
		return Tip{}, false
	}
	look, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	tip, err := s.Texts.Latest(look, s.senderTag(r), s.today())
	return tip, err == nil
}

// joins says whether r is a text that can be added to another.
func (s *Service) joins(r *Report) bool {
	text := additional(r)
	return s.Texts != nil && r.Converse && r.Sender != "" && !r.Hold && text != "" && utf8.RuneCountInString(text) <= MaxMessage
}

// additional is what a text says as an addition.
func additional(r *Report) string {
	return strings.TrimSpace(strings.ToValidUTF8(r.Words.Text, "\uFFFD"))
}

// accept stores r's tip. Where another process meanwhile took a text of its sender, r is added to that one's tip; what can't be
// is a tip of its own, so that nothing is lost. A store that keeps silent is waited for as long as storeTime.
func (s *Service) accept(ctx context.Context, r *Report, a *Acceptance) (got Accepted, joined *Filed, err error) {
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	got, err = s.Store.Accept(ctx, a)
	if !a.Opens || !errors.Is(err, ErrConflict) {
		return got, nil, err
	}
	if tip, found := s.latest(ctx, r); found {
		if filed, done, err := s.addTo(ctx, r, tip); done || err != nil {
			return Accepted{}, &filed, err
		}
	}
	a.Opens = false
	got, err = s.Store.Accept(ctx, a)
	return got, nil, err
}

// addTo adds r to a tip; done is false where it was closed meanwhile.
func (s *Service) addTo(ctx context.Context, r *Report, tip Tip) (filed Filed, done bool, err error) {
	message, err := s.followUp(tip, additional(r))
	if err != nil {
		return Filed{}, true, notDurable(err)
	}
	var known Acceptance
	s.tag(r, &known)
	got, err := s.Texts.Join(ctx, Joining{Message: message, Tags: known.KnownBy(), Nonce: known.NonceTag, Waited: r.waited})
	if errors.Is(err, ErrConflict) {
		return Filed{}, false, nil // closed meanwhile: it begins anew
	}
	if err != nil {
		return Filed{}, true, notDurable(err)
	}
	return Filed{ID: got.ID, ReceivedOn: got.ReceivedOn, State: got.State, Joined: true, Duplicate: got.Duplicate, DoNotContact: tip.DoNotContact}, true, nil
}

// followUp seals what a reporter adds to a tip.
func (s *Service) followUp(tip Tip, text string) (Message, error) {
	keys, err := s.Keys.DeskKeys(tip.Desk)
	if err != nil {
		return Message{}, err
	}
	id := NewID()
	sealed, err := seal.Seal(FollowUpContext(tip.ID, id), []byte(text), keys.Desk)
	return Message{ID: id, Tip: tip.ID, From: FromReporter, On: s.today(), Sealed: sealed, KeyVersion: keys.Version, Desk: tip.Desk}, err
}
