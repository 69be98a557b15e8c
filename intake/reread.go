package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
)

// ErrUnreadable: a message that nobody could read still can't be.
var ErrUnreadable = errors.New("the message still can't be read")

// FlagReread marks what was read of a message later than it came.
const FlagReread = "reread"

// Found is what a later reading told of a message's sender: it changes the tip's facts.
type Found struct {
	Reply    Reply `json:"reply"`
	RealName bool  `json:"real_name"`
}

// Reading is what the later reading of a message changes beside the words and files it
// adds, in the same transaction.
type Reading struct {
	Found
	Identity *Part // takes the place of the identity there was; nil leaves it
	Fetches  []Fetch
	Audit    Audit
}

// RereadID is the id of the message that holds what was read later: a tip has one.
func RereadID(tip string) string {
	sum := sha256.Sum256([]byte("reread " + tip))
	return hex.EncodeToString(sum[:16])
}

// Reread adds to a tip of which nothing could be read what an adapter reads of its raw
// message by now: the words and the clean copies as an addition, the sender put to what is
// known of them. The raw message stays as it is. It is done once; a repetition changes
// nothing.
//
// Errors wrap [ErrUnreadable], [ErrConflict] or [ErrNotDurable].
func (s *Service) Reread(ctx context.Context, tip Tip, r *Report, known Identity, by Audit) error {
	keys, err := s.Keys.DeskKeys(tip.Desk)
	if err != nil {
		return notDurable(err)
	}
	d := s.batch(tip, keys)
	defer d.close()
	s.settle(r)
	if err := d.decode(r, r.Raw); err != nil {
		return err
	}
	if slices.Contains(r.Flags, FlagUnparsed) {
		return ErrUnreadable
	}
	reading := &Reading{Fetches: d.fetches(r, s.today()), Audit: by}
	who := known.with(r.Identity)
	if reading.Found = (Found{tip.Reply, who.RealName()}); tip.Reply == ReplyNone {
		reading.Reply = r.Reply
	}
	if !who.Empty() {
		p, err := d.sealJSON(CompartmentIdentity, PartName, who, true)
		if err != nil {
			return notDurable(err)
		}
		reading.Identity = &p
	}
	d.flags, d.found = append(r.Flags, FlagReread), &reading.Found
	up, err := d.followUpAs(RereadID(tip.ID), r.Words.Text)
	if err != nil {
		return err
	}
	up.Reading = reading
	duplicate, err := s.Store.AddFollowUp(ctx, up)
	d.stored(duplicate, err)
	return err
}

// with is who is known, with what else was found out.
func (id Identity) with(more Identity) Identity {
	for _, f := range []struct {
		known *string
		found string
	}{{&id.Name, more.Name}, {&id.Phone, more.Phone}, {&id.Email, more.Email}, {&id.Sender, more.Sender}} {
		if *f.known == "" {
			*f.known = f.found
		}
	}
	if len(id.Headers) == 0 {
		id.Headers = more.Headers
	}
	for _, n := range more.Notes {
		if !slices.Contains(id.Notes, n) {
			id.Notes = append(id.Notes, n)
		}
	}
	return id
}
