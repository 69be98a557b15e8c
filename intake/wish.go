package intake

import (
	"context"

	"tipline/crypto/receipt"
)

// Told is how far an answer has come on its way to the contact the reporter left,
// in words that give nothing away.
type Told struct {
	On    Date
	State string // waiting, sent or not_sent
}

// told leaves out what is over without having been sent.
func told(all []Dispatch) (out []Told) {
	words := map[DispatchState]string{DispatchWaiting: "waiting", DispatchSending: "waiting", DispatchSent: "sent",
		DispatchFailed: "not_sent", DispatchUnclear: "not_sent"}
	for _, d := range all {
		if w := words[d.State]; w != "" {
			out = append(out, Told{On: d.On, State: w})
		}
	}
	return out
}

// The ways an identity stands under a receipt.
const (
	IdentityNone      = "none"
	IdentityKept      = "kept"
	IdentityWithdrawn = "withdrawn"
)

// identity says how the reporter's identity stands.
func (t Thread) identity() string {
	for _, w := range t.Wishes {
		if w.Kind == WishWithdraw {
			return IdentityWithdrawn
		}
	}
	if t.Identity {
		return IdentityKept
	}
	return IdentityNone
}

// reply is how the reporter wants to hear by now.
func (t Thread) reply() Reply {
	if t.Tip.DoNotContact {
		return ReplyNone
	}
	return t.Tip.Reply
}

// Wish notes what the reporter decides under a receipt. It holds once this returns:
// nothing is sent any more, and no identity is opened. What has to be destroyed is
// destroyed by the desk, which alone may delete. The same wish twice is one.
func (s *Service) Wish(ctx context.Context, code receipt.Receipt, kind WishKind) error {
	if !kind.Known() {
		return &InvalidError{[]Problem{{Field: "wish", Code: "unknown"}}}
	}
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	thread, err := s.thread(ctx, code)
	if err != nil {
		return err
	}
	return s.Store.Wish(ctx, Wish{Tip: thread.Tip.ID, Kind: kind, On: DateOf(s.Now(), s.Loc)})
}
