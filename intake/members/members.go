// Package members is who works at the desk: their keys, sessions and the audit
// chain of what they looked at and did.
//
// A member's own key stands under their passphrase; the secrets of the roles
// they hold are granted to that key. Nothing unlocked is ever stored: it lives
// in a session's memory and goes with it.
package members

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"filippo.io/age"

	"tipline/crypto/keyring"
	"tipline/crypto/seal"
	"tipline/intake"
)

// The ways a member is refused. ErrLogin tells nothing of which half was wrong.
var (
	ErrLogin      = errors.New("this name and passphrase do not open the desk")
	ErrTooMany    = errors.New("too many wrong passphrases: wait a few minutes and try again")
	ErrDisabled   = errors.New("this member is disabled")
	ErrRole       = errors.New("unknown role: it is handler, custodian, supervisor, auditor or administrator")
	ErrBothRoles  = errors.New("one member can't be handler and custodian: an identity must need two people")
	ErrName       = errors.New("a member's name is 1 to 64 letters, digits, dots, dashes or underscores, of at most 128 bytes, and not \"ledger\"")
	ErrNotGranted = errors.New("this member doesn't hold that role's key")
	ErrSame       = errors.New("the new passphrase must differ from the old one")
	ErrHolders    = errors.New("every role needs a first member: name at least one handler and one custodian")
	ErrCode       = errors.New("this code is wrong, too old, or was used already")
	ErrNotAllowed = errors.New("this member's role may not do this to another member")
	ErrNotReady   = errors.New("this member must change the printed passphrase first: a key that somebody else could open is granted nothing")
	ErrMark       = errors.New("this member's key isn't the one whose mark was compared: compare the mark again")
	ErrSelf       = errors.New("nobody does this to themselves: another member must")
	ErrDesk       = errors.New("no such desk works here: write NAME:ROLE@DESK with one of the pack's desks that the configuration's `desks` names")
	ErrOtherDesk  = errors.New("this member works at another desk, and grants and adds at their own alone")
	ErrRecovery   = errors.New("one recovery recipient can't serve both roles: an identity must need two people")
)

// Deps are what the service works with.
type Deps struct {
	Store Store
	Vault *keyring.Vault
	Desks intake.Desks // that work here; at least one
	Loc   *time.Location
	Now   func() time.Time
	// Passkeys is the desk as passkeys know it; nil where there are none.
	Passkeys *RelyingParty
}

// Service manages members.
type Service struct {
	Deps
	tries      *tries
	challenges *challenges
	decoy      decoy
}

// New is the service over d.
func New(d Deps) *Service { return &Service{Deps: d, tries: newTries(), challenges: newChallenges()} }

// Unlocked is a member with everything their passphrase opens.
type Unlocked struct {
	Member intake.Member
	Key    *age.HybridIdentity
	Ring   *keyring.Ring
}

// String is the member's name and nothing unlocked: an age identity prints its
// secret.
func (u *Unlocked) String() string { return u.Member.Name }

// LogValue shows the member's name and nothing unlocked.
func (u *Unlocked) LogValue() slog.Value { return slog.StringValue(u.Member.Name) }

// Attempt is what somebody who wants in hands over.
type Attempt struct {
	Name, Passphrase string
	Code             string // of the second factor: from the app, or a printed one
	Passkey          []byte // instead of a code: what a passkey answered, JSON as WebAuthn §5.1 has it
	Origin           string // where from, as pseudonym.Origin words it; "" is this machine
}

// String keeps the secrets out of logs and error texts.
func (a Attempt) String() string { return a.Name }

// LogValue keeps the secrets out of structured logs.
func (a Attempt) LogValue() slog.Value { return slog.StringValue(a.Name) }

// Open unlocks a member's keys for who sits at the machine that holds them, and notes
// it. Of a member with a second factor it asks for its code as well. A wrong name costs
// the same time as a wrong passphrase.
func (s *Service) Open(ctx context.Context, name, passphrase, code string) (*Unlocked, error) {
	u, _, err := s.login(ctx, Attempt{Name: name, Passphrase: passphrase, Code: code}, "login.here")
	return u, err
}

// HasFactor says whether a member has a second factor, for who sits at the machine that
// holds the data.
func (s *Service) HasFactor(ctx context.Context, name string) (bool, error) {
	_, has, err := s.factor(ctx, name)
	return has, err
}

