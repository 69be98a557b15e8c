package members

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"filippo.io/age"

	"tipline/crypto/keyring"
	"tipline/intake"
)

// Staff is a member as those see them who keep the list.
type Staff struct {
	Name       string
	Desk       string
	Roles      []string
	CreatedOn  intake.Date
	Disabled   bool
	MustChange bool
	Factor     bool     // has a second factor
	Waiting    []string // roles whose keys nobody has granted yet
	Mark       string   // of the member's own key: they read it to who grants
}

// Staff are a desk's members with what each still waits for.
func (s *Service) Staff(ctx context.Context, desk string) ([]Staff, error) {
	all, err := s.crew(ctx, desk)
	if err != nil {
		return nil, err
	}
	held, err := s.Store.Holders(ctx)
	if err != nil {
		return nil, err
	}
	factors, err := s.Store.FactorHolders(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Staff, len(all))
	for i, m := range all {
		_, has := factors[m.Name]
		out[i] = Staff{Name: m.Name, Desk: m.Desk, Roles: m.Roles, CreatedOn: m.CreatedOn, Disabled: m.Disabled, MustChange: m.MustChange, Factor: has, Mark: Mark(m.Key)}
		for _, role := range m.Roles {
			if s.lacks(held, m, role) {
				out[i].Waiting = append(out[i].Waiting, role)
			}
		}
	}
	return out, nil
}

// lacks says whether a member holds a role without one of its keys.
func (s *Service) lacks(held []keyring.Grant, m intake.Member, role string) bool {
	for _, key := range s.RoleKeyNames(m.Desk, role) {
		if !slices.ContainsFunc(held, func(g keyring.Grant) bool { return g.Holder == m.Name && g.Role == key }) {
			return true
		}
	}
	return false
}

// Mark is a short form of a member's own key, five groups of four: whoever grants
// something to it compares it with what the member reads from their own page, so that
// nobody who writes the database can put another key there.
func Mark(k keyring.MemberKey) string {
	sum := sha256.Sum256([]byte("tipline member " + k.Recipient))
	text := hex.EncodeToString(sum[:10])
	return strings.Join([]string{text[:4], text[4:8], text[8:12], text[12:16], text[16:20]}, " ")
}

// Add adds a member to by's desk. What by holds of the keys of their roles is granted at once; for
// the rest the member waits for a holder. An administrator may add anybody; any other
// member only a colleague in roles whose keys they hold.
func (s *Service) Add(ctx context.Context, by *Unlocked, n NewMember) error {
	if !by.holds(Administrator) && !s.shares(by, n.Roles) {
		return ErrNotAllowed
	}
	n.Desk = by.Member.Desk
	return s.add(ctx, by.Member.Name, by.Ring, n)
}

// AddHere adds a member for who sits at the machine that holds the data. by grants what
// they hold, and the desk is theirs unless another is named; with nil every key waits
// for a holder, and the desk is the first.
func (s *Service) AddHere(ctx context.Context, by *Unlocked, n NewMember) error {
	if by == nil {
		n.Desk = cmp.Or(n.Desk, s.Desks.First())
		return s.add(ctx, Machine, keyring.NewRing(), n)
	}
	if n.Desk = cmp.Or(n.Desk, by.Member.Desk); n.Desk != by.Member.Desk {
		return ErrOtherDesk
	}
	return s.add(ctx, by.Member.Name, by.Ring, n)
}

// Machine stands in the record for who sits at the machine that holds the data.
const Machine = "command line"

func (s *Service) add(ctx context.Context, by string, ring *keyring.Ring, n NewMember) error {
	m, key, err := s.newcomer(ctx, n)
	if err != nil {
		return err
	}
	grants, err := s.grants(ring, m.Desk, n.Name, n.Roles, key.Recipient())
	if err != nil {
		return err
	}
	return s.Store.AddMember(ctx, m, grants, s.row(m.Desk, by, "member.add", n.Name+" "+strings.Join(n.Roles, ",")))
}

