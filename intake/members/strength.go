package members

import (
	"math"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Strength is a rough guess at how hard a passphrase is to find.
type Strength struct {
	Bits  int    // base-two logarithm of the tries a guesser needs, on the low side
	Grade string // weak, fair, good or strong
}

// What a piece of a passphrase is worth. A word counts as one of a few thousand that
// people think of, not as its letters; a guesser tries dates and runs first.
const (
	wordBits  = 12.0 // a word of the everyday vocabulary
	hanziBits = 7.0  // a character: they come in phrases
	digitBits = 2.5  // people write years and telephone numbers
	signBits  = 4.0
	oddBits   = 3.5 // a letter in a word that isn't one: mixed with digits or capitals
)

// Measure guesses on the low side, since nobody can tell how a passphrase was chosen.
// The machine's own (see keyring.Passphrase) is known by its shape and worth 107 bits.
func Measure(passphrase string) Strength {
	text := norm.NFKC.String(strings.TrimSpace(passphrase))
	bits := 0.0
	if shuffled(text) {
		bits = 107
	} else {
		bits = pieces(text)
	}
	s := Strength{Bits: int(math.Round(bits))}
	switch {
	case bits < 35:
		s.Grade = "weak"
	case bits < 48:
		s.Grade = "fair"
	case bits < 70:
		s.Grade = "good"
	default:
		s.Grade = "strong"
	}
	return s
}

// shuffled says whether it has the shape of a passphrase that the machine made up.
func shuffled(text string) bool {
	groups := strings.Split(text, "-")
	if len(groups) != 6 {
		return false
	}
	seen := map[string]bool{}
	for _, g := range groups {
		if len(g) != 4 || strings.Trim(g, letters) != "" || seen[g] {
			return false
		}
		seen[g] = true
	}
	return true
}

// pieces adds up what differs; what comes again is worth one bit.
func pieces(text string) (bits float64) {
	seen := map[string]bool{}
	for _, piece := range split(text) {
		low := strings.ToLower(piece)
		if seen[low] {
			bits++
			continue
		}
		seen[low] = true
		bits += worth(piece)
	}
	return bits
}

// split cuts between words, each Chinese character standing alone.
func split(text string) []string {
	var out []string
	for _, field := range strings.FieldsFunc(text, unicode.IsSpace) {
		word := ""
		for _, r := range field {
			if unicode.Is(unicode.Han, r) {
				out = append(out, string(r))
			} else {
				word += string(r)
			}
		}
		if word != "" {
			out = append(out, word)
		}
	}
	return out
}

func worth(piece string) float64 {
	letter, digit, sign, capital := 0, 0, 0, 0
	for i, r := range piece {
		switch {
		case unicode.Is(unicode.Han, r):
			return hanziBits
		case unicode.IsDigit(r):
			digit++
		case unicode.IsLetter(r):
			letter++
			if i > 0 && unicode.IsUpper(r) {
				capital++
			}
		default:
			sign++
		}
	}
	extra := float64(min(digit, 6))*digitBits + float64(min(sign, 4))*signBits
	if letter == 0 {
		return extra
	}
	if digit+sign+capital > 0 { // a word with changes to it, or no word: by its letters, and not beyond two words
		return min(float64(letter)*oddBits, 2*wordBits) + extra
	}
	return min(float64(letter)*oddBits, wordBits)
}
