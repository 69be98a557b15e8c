package keyring

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"filippo.io/age"

	"tipline/crypto/seal"
)

// Grant is a role's secret, sealed to one holder.
type Grant struct {
	Role    string
	Version int
	Holder  string // a member's name, or "recovery:N"
	Sealed  []byte // an age file of package seal; its context binds role, version and holder
}

const maxName = 128 // bytes

// NewGrant seals a role's secret to a holder. It is made in the session of somebody who holds the role.
func NewGrant(role string, version int, secret *age.HybridIdentity, holder string, to *age.HybridRecipient) (Grant, error) {
	g := Grant{Role: role, Version: version, Holder: holder}
	if err := checkRole(role, version); err != nil {
		return Grant{}, err
	}
	if err := checkName(holder); err != nil {
		return Grant{}, err
	}
	if secret == nil {
		return Grant{}, fmt.Errorf("keyring: grant of %s: %w", role, seal.ErrKey)
	}
	text := []byte(secret.String())
	defer clear(text)
	sealed, err := seal.Seal(g.context(), text, to)
	if err != nil {
		return Grant{}, fmt.Errorf("keyring: grant of %s: %w", role, err)
	}
	g.Sealed = sealed
	return g, nil
}

// Open opens the grant with its holder's key, and checks that the secret inside is the one of k, the
// pinned key: ErrSwapped if not. Otherwise errors are seal's, or ErrDamaged.
func (g Grant) Open(with *age.HybridIdentity, k RoleKey) (*age.HybridIdentity, error) {
	if err := checkRole(g.Role, g.Version); err != nil {
		return nil, err
	}
	if g.Role != k.Role || g.Version != k.Version {
		return nil, fmt.Errorf("%w: the grant is for %s version %d, the key is of %s version %d", ErrSwapped, g.Role, g.Version, k.Role, k.Version)
	}
	text, err := seal.OpenBytes(g.Sealed, g.context(), with)
	if err != nil {
		return nil, fmt.Errorf("keyring: grant of %s version %d: %w", g.Role, g.Version, err)
	}
	defer clear(text)
	secret, err := seal.ParseIdentity(string(text))
	if err != nil {
		return nil, fmt.Errorf("%w: grant of %s version %d: it holds no key", ErrDamaged, g.Role, g.Version)
	}
	if secret.Recipient().String() != k.Recipient {
		return nil, fmt.Errorf("%w: the grant of %s version %d holds another key than the stored one; restore both from a backup", ErrSwapped, g.Role, g.Version)
	}
	return secret, nil
}

// context names the holder by a hash, since a name may be in any script.
func (g Grant) context() seal.Context {
	holder := sha256.Sum256([]byte(g.Holder))
	return seal.Context{
		Tip:         "keyring",
		Compartment: g.Role,
		Part:        hex.EncodeToString(holder[:]),
		Direction:   "v" + strconv.Itoa(g.Version),
	}
}

func checkName(name string) error {
	if name == "" || len(name) > maxName {
		return fmt.Errorf("%w: a member's or holder's name has 1 to %d bytes", ErrMember, maxName)
	}
	return nil
}
