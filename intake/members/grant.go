package members

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"filippo.io/age"

	"tipline/crypto/keyring"
	"tipline/crypto/seal"
	"tipline/intake"
)

// Grant gives another member of a role its keys, in every version, in the session of
// one who holds them. mark is the [Mark] that they compared: a member who has another key by now is
// [ErrMark]. A member who still has a printed passphrase is [ErrNotReady]: whoever printed it could
// open what is granted.
func (s *Service) Grant(ctx context.Context, by *Unlocked, name, role, mark string) error {
	if !by.holds(role) || !s.shares(by, []string{role}) {
		return ErrNotAllowed
	}
	m, err := s.colleague(ctx, by, name)
	switch {
	case err != nil:
		return err
	case by.Member.Name == name:
		return ErrSelf
	case !slices.Contains(m.Roles, role):
		return ErrNotAllowed
	case m.Disabled:
		return ErrDisabled
	case m.MustChange:
		return ErrNotReady
	case mark != Mark(m.Key):
		return ErrMark
	}
	to, err := seal.ParseRecipient(m.Key.Recipient)
	if err != nil {
		return err
	}
	grants, err := s.grants(by.Ring, m.Desk, name, []string{role}, to)
	if err != nil {
		return err
	}
	return s.Store.AddGrants(ctx, grants, []intake.Member{m}, s.row(m.Desk, by.Member.Name, "member.grant", name+" "+role))
}

// Rekey restores a member whose passphrase is lost: a fresh key under a passphrase that
// is printed for them, with what by holds of the keys of their roles. Their second factor
// goes, since nothing opens it any more. An administrator may, and one who holds the keys
// of all their roles. An administrator alone grants nothing by it.
func (s *Service) Rekey(ctx context.Context, by *Unlocked, name, passphrase string) error {
	m, err := s.colleague(ctx, by, name)
	switch {
	case err != nil:
		return err
	case by.Member.Name == name:
		return ErrSelf
	case !by.holds(Administrator) && !s.shares(by, m.Roles):
		return ErrNotAllowed
	}
	return s.rekey(ctx, by.Member.Name, by.Ring, m, passphrase)
}

// ErrNoRecovery says that a recovery key opens nothing of what the member holds.
var ErrNoRecovery = errors.New("this recovery key opens none of the keys of this member's roles")

// RekeyByRecovery is Rekey by the holder of a role's recovery key, when nobody else is
// left.
func (s *Service) RekeyByRecovery(ctx context.Context, with *age.HybridIdentity, name, passphrase string) error {
	m, err := s.member(ctx, name)
	if err != nil {
		return err
	}
	ring, err := s.recovered(ctx, with)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(m.Roles, func(r string) bool { return len(s.RoleKeyNames(m.Desk, r)) > 0 && s.complete(ring, m.Desk, r) }) {
		return ErrNoRecovery
	}
	return s.rekey(ctx, "recovery key", ring, m, passphrase)
}

func (s *Service) rekey(ctx context.Context, by string, ring *keyring.Ring, m intake.Member, passphrase string) error {
	key, identity, err := s.Vault.NewMemberKey(ctx, m.Name, passphrase)
	if err != nil {
		return err
	}
	grants, err := s.grants(ring, m.Desk, m.Name, m.Roles, identity.Recipient())
	if err != nil {
		return err
	}
	return s.Store.SetKey(ctx, intake.Rekeying{Was: m, Key: key, MustChange: true, Grants: grants}, s.row(m.Desk, by, "member.rekey", m.Name))
}

const recoveryHolder = "recovery:"

// recoveryName is the holder that the recovery key at a place of the list is.
func recoveryName(at int) string { return fmt.Sprintf("%s%d", recoveryHolder, at+1) }

// Recovered are the roles of a desk that a kept recovery key holds. One that somebody only wrote into the file
// opens backups, until [Service.AddRecovery] grants it the role.
func (s *Service) Recovered(ctx context.Context, desk string, kept []Recovery) (roles []string, err error) {
	held, err := s.Store.Holders(ctx)
	for i, r := range kept {
		holder := intake.Member{Name: recoveryName(i), Desk: cmp.Or(r.Desk, s.Desks.First())}
		if holder.Desk == desk && !s.lacks(held, holder, r.Role) {
			roles = append(roles, r.Role)
		}
	}
	return roles, err
}

// recovered is what a recovery key opens.
func (s *Service) recovered(ctx context.Context, with *age.HybridIdentity) (*keyring.Ring, error) {
	held, err := s.Store.Holders(ctx)
	if err != nil {
		return nil, err
	}
	ring := keyring.NewRing()
	seen := map[string]bool{}
	for _, g := range held {
		if !strings.HasPrefix(g.Holder, recoveryHolder) || seen[g.Holder] {
			continue
		}
		seen[g.Holder] = true
		if err := s.openInto(ctx, ring, g.Holder, with, true); err != nil {
			return nil, err
		}
	}
	return ring, nil
}

