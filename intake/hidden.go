package intake

import "unicode"

// Hidden says whether a reader wouldn't see r: controls, format characters (bidi
// controls, zero-width ones, tags), what Unicode gives no sign, and blank letters.
func Hidden(r rune) bool {
	switch r {
	case '\n', '\t', '\r':
		return false
	case '\u3164', '\uffa0', '\u115f', '\u1160', '\u2800', '\u034f', '\u17b4', '\u17b5', '\ufffd':
		return true
	}
	return !unicode.IsGraphic(r)
}
