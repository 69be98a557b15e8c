package members

import (
	"context"
	"encoding/json"
)

// PasskeyQuestion is what a login asks of any passkey, as JSON for the browser's
// navigator.credentials.get; [ErrNoPasskeys] where there are none.
func (ss *Sessions) PasskeyQuestion() ([]byte, error) {
	q, err := ss.members.passkeyQuestion()
	if err != nil {
		return nil, err
	}
	return json.Marshal(q)
}

// OfferPasskey begins a passkey for the session's own member: JSON for the browser's
// navigator.credentials.create. The session remembers one at a time, for minutes.
func (ss *Sessions) OfferPasskey(ctx context.Context, s *Session) ([]byte, error) {
	options, making, err := ss.members.offerPasskey(ctx, s.Unlocked)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.making = making
	s.mu.Unlock()
	return json.Marshal(options)
}

// AddPasskey gives the session's own member the passkey that answers what the session
// asked last; that question counts once. printed are printed codes when it is their first
// factor.
func (ss *Sessions) AddPasskey(ctx context.Context, s *Session, name string, answer []byte) (printed []string, err error) {
	s.mu.Lock()
	making := s.making
	s.making = nil
	s.mu.Unlock()
	printed, err = ss.members.addPasskey(ctx, s.Unlocked, making, name, answer)
	if err == nil {
		s.enrol(true)
	}
	return printed, err
}

// RemovePasskey takes one of the passkeys of the session's own member away.
func (ss *Sessions) RemovePasskey(ctx context.Context, s *Session, id string) error {
	left, err := ss.members.RemovePasskey(ctx, s.Unlocked, id)
	if err == nil {
		s.enrol(left)
	}
	return err
}