// enter unlocks a member's keys when second agrees as well.
func (s *Service) enter(ctx context.Context, a Attempt, second func(*Unlocked) error) (*Unlocked, error) {
	if CheckName(a.Name) != nil {
		a.Name = "" // nobody's; tries must not be remembered under it
	}
	if !s.tries.allow(a.Name, a.Origin, s.Now()) {
		return nil, ErrTooMany
	}
	leave, ok := s.tries.seat(a.Name, a.Origin, s.Now())
	if !ok {
		return nil, ErrTooMany
	}
	u, err := s.unlock(ctx, a)
	leave()
	if err != nil {
		return nil, err
	}
	if err := second(u); err != nil {
		return nil, err
	}
	if u.Member.Disabled {
		return nil, ErrDisabled
	}
	s.tries.welcome(a.Name, a.Origin, s.Now())
	if u.Ring, err = s.ring(ctx, a.Name, u.Key); err != nil {
		return nil, err
	}
	return u, nil
}

// unlock opens a member's own key.
func (s *Service) unlock(ctx context.Context, a Attempt) (*Unlocked, error) {
	if len(a.Passphrase) > keyring.MaxPassphrase {
		return nil, ErrLogin // the vault refuses it at once, so a row for a known name would tell that it is known
	}
	m, err := s.member(ctx, a.Name)
	if errors.Is(err, intake.ErrNotFound) {
		return nil, s.decoy.refuse(ctx, s.Vault, a.Passphrase)
	}
	if err != nil {
		return nil, err
	}
	key, err := s.Vault.Unlock(ctx, m.Name, m.Key, a.Passphrase)
	if errors.Is(err, keyring.ErrPassphrase) {
		return nil, s.refused(ctx, m, "")
	}
	if err != nil {
		return nil, err
	}
	return &Unlocked{Member: m, Key: key}, nil
}

// refused notes a wrong try. What was wrong stands in the record and not in the
// answer.
func (s *Service) refused(ctx context.Context, m intake.Member, detail string) error {
	if err := s.Store.AppendAudit(ctx, s.row(m.Desk, m.Name, "login.failed", detail)); err != nil {
		return errors.Join(ErrLogin, err)
	}
	return ErrLogin
}

// ring opens every grant of a member.
func (s *Service) ring(ctx context.Context, name string, key *age.HybridIdentity) (*keyring.Ring, error) {
	ring := keyring.NewRing()
	return ring, s.openInto(ctx, ring, name, key, false)
}

// openInto puts what holder was granted on a ring; with some, what is sealed to another
// key is left out.
func (s *Service) openInto(ctx context.Context, ring *keyring.Ring, holder string, key *age.HybridIdentity, some bool) error {
	keys, err := s.Store.RoleKeys(ctx)
	if err != nil {
		return err
	}
	grants, err := s.Store.Grants(ctx, holder)
	if err != nil {
		return err
	}
	for _, g := range grants {
		i := slices.IndexFunc(keys, func(k keyring.RoleKey) bool { return k.Role == g.Role && k.Version == g.Version })
		if i < 0 {
			return fmt.Errorf("the grant of %s version %d has no role key: restore the database from a backup", g.Role, g.Version)
		}
		secret, err := g.Open(key, keys[i])
		if some && errors.Is(err, seal.ErrKey) {
			continue
		}
		if err != nil {
			return err
		}
		ring.Add(g.Role, g.Version, secret)
	}
	return nil
}

// row is a row of a desk's record: who did it, or at whose desk.
func (s *Service) row(desk, member, act, detail string) intake.Audit {
	return intake.Audit{At: s.Now().UTC().Truncate(time.Second), Member: member, Act: act, Desk: desk, Detail: detail}
}

// member is one member with their desk: rows that were there before desks were told
// apart belong to the first.
func (s *Service) member(ctx context.Context, name string) (intake.Member, error) {
	m, err := s.Store.Member(ctx, name)
	m.Desk = cmp.Or(m.Desk, s.Desks.First())
	return m, err
}

// colleague is a member of by's desk. Another desk's is as unknown as nobody's name;
// for who sits at the machine, by nil, there is no such difference.
func (s *Service) colleague(ctx context.Context, by *Unlocked, name string) (intake.Member, error) {
	m, err := s.member(ctx, name)
	if err == nil && by != nil && m.Desk != by.Member.Desk {
		return intake.Member{}, fmt.Errorf("member %s: %w", name, intake.ErrNotFound)
	}
	return m, err
}

// crew are the members of a desk; of all with "".
func (s *Service) crew(ctx context.Context, desk string) (out []intake.Member, err error) {
	all, err := s.Store.Members(ctx)
	for _, m := range all {
		if m.Desk = cmp.Or(m.Desk, s.Desks.First()); desk == "" || m.Desk == desk {
			out = append(out, m)
		}
	}
	return out, err
}