// AddRecovery grants every version of a role's keys to a recovery key that is kept
// offline. recovery are those kept so far, and it returns those to keep. One that serves
// another role is [ErrRecovery], one that holds the role already [intake.ErrConflict].
// The desk is by's own.
func (s *Service) AddRecovery(ctx context.Context, by *Unlocked, fresh Recovery, recovery []Recovery) ([]Recovery, error) {
	if !s.shares(by, []string{fresh.Role}) {
		return nil, ErrNotAllowed
	}
	fresh.Desk = by.Member.Desk
	at := slices.IndexFunc(recovery, func(r Recovery) bool { return r.Recipient.String() == fresh.Recipient.String() })
	switch {
	case at < 0:
		recovery = append(slices.Clone(recovery), fresh)
		at = len(recovery) - 1
	case recovery[at].Role != fresh.Role || cmp.Or(recovery[at].Desk, s.Desks.First()) != fresh.Desk:
		return nil, ErrRecovery
	}
	grants, err := s.grants(by.Ring, fresh.Desk, recoveryName(at), []string{fresh.Role}, fresh.Recipient)
	if err != nil {
		return nil, err
	}
	return recovery, s.Store.AddGrants(ctx, grants, nil, s.row(fresh.Desk, by.Member.Name, "keys.recovery", fresh.Role))
}

// Rotation is a new version of a role's keys: it stands in the store, and now its
// fingerprints belong into the pins.
type Rotation struct {
	Keys    []keyring.RoleKey
	Holders []Holder // who was granted them
}

// Holder is who was granted new keys, and the [Mark] of the member's own key that they were sealed
// to; "" of a recovery key, which is kept outside the database.
type Holder struct{ Name, Mark string }

// String is the name with the mark behind it.
func (h Holder) String() string {
	if h.Mark == "" {
		return h.Name
	}
	return h.Name + " (" + h.Mark + ")"
}

// Rotate makes new versions of a role's keys at by's desk and grants them to everybody who holds the
// present ones, recovery keys among them; what was sealed before stays readable with the
// old ones. recovery are the recipients kept at the set-up.
func (s *Service) Rotate(ctx context.Context, by *Unlocked, role string, recovery []Recovery) (Rotation, error) {
	if !s.shares(by, []string{role}) {
		return Rotation{}, ErrNotAllowed
	}
	desk := by.Member.Desk
	to, err := s.recipients(ctx, desk, role, recovery)
	if err != nil {
		return Rotation{}, err
	}
	var out Rotation
	var grants []keyring.Grant
	for _, name := range s.RoleKeyNames(desk, role) {
		version, _, _ := by.Ring.Newest(name)
		key, secret, err := keyring.NewRoleKey(name, version+1)
		if err != nil {
			return Rotation{}, err
		}
		out.Keys = append(out.Keys, key)
		for _, t := range to {
			g, err := keyring.NewGrant(name, key.Version, secret, t.holder, t.key)
			if err != nil {
				return Rotation{}, err
			}
			grants = append(grants, g)
		}
	}
	var sealedTo []intake.Member
	for _, t := range to {
		holder := Holder{Name: t.holder}
		if t.member != nil {
			holder.Mark = Mark(t.member.Key)
			sealedTo = append(sealedTo, *t.member)
		}
		out.Holders = append(out.Holders, holder)
	}
	return out, s.Store.Rotate(ctx, out.Keys, grants, sealedTo, s.row(desk, by.Member.Name, "keys.rotate", role))
}

type recipient struct {
	holder string
	key    *age.HybridRecipient
	member *intake.Member // nil for a recovery key
}

// recipients are who holds a role's keys: active members who were granted them, and the
// recovery keys. A recovery key that holds the role and isn't among recovery would be
// left out unseen, so it stops the rotation.
func (s *Service) recipients(ctx context.Context, desk, role string, recovery []Recovery) (out []recipient, err error) {
	held, err := s.Store.Holders(ctx)
	if err != nil {
		return nil, err
	}
	all, err := s.crew(ctx, desk)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if m.Disabled || !slices.Contains(m.Roles, role) || s.lacks(held, m, role) {
			continue
		}
		to, err := seal.ParseRecipient(m.Key.Recipient)
		if err != nil {
			return nil, err
		}
		out = append(out, recipient{m.Name, to, &m})
	}
	known := map[string]bool{}
	for i, r := range recovery {
		if r.Role == role && cmp.Or(r.Desk, s.Desks.First()) == desk {
			name := recoveryName(i)
			known[name] = true
			out = append(out, recipient{name, r.Recipient, nil})
		}
	}
	for _, g := range held {
		if strings.HasPrefix(g.Holder, recoveryHolder) && slices.Contains(s.RoleKeyNames(desk, role), g.Role) && !known[g.Holder] {
			return nil, fmt.Errorf("%s holds %s, and its recipient isn't known here: put the file of the recovery recipients back", g.Holder, g.Role)
		}
	}
	return out, nil
}
