package members

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"filippo.io/age"

	"tipline/crypto/keyring"
	"tipline/intake"
)

// NewMember is one member of the first set-up or one to be added.
type NewMember struct {
	Name       string
	Roles      []string
	Desk       string // "": the first, or that of who adds them
	Passphrase string
	MustChange bool // the passphrase was printed for them
}

// String keeps the passphrase out of logs and error texts.
func (n NewMember) String() string { return n.Name }

// LogValue keeps the passphrase out of structured logs.
func (n NewMember) LogValue() slog.Value { return slog.StringValue(n.Name) }

// ParseNewMember reads "NAME:ROLE[,ROLE][@DESK]".
func ParseNewMember(s string) (NewMember, error) {
	name, roles, ok := strings.Cut(s, ":")
	if !ok {
		return NewMember{}, fmt.Errorf("%q: write a member as NAME:ROLE[,ROLE], such as wang:handler", s)
	}
	roles, desk, _ := strings.Cut(roles, "@")
	m := NewMember{Name: name, Roles: strings.Split(roles, ","), Desk: desk}
	if err := CheckName(name); err != nil {
		return NewMember{}, err
	}
	if err := CheckRoles(m.Roles); err != nil {
		return NewMember{}, err
	}
	return m, nil
}

// Recovery is a recipient kept offline that can open a role's key when every
// holder's passphrase is lost.
type Recovery struct {
	Role      string // handler or custodian
	Desk      string // "": the first
	Recipient *age.HybridRecipient
}

// Setup makes the role keys of every desk and the first members in one transaction.
// It returns the pins that intake checks its keys against.
func (s *Service) Setup(ctx context.Context, first []NewMember, recovery []Recovery) (keyring.Pins, error) {
	return s.setUp(ctx, keyring.Pins{}, s.Desks, first, recovery, 0, s.Store.Init)
}

// Extend makes the role keys of desks that have none yet, with their first members, in
// an installation that is set up. recovery are those of these desks, and kept how many
// there are already. It returns pins with those of the new desks.
func (s *Service) Extend(ctx context.Context, pins keyring.Pins, first []NewMember, recovery []Recovery, kept int) (keyring.Pins, error) {
	bare, err := s.Bare(ctx)
	if err != nil {
		return keyring.Pins{}, err
	}
	return s.setUp(ctx, pins, bare, first, recovery, kept, s.Store.Extend)
}

// Bare are the desks without role keys.
func (s *Service) Bare(ctx context.Context) (out intake.Desks, err error) {
	keys, err := s.Store.RoleKeys(ctx)
	for _, desk := range s.Desks {
		if !slices.ContainsFunc(keys, func(k keyring.RoleKey) bool { return k.Role == intake.DeskKey(desk) }) {
			out = append(out, desk)
		}
	}
	return out, err
}

func (s *Service) setUp(ctx context.Context, pins keyring.Pins, desks intake.Desks, first []NewMember, recovery []Recovery, kept int,
	write func(context.Context, intake.Setup) error) (keyring.Pins, error) {
	first, recovery = s.placed(first, recovery)
	if err := checkHolders(desks, first, recovery); err != nil {
		return pins, err
	}
	set, ring, err := s.roleKeys(desks)
	if err != nil {
		return pins, err
	}
	for _, n := range first {
		m, grants, err := s.make(ctx, n, ring)
		if err != nil {
			return pins, err
		}
		set.Members = append(set.Members, m)
		set.Grants = append(set.Grants, grants...)
		set.Audit = append(set.Audit, s.row(m.Desk, n.Name, "member.add", strings.Join(n.Roles, ",")))
	}
	for i, r := range recovery {
		grants, err := s.grants(ring, r.Desk, recoveryName(kept+i), []string{r.Role}, r.Recipient)
		if err != nil {
			return pins, err
		}
		set.Grants = append(set.Grants, grants...)
	}
	if err := write(ctx, set); err != nil {
		return pins, err
	}
	for _, k := range set.RoleKeys {
		pins = pins.Add(k)
	}
	return pins, nil
}

// placed names the first desk where none is named.
func (s *Service) placed(first []NewMember, recovery []Recovery) ([]NewMember, []Recovery) {
	first, recovery = slices.Clone(first), slices.Clone(recovery)
	for i := range first {
		first[i].Desk = cmp.Or(first[i].Desk, s.Desks.First())
	}
	for i := range recovery {
		recovery[i].Desk = cmp.Or(recovery[i].Desk, s.Desks.First())
	}
	return first, recovery
}

// checkHolders: a role key that nobody holds is lost at once with all that will be
// sealed to it, and nobody may hold both, offline neither.
func checkHolders(desks intake.Desks, first []NewMember, recovery []Recovery) error {
	for _, n := range first {
		if !desks.Has(n.Desk) {
			return fmt.Errorf("%s at %q: %w", n.Name, n.Desk, ErrDesk)
		}
	}
	for _, desk := range desks {
		for _, role := range KeyRoles() {
			if !slices.ContainsFunc(first, func(n NewMember) bool { return n.Desk == desk && slices.Contains(n.Roles, role) }) {
				return fmt.Errorf("desk %s has no %s: %w", desk, role, ErrHolders)
			}
		}
	}
	serves := map[string]string{} // role and desk by recipient
	for _, r := range recovery {
		if !slices.Contains(KeyRoles(), r.Role) {
			return fmt.Errorf("recovery: %q holds no keys: %w", r.Role, ErrRole)
		}
		if !desks.Has(r.Desk) {
			return fmt.Errorf("recovery at %q: %w", r.Desk, ErrDesk)
		}
		if other, ok := serves[r.Recipient.String()]; ok && other != r.Role+"@"+r.Desk {
			return ErrRecovery
		}
		serves[r.Recipient.String()] = r.Role + "@" + r.Desk
	}
	return nil
}

// roleKeys makes version 1 of every role key of desks.
func (s *Service) roleKeys(desks intake.Desks) (intake.Setup, *keyring.Ring, error) {
	var set intake.Setup
	ring := keyring.NewRing()
	for _, desk := range desks {
		for _, name := range slices.Concat(s.RoleKeyNames(desk, Handler), s.RoleKeyNames(desk, Custodian)) {
			k, secret, err := keyring.NewRoleKey(name, 1)
			if err != nil {
				return set, nil, err
			}
			set.RoleKeys = append(set.RoleKeys, k)
			ring.Add(name, 1, secret)
		}
	}
	return set, ring, nil
}

// make is a first member, granted the roles' secrets.
func (s *Service) make(ctx context.Context, n NewMember, ring *keyring.Ring) (intake.Member, []keyring.Grant, error) {
	m, identity, err := s.newcomer(ctx, n)
	if err != nil {
		return m, nil, err
	}
	grants, err := s.grants(ring, m.Desk, n.Name, n.Roles, identity.Recipient())
	return m, grants, err
}
