package keyring

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"regexp"

	"filippo.io/age"

	"tipline/crypto/seal"
)

// RoleKey is the public half of a role's key, as it is stored.
type RoleKey struct {
	Role      string // "desk:ID", "ledger:ID", "custodian", or "custodian:ID" of a further desk; ID is [a-z0-9][a-z0-9._-]{0,47}
	Version   int    // from 1; the highest is the one that is sealed to
	Recipient string // age1pq1…
}

const maxVersion = 1_000_000

// NewRoleKey makes a key for a role: what to store, and the secret, which belongs into Grants only.
func NewRoleKey(role string, version int) (RoleKey, *age.HybridIdentity, error) {
	if err := checkRole(role, version); err != nil {
		return RoleKey{}, nil, err
	}
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return RoleKey{}, nil, fmt.Errorf("keyring: new key of %s: %w", role, err)
	}
	return RoleKey{role, version, id.Recipient().String()}, id, nil
}

// Parse is the recipient to seal to. Check the key against the Pins first.
func (k RoleKey) Parse() (*age.HybridRecipient, error) {
	if err := checkRole(k.Role, k.Version); err != nil {
		return nil, err
	}
	r, err := seal.ParseRecipient(k.Recipient)
	if err != nil {
		return nil, fmt.Errorf("%w: the key of %s version %d: %w", ErrDamaged, k.Role, k.Version, err)
	}
	return r, nil
}

// Fingerprint is "SHA256:" and 64 hex digits, over role, version and recipient: role and recipient each
// behind their length, lengths and version as 8 bytes, big-endian.
func (k RoleKey) Fingerprint() string {
	sum := sha256.Sum256(joined(k.Role, uint64(k.Version), k.Recipient))
	return "SHA256:" + hex.EncodeToString(sum[:])
}

// joined is the one unambiguous encoding of role (or holder) names, a number and a text.
func joined(name string, number uint64, text string) []byte {
	out := appendText(nil, name)
	out = binary.BigEndian.AppendUint64(out, number)
	return appendText(out, text)
}

func appendText(out []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint64(out, uint64(len(s))), s...)
}

func checkRole(role string, version int) error {
	// Compiled here: roles are checked a few times a session.
	if !regexp.MustCompile(`^(custodian|(custodian|desk|ledger):[a-z0-9][a-z0-9._-]{0,47})$`).MatchString(role) {
		return fmt.Errorf("%w: a role is custodian, custodian:ID, desk:ID or ledger:ID, the ID of a-z 0-9 . _ - and at most 48 characters", ErrRole)
	}
	if version < 1 || version > maxVersion {
		return fmt.Errorf("%w: version %d of %s must be from 1 to %d", ErrRole, version, role, maxVersion)
	}
	return nil
}
