package seal

import (
	"crypto/mlkem"
	"crypto/sha3"
	"fmt"
	"strings"

	"filippo.io/age"
	"filippo.io/edwards25519"
)

// ParseRecipient reads a public key, "age1pq1…" and no other kind; white space around it is ignored.
func ParseRecipient(s string) (*age.HybridRecipient, error) {
	r, err := age.ParseHybridRecipient(strings.TrimSpace(s))
	if err != nil {
		return nil, fmt.Errorf("%w: a recipient is one line that begins with age1pq1 (made by age-keygen -pq)", ErrKey)
	}
	return r, nil
}

// ParseIdentity reads a secret key, "AGE-SECRET-KEY-PQ-1…" and no other kind; white space around it is
// ignored. The error never quotes the text.
func ParseIdentity(s string) (*age.HybridIdentity, error) {
	id, err := age.ParseHybridIdentity(strings.TrimSpace(s))
	if err != nil {
		return nil, fmt.Errorf("%w: an identity is one line that begins with AGE-SECRET-KEY-PQ-1", ErrKey)
	}
	return id, nil
}

// IdentityFromSeed is the identity whose 32-byte seed (the X-Wing style private key of
// ML-KEM-768 + X25519, from which both halves are expanded) is given. The seed must be uniform and
// secret; the same seed is the same identity.
func IdentityFromSeed(seed [32]byte) (*age.HybridIdentity, error) {
	return ParseIdentity(strings.ToUpper(bech32("age-secret-key-pq-", seed[:])))
}

// RecipientFromSeed is the text of the recipient of [IdentityFromSeed], "age1pq1…", for a quarter of its
// price: age spells a key in bech32 bit by bit. The seed is expanded as for MLKEM768-X25519 of
// draft-ietf-hpke-pq, and X25519's public key is found on the curve's Edwards form, whose base point has tables.
func RecipientFromSeed(seed [32]byte) (string, error) {
	secret := sha3.SumSHAKE256(seed[:], mlkem.SeedSize+32)
	d, err := mlkem.NewDecapsulationKey768(secret[:mlkem.SeedSize])
	if err != nil {
		return "", fmt.Errorf("%w: a seed that gives none", ErrKey)
	}
	x, err := edwards25519.NewScalar().SetBytesWithClamping(secret[mlkem.SeedSize:])
	if err != nil {
		return "", fmt.Errorf("%w: a seed that gives none", ErrKey)
	}
	point := new(edwards25519.Point).ScalarBaseMult(x)
	return bech32("age1pq", append(d.EncapsulationKey().Bytes(), point.BytesMontgomery()...)), nil
}

// recipients are who a file is sealed to; its key is noted on the way.
func recipients(to []*age.HybridRecipient, key *[]byte) ([]age.Recipient, error) {
	out := make([]age.Recipient, len(to))
	for i, r := range to {
		if r == nil {
			return nil, fmt.Errorf("%w: a recipient is nil", ErrKey)
		}
		out[i] = overheard{r, key}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: nobody to seal to; give at least one recipient", ErrKey)
	}
	return out, nil
}

func identities(with []*age.HybridIdentity) ([]age.Identity, error) {
	out := make([]age.Identity, len(with))
	for i, id := range with {
		if id == nil {
			return nil, fmt.Errorf("%w: an identity is nil", ErrKey)
		}
		out[i] = id
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: no key is unlocked for it", ErrKey)
	}
	return out, nil
}
