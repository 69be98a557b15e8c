package members

import (
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
	Passphrase string
	MustChange bool // the passphrase was printed for them
}

// String keeps the passphrase out of logs and error texts.
func (n NewMember) String() string { return n.Name }

// LogValue keeps the passphrase out of structured logs.
func (n NewMember) LogValue() slog.Value { return slog.StringValue(n.Name) }

// ParseNewMember reads "NAME:ROLE[,ROLE]".
func ParseNewMember(s string) (NewMember, error) {
	name, roles, ok := strings.Cut(s, ":")
	if !ok {
		return NewMember{}, fmt.Errorf("%q: write a member as NAME:ROLE[,ROLE], such as wang:handler", s)
	}
	m := NewMember{Name: name, Roles: strings.Split(roles, ",")}
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
	Recipient *age.HybridRecipient
}

// Setup makes the role keys and the first members in one transaction. It returns
// the pins that intake checks its keys against.
func (s *Service) Setup(ctx context.Context, first []NewMember, recovery []Recovery) (keyring.Pins, error) {
	if err := checkHolders(first, recovery); err != nil {
		return keyring.Pins{}, err
	}
	set, ring, err := s.roleKeys()
	if err != nil {
		return keyring.Pins{}, err
	}
	for _, n := range first {
		m, grants, err := s.make(ctx, n, ring)
		if err != nil {
			return keyring.Pins{}, err
		}
		set.Members = append(set.Members, m)
		set.Grants = append(set.Grants, grants...)
		set.Audit = append(set.Audit, s.row(n.Name, "member.add", strings.Join(n.Roles, ",")))
	}
	for i, r := range recovery {
		grants, err := s.grants(ring, recoveryName(i), []string{r.Role}, r.Recipient)
		if err != nil {
			return keyring.Pins{}, err
		}
		set.Grants = append(set.Grants, grants...)
	}
	if err := s.Store.Init(ctx, set); err != nil {
		return keyring.Pins{}, err
	}
	var pins keyring.Pins
	for _, k := range set.RoleKeys {
		pins = pins.Add(k)
	}
	return pins, nil
}

// checkHolders: a role key that nobody holds is lost at once with all that will be
// sealed to it, and nobody may hold both, offline neither.
func checkHolders(first []NewMember, recovery []Recovery) error {
	for _, role := range []string{Handler, Custodian} {
		if !slices.ContainsFunc(first, func(n NewMember) bool { return slices.Contains(n.Roles, role) }) {
			return ErrHolders
		}
	}
	serves := map[string]string{} // role by recipient
	for _, r := range recovery {
		if !slices.Contains(KeyRoles(), r.Role) {
			return fmt.Errorf("recovery: %q holds no keys: %w", r.Role, ErrRole)
		}
		if other, ok := serves[r.Recipient.String()]; ok && other != r.Role {
			return ErrRecovery
		}
		serves[r.Recipient.String()] = r.Role
	}
	return nil
}

// roleKeys makes version 1 of every role key.
func (s *Service) roleKeys() (intake.Setup, *keyring.Ring, error) {
	var set intake.Setup
	ring := keyring.NewRing()
	for _, name := range slices.Concat(s.RoleKeyNames(Handler), s.RoleKeyNames(Custodian)) {
		k, secret, err := keyring.NewRoleKey(name, 1)
		if err != nil {
			return set, nil, err
		}
		set.RoleKeys = append(set.RoleKeys, k)
		ring.Add(name, 1, secret)
	}
	return set, ring, nil
}

// make is a first member, granted the roles' secrets.
func (s *Service) make(ctx context.Context, n NewMember, ring *keyring.Ring) (intake.Member, []keyring.Grant, error) {
	m, identity, err := s.newcomer(ctx, n)
	if err != nil {
		return m, nil, err
	}
	grants, err := s.grants(ring, n.Name, n.Roles, identity.Recipient())
	return m, grants, err
}
