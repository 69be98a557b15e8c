package keyring

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"

	"golang.org/x/crypto/chacha20poly1305"
)

// locked is a blob that says itself how it is opened, version 1: a line
//
//	tipline-lock/1 argon2id m=65536 t=3 p=4 SALT xchacha20poly1305\n
//
// (m in KiB, the 16-byte salt in unpadded base64url), the 24-byte nonce, the ciphertext. The associated
// data is the line, the member's name and the recipient, the latter two each behind its length.
type locked struct {
	cost  cost
	salt  [16]byte
	nonce [chacha20poly1305.NonceSizeX]byte
	box   []byte // ciphertext and tag
}

// cost are the parameters of argon2id (RFC 9106).
type cost struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

const maxLocked = 4096 // bytes of a blob

// defaultCost is 64 MiB and 3 passes: the second recommended option of RFC 9106 §4.
func defaultCost() cost { return cost{memory: 64 << 10, passes: 3, threads: 4} }

// check keeps a blob that somebody wrote into the database from taking the machine's memory or hours.
func (c cost) check() error {
	if c.memory < 8*uint32(c.threads) || c.memory > 256<<10 || c.passes < 1 || c.passes > 10 || c.threads < 1 || c.threads > 16 {
		return fmt.Errorf("%w: the locked key asks for argon2id parameters out of bounds (m=%d KiB t=%d p=%d)", ErrDamaged, c.memory, c.passes, c.threads)
	}
	return nil
}

func (l locked) line() []byte {
	return fmt.Appendf(nil, "tipline-lock/1 argon2id m=%d t=%d p=%d %s xchacha20poly1305\n",
		l.cost.memory, l.cost.passes, l.cost.threads, base64.RawURLEncoding.EncodeToString(l.salt[:]))
}

func (l locked) bytes() []byte {
	return append(append(l.line(), l.nonce[:]...), l.box...)
}

// bound is the associated data: with it, one member's blob does not open as another's.
func (l locked) bound(member, recipient string) []byte {
	return appendText(appendText(l.line(), member), recipient)
}

// parseLocked takes exactly what bytes writes, or gives ErrDamaged.
func parseLocked(blob []byte) (locked, error) {
	line, rest, ok := bytes.Cut(blob, []byte("\n"))
	fields := regexp.MustCompile(`^tipline-lock/1 argon2id m=(\d{1,9}) t=(\d{1,9}) p=(\d{1,2}) ([A-Za-z0-9_-]{22}) xchacha20poly1305$`).FindSubmatch(line)
	if !ok || fields == nil || len(blob) > maxLocked || len(rest) < chacha20poly1305.NonceSizeX+chacha20poly1305.Overhead {
		return locked{}, fmt.Errorf("%w: the locked key is not in a form this version knows; restore it from a backup", ErrDamaged)
	}
	l := locked{cost: cost{number(fields[1]), number(fields[2]), uint8(number(fields[3]))}}
	if err := l.cost.check(); err != nil {
		return locked{}, err
	}
	salt, err := base64.RawURLEncoding.Strict().DecodeString(string(fields[4]))
	if err != nil {
		return locked{}, fmt.Errorf("%w: the locked key's salt is malformed", ErrDamaged)
	}
	copy(l.salt[:], salt)
	l.box = rest[copy(l.nonce[:], rest):]
	if !bytes.Equal(l.bytes(), blob) {
		return locked{}, fmt.Errorf("%w: the locked key is not in its one form", ErrDamaged)
	}
	return l, nil
}

// number reads at most nine digits, which always fit.
func number(digits []byte) uint32 {
	n, _ := strconv.ParseUint(string(digits), 10, 32)
	return uint32(n)
}
