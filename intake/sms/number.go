package sms

import "strings"

// number is a sender in the one form that limits and threads compare: a leading
// plus and digits. A mainland mobile number is the same with and without 86,
// which gateways leave out as they like. A sender that is a name stays one.
func number(from string) string {
	digits := strings.Map(digit, strings.TrimSpace(from))
	switch {
	case !dialable(from):
		return strings.TrimSpace(from)
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

// dialable says whether from is a number, however it is written: three digits
// or more, with nothing else but a plus before them.
func dialable(from string) bool {
	digits := strings.TrimPrefix(strings.Map(digit, strings.TrimSpace(from)), "+")
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
