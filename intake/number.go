package intake

import "strings"

// Number is a telephone number in the one form that limits, threads and senders
// use: a leading plus and digits. A mainland mobile number is the same with and
// without 86, which people and gateways leave out as they like. What is no number
// stays as it is, without the space around it.
func Number(text string) string {
	digits := strings.Map(digit, strings.TrimSpace(text))
	switch {
	case !Dialable(text):
		return strings.TrimSpace(text)
	case strings.HasPrefix(digits, "+"):
		return digits
	case strings.HasPrefix(digits, "00"):
		return "+" + digits[2:]
	case mainland(digits):
		return "+86" + digits
	case strings.HasPrefix(digits, "86") && mainland(digits[2:]):
		return "+" + digits
	default:
		return digits
	}
}

// mainland says whether digits are a mobile number of the mainland.
func mainland(digits string) bool {
	return len(digits) == 11 && digits[0] == '1' && digits[1] >= '3'
}

// Dialable says whether text is a number, however it is written: three digits or
// more, with nothing else but a plus before them.
func Dialable(text string) bool {
	digits := strings.TrimPrefix(strings.Map(digit, strings.TrimSpace(text)), "+")
	return len(digits) >= 3 && strings.Trim(digits, "0123456789") == ""
}

// The least digits of a number at which somebody can be called: seven is a landline's within
// its town, eleven a mainland mobile's.
const (
	leastDigits  = 7
	mobileDigits = 11
)

// shortNumber says whether text is a number alone that is too short to call somebody by: a hotline's, a
// village's short one that rings in its own net only, a mobile one with a digit left out.
// Words ("无", "微信同号") are never held against anybody.
func shortNumber(text string) bool {
	digits := strings.Map(digit, strings.TrimSpace(text))
	n := len(strings.TrimPrefix(digits, "+"))
	if n == 0 || strings.Trim(digits, "+0123456789") != "" {
		return false
	}
	mobile := digits[0] == '1' && n > 1 && digits[1] >= '3'
	return n < leastDigits || mobile && n < mobileDigits
}

// digit maps full-width forms to ASCII and drops what numbers are spaced with.
func digit(r rune) rune {
	switch {
	case r >= '０' && r <= '９':
		return r - '０' + '0'
	case r == '＋':
		return '+'
	case strings.ContainsRune(" -().\u00a0\u3000‐‑–（）", r):
		return -1
	default:
		return r
	}
}
