// Package keyline writes a 32-byte key as one line of text, and reads it back. The line names what
// the key is for, so a pepper can't be taken for another key, and carries a checksum, because one
// wrong character would silently make every stored tag unknown.
package keyline

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// ErrLine says that a line is not a key of the kind that was asked for.
var ErrLine = errors.New("not a key of this kind")

const checkBytes = 4

// Encode is "tipline-KIND-1-" followed by the unpadded base64url (RFC 4648 §5) of key and checksum.
func Encode(kind string, key [32]byte) string {
	check := checksum(kind, key)
	return prefix(kind) + encoding().EncodeToString(append(key[:], check[:]...))
}

// Parse reads what Encode wrote; white space around it is ignored. The error is ErrLine and never
// quotes the line.
func Parse(kind, line string) (key [32]byte, err error) {
	text, ok := strings.CutPrefix(strings.TrimSpace(line), prefix(kind))
	if !ok {
		return key, fmt.Errorf("%w: it must begin with %s", ErrLine, prefix(kind))
	}
	raw, err := encoding().DecodeString(text)
	if err != nil || len(raw) != len(key)+checkBytes || strings.ContainsAny(text, "\r\n") {
		return key, fmt.Errorf("%w: it is cut short or holds a foreign character; restore the key file from its copy", ErrLine)
	}
	var got [32]byte
	copy(got[:], raw)
	check := checksum(kind, got)
	if subtle.ConstantTimeCompare(check[:], raw[len(got):]) != 1 {
		return key, fmt.Errorf("%w: its checksum is wrong; restore the key file from its copy", ErrLine)
	}
	return got, nil
}

func prefix(kind string) string { return "tipline-" + kind + "-1-" }

func encoding() *base64.Encoding { return base64.RawURLEncoding.Strict() }

func checksum(kind string, key [32]byte) [checkBytes]byte {
	sum := sha256.Sum256(append([]byte(prefix(kind)), key[:]...))
	return [checkBytes]byte(sum[:checkBytes])
}
