// Package members is who works at the desk: their keys, sessions and the audit
// chain of what they looked at and did.
//
// A member's own key stands under their passphrase; the secrets of the roles
// they hold are granted to that key. Nothing unlocked is ever stored: it lives
// in a session's memory and goes with it.
package members

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"time"

	"filippo.io/age"

	"tipline/crypto/keyring"
	"tipline/intake"
)

// The roles a member may hold, beside what casework names.
const (
	Handler   = "handler"
	Custodian = "custodian"
)

// The ways a member is refused. ErrLogin tells nothing of which half was wrong.
var (
	ErrLogin      = errors.New("this name and passphrase do not open the desk")
	ErrTooMany    = errors.New("too many wrong passphrases: wait a few minutes and try again")
	ErrDisabled   = errors.New("this member is disabled")
	ErrRole       = errors.New("unknown role: it is handler or custodian")
	ErrBothRoles  = errors.New("one member can't be handler and custodian: an identity must need two people")
	ErrName       = errors.New("a member's name is 1 to 64 letters, digits, dots, dashes or underscores, of at most 128 bytes, and not \"ledger\"")
	ErrNotGranted = errors.New("this member doesn't hold that role's key")
	ErrSame       = errors.New("the new passphrase must differ from the old one")
	ErrHolders    = errors.New("every role needs a first member: name at least one handler and one custodian")
	ErrRecovery   = errors.New("one recovery recipient can't serve both roles: an identity must need two people")
)

// Deps are what the service works with.
type Deps struct {
	Store Store
	Vault *keyring.Vault
	Desk  string // the desk whose keys handlers hold
	Loc   *time.Location
	Now   func() time.Time
}

// Service manages members.
type Service struct {
	Deps
	tries *tries
	decoy decoy
}

// New is the service over d.
func New(d Deps) *Service { return &Service{Deps: d, tries: newTries()} }

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

// RoleKeyNames are the role keys that a role's holder is granted.
func (s *Service) RoleKeyNames(role string) []string {
	switch role {
	case Handler:
		return []string{"desk:" + s.Desk, "ledger:" + s.Desk}
	case Custodian:
		return []string{"custodian"}
	default:
		return nil
	}
}

// Open unlocks a member's keys with their passphrase. A wrong name costs the
// same time as a wrong passphrase.
func (s *Service) Open(ctx context.Context, name, passphrase string) (*Unlocked, error) {
	if CheckName(name) != nil {
		name = "" // nobody's; tries must not be remembered under it
	}
	if !s.tries.allow(name, s.Now()) {
		return nil, ErrTooMany
	}
	if len(passphrase) > keyring.MaxPassphrase {
		return nil, ErrLogin // the vault refuses it at once, so a row for a known name would tell that it is known
	}
	m, err := s.Store.Member(ctx, name)
	if errors.Is(err, intake.ErrNotFound) {
		return nil, s.decoy.refuse(ctx, s.Vault, passphrase)
	}
	if err != nil {
		return nil, err
	}
	key, err := s.Vault.Unlock(ctx, m.Name, m.Key, passphrase)
	if errors.Is(err, keyring.ErrPassphrase) {
		if err := s.Store.AppendAudit(ctx, s.row(name, "login.failed", "")); err != nil {
			return nil, errors.Join(ErrLogin, err)
		}
		return nil, ErrLogin
	}
	if err != nil {
		return nil, err
	}
	if m.Disabled {
		return nil, ErrDisabled
	}
	s.tries.forget(name)
	ring, err := s.ring(ctx, m.Name, key)
	if err != nil {
		return nil, err
	}
	return &Unlocked{Member: m, Key: key, Ring: ring}, nil
}

// ring opens every grant of a member.
func (s *Service) ring(ctx context.Context, name string, key *age.HybridIdentity) (*keyring.Ring, error) {
	keys, err := s.Store.RoleKeys(ctx)
	if err != nil {
		return nil, err
	}
	grants, err := s.Store.Grants(ctx, name)
	if err != nil {
		return nil, err
	}
	ring := keyring.NewRing()
	for _, g := range grants {
		i := slices.IndexFunc(keys, func(k keyring.RoleKey) bool { return k.Role == g.Role && k.Version == g.Version })
		if i < 0 {
			return nil, fmt.Errorf("the grant of %s version %d has no role key: restore the database from a backup", g.Role, g.Version)
		}
		secret, err := g.Open(key, keys[i])
		if err != nil {
			return nil, err
		}
		ring.Add(g.Role, g.Version, secret)
	}
	return ring, nil
}

func (s *Service) row(member, act, detail string) intake.Audit {
	return intake.Audit{At: s.Now().UTC().Truncate(time.Second), Member: member, Act: act, Desk: s.Desk, Detail: detail}
}

// CheckRoles says whether a member may hold these roles together.
func CheckRoles(roles []string) error {
	for i, r := range roles {
		if r != Handler && r != Custodian {
			return fmt.Errorf("%q: %w", r, ErrRole)
		}
		if slices.Contains(roles[:i], r) {
			return fmt.Errorf("%q is named twice: %w", r, ErrRole)
		}
	}
	if len(roles) == 0 {
		return ErrRole
	}
	if slices.Contains(roles, Handler) && slices.Contains(roles, Custodian) {
		return ErrBothRoles
	}
	return nil
}

const maxName = 128 // bytes; a keyring's holders have no longer names

// reservedName stands in the record for what the ledger did.
const reservedName = "ledger"

// CheckName says whether name can be a member's.
func CheckName(name string) error {
	if name == reservedName || len(name) > maxName || !regexp.MustCompile(`^[\p{L}\p{N}._-]{1,64}$`).MatchString(name) {
		return fmt.Errorf("%q: %w", name, ErrName)
	}
	return nil
}
