package receipt

import (
	"fmt"
	"strings"
	"unicode"
)

// maxTyped bounds what Parse looks at, in bytes: 24 digits of four bytes with generous separators.
const maxTyped = 512

// CountError says that there are too many digits for a receipt, or too few. It wraps
// ErrFormat.
type CountError struct{ Got int }

func (e *CountError) Error() string { return fmt.Sprintf("%v: %d were given", ErrFormat, e.Got) }

// Unwrap is ErrFormat.
func (e *CountError) Unwrap() error { return ErrFormat }

// Parse reads a receipt as people type, paste and dictate it: the decimal digits of any script
// (full-width, Arabic-Indic, Devanagari, …), with spaces, dashes and dots of any kind and invisible
// marks between them. Errors are ErrFormat and ErrCheck.
func Parse(s string) (Receipt, error) {
	if len(s) > maxTyped {
		return Receipt{}, fmt.Errorf("%w: far more than that", ErrFormat)
	}
	var digits []byte
	for _, r := range s {
		d, ok := decimal(r)
		switch {
		case ok:
			digits = append(digits, '0'+d)
		case !separator(r):
			return Receipt{}, fmt.Errorf("%w: only digits, spaces and dashes belong in a receipt", ErrFormat)
		}
	}
	if len(digits) != Size {
		return Receipt{}, &CountError{len(digits)}
	}
	tens, ones := checkDigits(digits[:payload])
	if digits[payload] != tens || digits[payload+1] != ones {
		return Receipt{}, ErrCheck
	}
	return Receipt{[Size]byte(digits)}, nil
}

// decimal is the value of a digit of any script. Unicode keeps the digits of a script in a row from
// zero to nine (The Unicode Standard, §4.6), so the place in its range is the value.
func decimal(r rune) (byte, bool) {
	if '0' <= r && r <= '9' {
		return byte(r - '0'), true
	}
	for _, run := range unicode.Nd.R16 {
		if rune(run.Lo) <= r && r <= rune(run.Hi) {
			return byte((r - rune(run.Lo)) % 10), true
		}
	}
	for _, run := range unicode.Nd.R32 {
		if rune(run.Lo) <= r && r <= rune(run.Hi) {
			return byte((r - rune(run.Lo)) % 10), true
		}
	}
	return 0, false
}

// separator accepts white space, dashes, dots, and the invisible marks that copying brings along
// (zero-width spaces, direction marks, soft hyphens).
func separator(r rune) bool {
	return unicode.IsSpace(r) || unicode.In(r, unicode.Zs, unicode.Pd, unicode.Cf) ||
		strings.ContainsRune("\u2212\u30FC.\uFF0E\u3002\uFF61\u00B7\u2022\u2027\u30FB\uFF65\u2024\u22C5", r)
}
