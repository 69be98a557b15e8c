package receipt

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"

	"filippo.io/age"

	"tipline/crypto/internal/keyline"
	"tipline/crypto/seal"
)

const (
	pepperKind     = "pepper"
	pepperRedacted = "[pepper]"

	tagDomain      = "tipline receipt tag v1"
	identityDomain = "tipline receipt identity v1"
	deriveDomain   = "tipline receipt v1"
)

// Pepper is the secret without which a stolen database can't be searched for receipts. Whoever loses it
// loses every receipt. It prints as "[pepper]"; Encode is its only text.
type Pepper [32]byte

// NewPepper is a fresh random pepper.
func NewPepper() Pepper {
	var p Pepper
	rand.Read(p[:]) // never fails (crypto/rand since Go 1.24)
	return p
}

// ParsePepper reads the line that Encode wrote. The error is ErrPepper and never quotes the line.
func ParsePepper(line string) (Pepper, error) {
	p, err := keyline.Parse(pepperKind, line)
	if err != nil {
		return Pepper{}, fmt.Errorf("%w: %w", ErrPepper, err)
	}
	return p, nil
}

// Encode is the pepper as one line for a key file, with a checksum, without a line end.
func (p Pepper) Encode() string { return keyline.Encode(pepperKind, p) }

// Tag is the 32 bytes a receipt is looked up by: HMAC-SHA256 (RFC 2104) under the pepper.
func (p Pepper) Tag(r Receipt) []byte { return p.mac(tagDomain, r) }

// Identity is the reporter's key, to which answers are sealed. It comes from the receipt and the pepper
// alone, is the same every time, and is stored nowhere. The error is ErrFormat for the zero Receipt.
func (p Pepper) Identity(r Receipt) (*age.HybridIdentity, error) {
	if r.IsZero() {
		return nil, fmt.Errorf("%w: there is no receipt", ErrFormat)
	}
	id, err := seal.IdentityFromSeed([32]byte(p.mac(identityDomain, r)))
	if err != nil {
		return nil, fmt.Errorf("receipt: the reporter's key: %w", err)
	}
	return id, nil
}

// Recipient is the public half of Identity, "age1pq1…": all that a tip needs when it is filed. The error
// is ErrFormat for the zero Receipt.
func (p Pepper) Recipient(r Receipt) (string, error) {
	if r.IsZero() {
		return "", fmt.Errorf("%w: there is no receipt", ErrFormat)
	}
	to, err := seal.RecipientFromSeed([32]byte(p.mac(identityDomain, r)))
	if err != nil {
		return "", fmt.Errorf("receipt: the reporter's key: %w", err)
	}
	return to, nil
}

// mac separates its uses by a domain behind its length. That length's leading zero bytes also keep
// every message apart from the tokens that Derive feeds to HMAC under the same key.
func (p Pepper) mac(domain string, r Receipt) []byte {
	mac := hmac.New(sha256.New, p[:])
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(domain))))
	io.WriteString(mac, domain) // a hash never fails (hash.Hash)
	mac.Write(r.digits[:])
	return mac.Sum(nil)
}

// Derive is the receipt of a submission that may be sent twice: the same token and content give the
// same receipt, and nothing is stored for it. content is the SHA-256 of fields and files. It is
// HKDF-SHA256 (RFC 5869) with the token as secret, the pepper as salt and
// "tipline receipt v1" || content as info. ErrWeakToken is returned for a token somebody could guess.
func (p Pepper) Derive(token string, content [32]byte) (Receipt, error) {
	if err := checkToken(token); err != nil {
		return Receipt{}, err
	}
	out, err := hkdf.Key(sha256.New, []byte(token), p[:], deriveDomain+string(content[:]), sha256.Size)
	if err != nil {
		return Receipt{}, fmt.Errorf("receipt: derive: %w", err)
	}
	return fromBits([32]byte(out)), nil
}

// String is "[pepper]".
func (Pepper) String() string { return pepperRedacted }

// Format prints "[pepper]" for every verb, %x and %#v too.
func (Pepper) Format(f fmt.State, _ rune) { io.WriteString(f, pepperRedacted) }

// LogValue is "[pepper]".
func (Pepper) LogValue() slog.Value { return slog.StringValue(pepperRedacted) }

// MarshalText is "[pepper]", so that no encoder spells the key by accident.
func (Pepper) MarshalText() ([]byte, error) { return []byte(pepperRedacted), nil }
