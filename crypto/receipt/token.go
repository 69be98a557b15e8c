package receipt

import (
	"fmt"
	"strings"
)

const (
	maxToken    = 256 // characters
	minBits     = 128
	minDistinct = 8 // different characters; a random token of 128 bits has fewer once in 10^8
)

// checkToken refuses what somebody could guess, by its form: letters, digits, _ and -, at most 256 of
// them, at least 8 different ones, and at least 128 bits. A token of hex digits and dashes alone has 4
// bits a digit, so a UUID is just enough; any other has 6 bits a character. A dash counts there, since
// it is a digit of base64url: 16 random bytes are 22 characters and must pass whatever they are.
func checkToken(token string) error {
	if len(token) > maxToken {
		return fmt.Errorf("%w: at most %d characters", ErrWeakToken, maxToken)
	}
	hexDigits, distinct := 0, 0
	var seen [128]bool
	for _, c := range token {
		if !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", c) {
			return fmt.Errorf("%w: only letters, digits, _ and -", ErrWeakToken)
		}
		if !seen[c] {
			seen[c], distinct = true, distinct+1
		}
		if strings.ContainsRune("0123456789abcdefABCDEF", c) {
			hexDigits++
		}
	}
	bits := 6 * len(token)
	if hexDigits+strings.Count(token, "-") == len(token) {
		bits = 4 * hexDigits
	}
	if bits < minBits || distinct < minDistinct {
		return fmt.Errorf("%w: it must hold %d random bits, as a UUID or 22 random letters and digits do", ErrWeakToken, minBits)
	}
	return nil
}
