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
