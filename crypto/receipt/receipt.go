// Package receipt is the number a reporter keeps: 24 digits in six groups of four, like a bank card. 22
// of them are random (73 bits), the last two are check digits. Digits survive dialects, input methods,
// keypads, SMS and the telephone. Under a pepper, which lies in a key file and never in the database, a
// receipt gives the tag it is looked up by and the reporter's own key.
package receipt

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
)

// The package's errors; test for them with errors.Is. None of them quotes digits or a token.
var (
	// ErrFormat says that the text does not hold exactly 24 digits, or holds something that is neither
	// a digit nor a separator.
	ErrFormat = errors.New("receipt: not 24 digits")
	// ErrCheck says that the check digits are wrong: the receipt was mistyped.
	ErrCheck = errors.New("receipt: the check digits are wrong; a digit was mistyped or two were swapped")
	// ErrWeakToken says that a token could be guessed, or is no token.
	ErrWeakToken = errors.New("receipt: weak token")
	// ErrPepper says that a line of a key file is no pepper.
	ErrPepper = errors.New("receipt: bad pepper line")
)

const (
	// Size is the number of digits of a receipt.
	Size     = 24
	payload  = 22 // digits before the two check digits
	group    = 4
	redacted = "[receipt]"
)

// Receipt is a checked receipt. It prints as "[receipt]"; Digits and Grouped are its only texts. It is
// comparable; the zero value is no receipt.
type Receipt struct{ digits [Size]byte }

// New is a random receipt, uniform over the 10^22 that exist.
func New() Receipt {
	var random [32]byte
	rand.Read(random[:]) // never fails (crypto/rand since Go 1.24)
	return fromBits(random)
}

// fromBits makes a receipt of 256 uniform bits, taken modulo 10^22: the most frequent receipt is likelier
// than the rarest by less than 2^-182 of itself, which nobody can ever notice.
func fromBits(uniform [32]byte) (r Receipt) {
	n := new(big.Int).SetBytes(uniform[:])
	n.Mod(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(payload), nil))
	copy(r.digits[:], fmt.Sprintf("%0*d", payload, n))
	tens, ones := checkDigits(r.digits[:payload])
	r.digits[payload], r.digits[payload+1] = tens, ones
	return r
}

// checkDigits are those of ISO/IEC 7064 MOD 97-10: with them behind it, the number is 1 modulo 97. They
// lie between 02 and 98, so one receipt has one spelling.
func checkDigits(digits []byte) (tens, ones byte) {
	rest := 0
	for _, d := range digits {
		rest = (rest*10 + int(d-'0')) % 97
	}
	check := 98 - rest*100%97
	return '0' + byte(check/10), '0' + byte(check%10)
}

// Digits is the receipt as 24 ASCII digits, "" for the zero value.
func (r Receipt) Digits() string {
	if r.IsZero() {
		return ""
	}
	return string(r.digits[:])
}

// Grouped is the receipt as it is shown and read out: "1234 5678 …", "" for the zero value.
func (r Receipt) Grouped() string {
	if r.IsZero() {
		return ""
	}
	var out []byte
	for i, d := range r.digits {
		if i > 0 && i%group == 0 {
			out = append(out, ' ')
		}
		out = append(out, d)
	}
	return string(out)
}

// IsZero says that this is no receipt.
func (r Receipt) IsZero() bool { return r == Receipt{} }

// String is "[receipt]".
func (Receipt) String() string { return redacted }

// Format prints "[receipt]" for every verb, %d and %#v too.
func (Receipt) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// LogValue is "[receipt]".
func (Receipt) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText is "[receipt]", so that no encoder spells the digits by accident.
func (Receipt) MarshalText() ([]byte, error) { return []byte(redacted), nil }