// grants are all versions, as far as ring holds them, of the keys of roles.
func (s *Service) grants(ring *keyring.Ring, desk, name string, roles []string, to *age.HybridRecipient) (out []keyring.Grant, err error) {
	for _, role := range roles {
		for _, key := range s.RoleKeyNames(desk, role) {
			for version, secret := range ring.All(key) {
				g, err := keyring.NewGrant(key, version, secret, name, to)
				if err != nil {
					return nil, err
				}
				out = append(out, g)
			}
		}
	}
	return out, nil
}

// shares says whether by holds the keys of each of these roles: one that has none is
// an administrator's to give.
func (s *Service) shares(by *Unlocked, roles []string) bool {
	return len(roles) > 0 && !slices.ContainsFunc(roles, func(r string) bool {
		return len(s.RoleKeyNames(by.Member.Desk, r)) == 0 || !by.holds(r) || !s.complete(by.Ring, by.Member.Desk, r)
	})
}

// Working are the roles a member can work in: a role with keys begins with their grant.
func (s *Service) Working(u *Unlocked) []string {
	return slices.DeleteFunc(slices.Clone(u.Member.Roles), func(r string) bool { return !s.complete(u.Ring, u.Member.Desk, r) })
}

// complete says whether a ring has every key of a role at a desk.
func (s *Service) complete(ring *keyring.Ring, desk, role string) bool {
	return !slices.ContainsFunc(s.RoleKeyNames(desk, role), func(key string) bool { return !ring.Has(key) })
}

// SetDisabled shuts another member out or lets them in again. An administrator may; by
// nil is who sits at the machine.
func (s *Service) SetDisabled(ctx context.Context, by *Unlocked, name string, disabled bool) error {
	who, err := s.administers(by, name)
	if err != nil {
		return err
	}
	m, err := s.colleague(ctx, by, name)
	if err != nil {
		return err
	}
	act := "member.enable"
	if disabled {
		act = "member.disable"
	}
	return s.Store.SetDisabled(ctx, name, disabled, s.row(m.Desk, who, act, name))
}

// administers says as whom the record names who changes another member.
func (s *Service) administers(by *Unlocked, name string) (who string, err error) {
	switch {
	case by == nil:
		return Machine, nil
	case !by.holds(Administrator):
		return "", ErrNotAllowed
	case by.Member.Name == name:
		return "", ErrSelf
	}
	return by.Member.Name, nil
}

// SetRoles gives another member other roles. The keys of roles they had go; those of
// new ones wait for a holder. An administrator may; by nil is who sits at the machine.
func (s *Service) SetRoles(ctx context.Context, by *Unlocked, name string, roles []string) error {
	who, err := s.administers(by, name)
	if err != nil {
		return err
	}
	if err := CheckRoles(roles); err != nil {
		return err
	}
	m, err := s.colleague(ctx, by, name)
	if err != nil {
		return err
	}
	var drop []string
	for _, role := range KeyRoles() {
		if !slices.Contains(roles, role) {
			drop = append(drop, s.RoleKeyNames(m.Desk, role)...)
		}
	}
	return s.Store.SetRoles(ctx, name, roles, drop, s.row(m.Desk, who, "member.roles", name+" "+strings.Join(roles, ",")))
}

// newcomer is a member with a fresh key under the passphrase.
func (s *Service) newcomer(ctx context.Context, n NewMember) (intake.Member, *age.HybridIdentity, error) {
	if err := CheckName(n.Name); err != nil {
		return intake.Member{}, nil, err
	}
	if err := CheckRoles(n.Roles); err != nil {
		return intake.Member{}, nil, err
	}
	if !s.Desks.Has(n.Desk) {
		return intake.Member{}, nil, fmt.Errorf("%q: %w", n.Desk, ErrDesk)
	}
	if err := keyring.CheckPassphrase(n.Passphrase); err != nil {
		return intake.Member{}, nil, fmt.Errorf("passphrase of %s: %w", n.Name, err)
	}
	key, identity, err := s.Vault.NewMemberKey(ctx, n.Name, n.Passphrase)
	if err != nil {
		return intake.Member{}, nil, err
	}
	return intake.Member{Name: n.Name, Desk: n.Desk, Roles: n.Roles, Key: key, MustChange: n.MustChange, CreatedOn: intake.DateOf(s.Now(), s.Loc)}, identity, nil
}
