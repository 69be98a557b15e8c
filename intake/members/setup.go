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
	set, secrets, err := s.roleKeys()
	if err != nil {
		return keyring.Pins{}, err
	}
	for _, n := range first {
		m, grants, err := s.make(ctx, n, secrets)
		if err != nil {
			return keyring.Pins{}, err
		}
		set.Members = append(set.Members, m)
		set.Grants = append(set.Grants, grants...)
		set.Audit = append(set.Audit, s.row(n.Name, "member.add", strings.Join(n.Roles, ",")))
	}
	for i, r := range recovery {
		for _, name := range s.RoleKeyNames(r.Role) {
			g, err := keyring.NewGrant(name, 1, secrets[name], fmt.Sprintf("recovery:%d", i+1), r.Recipient)
			if err != nil {
				return keyring.Pins{}, err
			}
			set.Grants = append(set.Grants, g)
		}
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
		if err := CheckRoles([]string{r.Role}); err != nil {
			return fmt.Errorf("recovery: %w", err)
		}
		if other, ok := serves[r.Recipient.String()]; ok && other != r.Role {
			return ErrRecovery
		}
		serves[r.Recipient.String()] = r.Role
	}
	return nil
}

// roleKeys makes version 1 of every role key.
func (s *Service) roleKeys() (intake.Setup, map[string]*age.HybridIdentity, error) {
	var set intake.Setup
	secrets := map[string]*age.HybridIdentity{}
	for _, name := range slices.Concat(s.RoleKeyNames(Handler), s.RoleKeyNames(Custodian)) {
		k, secret, err := keyring.NewRoleKey(name, 1)
		if err != nil {
			return set, nil, err
		}
		set.RoleKeys = append(set.RoleKeys, k)
		secrets[name] = secret
	}
	return set, secrets, nil
}

// make locks a new member's key and grants it the roles' secrets.
func (s *Service) make(ctx context.Context, n NewMember, secrets map[string]*age.HybridIdentity) (intake.Member, []keyring.Grant, error) {
	if err := CheckName(n.Name); err != nil {
		return intake.Member{}, nil, err
	}
	if err := CheckRoles(n.Roles); err != nil {
		return intake.Member{}, nil, err
	}
	if err := keyring.CheckPassphrase(n.Passphrase); err != nil {
		return intake.Member{}, nil, fmt.Errorf("passphrase of %s: %w", n.Name, err)
	}
	key, identity, err := s.Vault.NewMemberKey(ctx, n.Name, n.Passphrase)
	if err != nil {
		return intake.Member{}, nil, err
	}
	m := intake.Member{Name: n.Name, Roles: n.Roles, Key: key, MustChange: n.MustChange, CreatedOn: intake.DateOf(s.Now(), s.Loc)}
	var grants []keyring.Grant
	for _, role := range n.Roles {
		for _, name := range s.RoleKeyNames(role) {
			g, err := keyring.NewGrant(name, 1, secrets[name], n.Name, identity.Recipient())
			if err != nil {
				return m, nil, err
			}
			grants = append(grants, g)
		}
	}
	return m, grants, nil
}
