package members

import (
	"context"
	"time"
)

// Fresh is how long after the passphrase was typed an act that reaches far doesn't
// ask for it again.
const Fresh = 5 * time.Minute

// Seen is when the session was used last.
func (s *Session) Seen() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

// Enrolled says whether its member has a second factor.
func (s *Session) Enrolled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.enrolled
}

// Confirmed says whether the passphrase was typed within the last minutes.
func (s *Session) Confirmed(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return now.Sub(s.confirmed) < Fresh
}

// Confirm asks for the passphrase again; see [Service.Confirm].
func (ss *Sessions) Confirm(ctx context.Context, s *Session, passphrase string) error {
	if err := ss.members.Confirm(ctx, s.Unlocked, passphrase); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.confirmed = ss.members.Now()
	return nil
}

// Pending are the secrets that the member's app is to take in. They stay the same, so
// that a page that is loaded again doesn't spoil what the app has, until they are
// confirmed or the session ends; no form brings its own.
func (s *Session) Pending() Secrets {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending == nil {
		fresh := NewSecrets()
		s.pending = &fresh
	}
	return *s.pending
}

// Enrol gives the session's own member the pending secrets as second factor; see
// [Service.Enrol].
func (ss *Sessions) Enrol(ctx context.Context, s *Session, code string) (printed []string, err error) {
	printed, err = ss.members.Enrol(ctx, s.Unlocked, s.Pending(), code)
	if err == nil {
		s.enrol(true)
	}
	return printed, err
}

// Unenrol takes the code app of the session's own member away; see [Service.Unenrol].
func (ss *Sessions) Unenrol(ctx context.Context, s *Session) error {
	left, err := ss.members.Unenrol(ctx, s.Unlocked)
	if err == nil {
		s.enrol(left)
	}
	return err
}

func (s *Session) enrol(has bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enrolled, s.pending = has, nil
}
