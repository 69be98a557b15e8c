package keyring

import (
	"crypto/rand"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxPassphrase is the longest passphrase, in bytes. A longer one opens nothing.
const MaxPassphrase = 1024

const (
	// alphabet leaves out what is confused in print or handwriting: i, l and o (with 1 and 0), v (with u).
	alphabet  = "abcdefghjkmnpqrstuwxyz"
	groups    = 6
	groupSize = 4
	minChars  = 12
	minKinds  = 6 // different characters
)

// Passphrase is a fresh one to print or read out: six groups of four small letters with dashes between
// them, 107 bits. Vault takes it typed with spaces, without dashes, or in capitals as well.
func Passphrase() string {
	letters := make([]byte, 0, groups*groupSize)
	var b [1]byte
	for len(letters) < groups*groupSize {
		rand.Read(b[:]) // never fails (crypto/rand since Go 1.24)
		// Bytes past the last whole multiple would make some letters likelier.
		if fair := 256 - 256%len(alphabet); int(b[0]) < fair {
			letters = append(letters, alphabet[int(b[0])%len(alphabet)])
		}
	}
	return grouped(string(letters))
}

func grouped(letters string) string {
	var parts []string
	for i := 0; i < len(letters); i += groupSize {
		parts = append(parts, letters[i:i+groupSize])
	}
	return strings.Join(parts, "-")
}

// CheckPassphrase refuses passphrases that are too short or too plain to stand alone between a stolen
// database and the reports; the text says what to do. It is ErrWeakPassphrase or nil.
func CheckPassphrase(s string) error {
	if len(s) > MaxPassphrase {
		return fmt.Errorf("%w: at most %d bytes", ErrWeakPassphrase, MaxPassphrase)
	}
	if !utf8.ValidString(s) {
		return fmt.Errorf("%w: it is not text", ErrWeakPassphrase)
	}
	runes := []rune(canonical(s))
	if len(runes) < minChars {
		return fmt.Errorf("%w: use at least %d characters; a sentence of several words is easiest to keep", ErrWeakPassphrase, minChars)
	}
	kinds := map[rune]bool{}
	steps := 0 // neighbours that go on counting, up or down
	for i, r := range runes {
		kinds[r] = true
		if i > 0 && (r-runes[i-1] == 1 || r-runes[i-1] == -1) {
			steps++
		}
	}
	if len(kinds) < minKinds {
		return fmt.Errorf("%w: use at least %d different characters", ErrWeakPassphrase, minKinds)
	}
	if steps > len(runes)/2 {
		return fmt.Errorf("%w: it counts along the alphabet or the digits; use several words that do not belong together", ErrWeakPassphrase)
	}
	if strings.Trim(string(runes), "0123456789") == "" && len(runes) < 2*minChars {
		return fmt.Errorf("%w: digits alone are telephone numbers and dates; add words, or use %d of them", ErrWeakPassphrase, 2*minChars)
	}
	return nil
}

// canonical is the one form of what people may type differently: Unicode NFKC (UAX 15), so that
// full-width letters are the plain ones, no space around it, and a generated passphrase as Passphrase
// prints it.
func canonical(s string) string {
	s = strings.TrimSpace(norm.NFKC.String(s))
	letters := strings.ToLower(strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, s))
	if len(letters) == groups*groupSize && strings.Trim(letters, alphabet) == "" {
		return grouped(letters)
	}
	return s
}
