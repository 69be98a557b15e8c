package intake

import (
	"context"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"regexp"
	"strings"
	"time"

	"tipline/crypto/receipt"
	"tipline/crypto/waiting"
)

// threadDays is for how long an answer to one of our letters is added to its tip.
const threadDays = 14

// threadPlace binds a thread's tag to its use.
const threadPlace = "mail thread"

// ThreadTag is what a letter about a tip carries in its Message-ID, so that an answer
// to it finds the tip: the tip and the day, under intake's own key. It tells nobody
// anything, and it shows nothing of who answers.
func ThreadTag(key waiting.Key, tip string, on Date) string {
	return strings.ToLower(threadCode.EncodeToString(key.Seal(threadPlace, []byte(tip+" "+string(on)))))
}

var threadCode = base32.StdEncoding.WithPadding(base32.NoPadding)

// threadOf is the tip of a tag that isn't over; ok is false for anything else.
func (s *Service) threadOf(tag string) (tip string, ok bool) {
	sealed, err := threadCode.DecodeString(strings.ToUpper(tag))
	if err != nil {
		return "", false
	}
	text, err := s.Waiting.Open(threadPlace, sealed)
	if err != nil {
		return "", false
	}
	tip, on, _ := strings.Cut(string(text), " ")
	day, err := time.Parse(time.DateOnly, on)
	return tip, err == nil && string(s.today()) <= day.AddDate(0, 0, threadDays).Format(time.DateOnly)
}

// reply adds a mail to the tip that it answers a letter about, with its files and the
// raw message. done is false when it answers none, or one of a tip that is decided
// against: then it is a report of its own.
func (s *Service) reply(ctx context.Context, r *Report) (filed Filed, done bool, err error) {
	id, ok := s.threadOf(r.Thread)
	if !ok {
		return Filed{}, false, nil
	}
	tip, err := s.Texts.Tip(ctx, id)
	if err != nil || !tip.State.Conversing() {
		return Filed{}, false, nil
	}
	if verdict := s.limit(ctx, r); verdict.RetryAfter > 0 {
		return Filed{}, true, &LimitedError{RetryAfter: verdict.RetryAfter}
	}
	keys, err := s.Keys.DeskKeys(tip.Desk)
	if err != nil {
		return Filed{}, true, notDurable(err)
	}
	d := s.batch(tip, keys)
	defer d.close()
	if err := d.takeFiles(r); err != nil {
		return Filed{}, true, err
	}
	d.flags = r.Flags
	up, err := d.followUpAs(hex.EncodeToString(s.Tags.Tag("addition", tip.ID+" mail "+r.MessageID)), hideReceipts(r.Words.Text))
	if err != nil {
		return Filed{}, true, err
	}
	duplicate, err := s.Store.AddFollowUp(ctx, up)
	d.stored(duplicate, err)
	if err != nil {
		return Filed{}, true, notDurable(err)
	}
	return Filed{ID: tip.ID, ReceivedOn: tip.ReceivedOn, State: tip.State, Joined: true, Duplicate: duplicate, DoNotContact: tip.DoNotContact}, true, nil
}

// digits are what may be a receipt, in whatever groups.
var digits = regexp.MustCompile(`\d[\d \x{00a0}-]{22,40}\d`)

// hideReceipts blots receipts out: a mail that answers an acknowledgement quotes it, and
// the desk isn't to hold what opens its reporter's conversation.
func hideReceipts(text string) string {
	return digits.ReplaceAllStringFunc(text, func(s string) string {
		if _, err := receipt.Parse(s); errors.Is(err, receipt.ErrFormat) {
			return s
		}
		return "[……]"
	})
}
