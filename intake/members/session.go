package members

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"log/slog"
	"slices"
	"sync"
	"time"

	"tipline/intake"
)

// How long a session lives.
const (
	Idle = 15 * time.Minute
	Most = 8 * time.Hour
)

// Session is a logged-in member. Its keys live in this process's memory only.
type Session struct {
	*Unlocked
	ID    string // to tell a member's sessions apart; it opens nothing
	Began time.Time

	mu        sync.Mutex
	seen      time.Time
	confirmed time.Time // when the passphrase was typed last
	enrolled  bool
	pending   *Secrets  // shown to be taken in by an app, and not confirmed yet
	making    *ceremony // a passkey that the browser was asked for
	opened    map[string]any
}

// LogValue shows whose session it is and nothing unlocked.
func (s *Session) LogValue() slog.Value { return slog.StringValue(s.Member.Name) }

// Sessions are the sessions of one desk process.
type Sessions struct {
	members *Service
	mu      sync.Mutex
	byHash  map[[32]byte]*Session
}

// NewSessions keeps the sessions of the members s manages.
func NewSessions(s *Service) *Sessions {
	return &Sessions{members: s, byHash: map[[32]byte]*Session{}}
}

// Login opens a session and returns its secret token, which is the cookie.
func (ss *Sessions) Login(ctx context.Context, a Attempt) (token string, s *Session, err error) {
	u, enrolled, err := ss.members.login(ctx, a, "login")
	if err != nil {
		return "", nil, err
	}
	now := ss.members.Now()
	s = &Session{Unlocked: u, ID: rand.Text(), Began: now, seen: now, confirmed: now, enrolled: enrolled}
	token = rand.Text() + rand.Text()
	ss.mu.Lock()
	defer ss.mu.Unlock()
	ss.byHash[sha256.Sum256([]byte(token))] = s
	return token, s, nil
}

// Get is the session of a token, if it hasn't run out. Looking counts as use.
func (ss *Sessions) Get(token string) (*Session, bool) { return ss.find(token, true) }

// Peek is Get without use: what a page asks by itself mustn't keep a session
// alive that nobody sits at.
func (ss *Sessions) Peek(token string) (*Session, bool) { return ss.find(token, false) }

func (ss *Sessions) find(token string, use bool) (*Session, bool) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	h := sha256.Sum256([]byte(token))
	s, ok := ss.byHash[h]
	if !ok {
		return nil, false
	}
	now := ss.members.Now()
	if s.over(now) {
		ss.drop(h)
		return nil, false
	}
	if use {
		s.use(now)
	}
	return s, true
}

func (s *Session) use(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = now
}

func (s *Session) over(now time.Time) bool {
	return now.Sub(s.Seen()) > Idle || now.Sub(s.Began) > Most
}

// Logout ends a session and forgets its keys.
func (ss *Sessions) Logout(ctx context.Context, token string) error {
	ss.mu.Lock()
	h := sha256.Sum256([]byte(token))
	s, ok := ss.byHash[h]
	ss.drop(h)
	ss.mu.Unlock()
	if !ok {
		return nil
	}
	return ss.members.Store.AppendAudit(ctx, ss.members.row(s.Member.Desk, s.Member.Name, "logout", ""))
}

// Sweep forgets the keys of sessions that ran out. The desk calls it every minute.
func (ss *Sessions) Sweep() {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	now := ss.members.Now()
	for h, s := range ss.byHash {
		if s.over(now) {
			ss.drop(h)
		}
	}
}

// Recheck ends the sessions of members who were disabled or got another key or other roles, also
// by another process. The desk calls it with Sweep.
func (ss *Sessions) Recheck(ctx context.Context) error {
	stored, err := ss.members.crew(ctx, "")
	if err != nil {
		return err
	}
	ss.mu.Lock()
	defer ss.mu.Unlock()
	for h, s := range ss.byHash {
		if !slices.ContainsFunc(stored, func(m intake.Member) bool {
			return m.Name == s.Member.Name && !m.Disabled && m.Key.Recipient == s.Member.Key.Recipient && m.Desk == s.Member.Desk && slices.Equal(m.Roles, s.Member.Roles)
		}) {
			ss.drop(h)
		}
	}
	return nil
}

func (ss *Sessions) drop(h [32]byte) {
	if s, ok := ss.byHash[h]; ok {
		s.Ring.Wipe()
		delete(ss.byHash, h)
	}
}
