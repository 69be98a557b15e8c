// Package waiting seals what the intake itself must read again within minutes: the
// parts of a long text until the last one is here, the addresses of pictures that
// are still to be fetched.
//
// Everything else intake seals it can't open. These few it must, so they stand
// under a key that follows from a key file and isn't in the database: whoever
// copies the database reads nothing, whoever owns intake's machine reads what is
// waiting just then.
package waiting

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
)

// ErrSealed says that a sealed text isn't one of this key and place, or was changed.
var ErrSealed = errors.New("waiting: it doesn't open")

// Key seals and opens. It prints as "[waiting key]".
type Key struct{ aead cipher.AEAD }

const domain = "tipline waiting v1"

// NewKey follows from the secret of a key file, by HKDF-SHA256 (RFC 5869).
func NewKey(secret [32]byte) (Key, error) {
	key, err := hkdf.Key(sha256.New, secret[:], nil, domain, 32)
	if err != nil {
		return Key{}, fmt.Errorf("waiting: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return Key{}, fmt.Errorf("waiting: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return Key{}, fmt.Errorf("waiting: %w", err)
	}
	return Key{aead}, nil
}

// String keeps the key out of logs and error texts.
func (Key) String() string { return "[waiting key]" }

// Seal seals text for one place (AES-256-GCM with a random nonce): it opens there
// alone.
func (k Key) Seal(place string, text []byte) []byte {
	return k.aead.Seal(nil, nil, text, []byte(place))
}

// Open opens what Seal sealed for the same place. Its error is [ErrSealed].
func (k Key) Open(place string, sealed []byte) ([]byte, error) {
	text, err := k.aead.Open(nil, nil, sealed, []byte(place))
	if err != nil {
		return nil, ErrSealed
	}
	return text, nil
}
