// Package pseudonym makes keyed tags for what must be compared but never stored: a phone number, a mail
// address, a provider's message id, the network a request came from. Without the key a tag says
// nothing, and can't be searched by trying all numbers; with a key that is gone nobody can.
package pseudonym

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"tipline/crypto/internal/keyline"
)

// ErrKey says that a line of a key file is no pseudonym key.
var ErrKey = errors.New("pseudonym: bad key line")

// TagSize is the length of a tag in bytes.
const TagSize = 16

const (
	keyKind  = "pseudonym"
	redacted = "[pseudonym key]"
)

// Key is the secret that tags are made under. It prints as "[pseudonym key]"; Encode is its only text.
type Key [32]byte

// NewKey is a fresh random key.
func NewKey() Key {
	var k Key
	rand.Read(k[:]) // never fails (crypto/rand since Go 1.24)
	return k
}

// ParseKey reads the line that Encode wrote. The error is ErrKey and never quotes the line.
func ParseKey(line string) (Key, error) {
	k, err := keyline.Parse(keyKind, line)
	if err != nil {
		return Key{}, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return k, nil
}

// Encode is the key as one line for a key file, with a checksum, without a line end.
func (k Key) Encode() string { return keyline.Encode(keyKind, k) }

// Tag is the tag of value for one purpose: the first 16 bytes of HMAC-SHA256 (RFC 2104) over the
// purpose's length (8 bytes, big-endian), the purpose and the value. Equal values have equal tags for
// one key and purpose, and tags of different purposes can't be matched. The caller brings the value into
// its one canonical form first.
func (k Key) Tag(purpose, value string) []byte {
	mac := hmac.New(sha256.New, k[:])
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(purpose))))
	io.WriteString(mac, purpose) // a hash never fails (hash.Hash)
	io.WriteString(mac, value)
	return mac.Sum(nil)[:TagSize]
}

// String is "[pseudonym key]".
func (Key) String() string { return redacted }

// Format prints "[pseudonym key]" for every verb, %x and %#v too.
func (Key) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// LogValue is "[pseudonym key]".
func (Key) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText is "[pseudonym key]", so that no encoder spells the key by accident.
func (Key) MarshalText() ([]byte, error) { return []byte(redacted), nil }
