package sms

import "strings"

// number is a sender in the one form that limits and threads compare: a leading
// plus and digits. A mainland mobile number is the same with and without 86,
// which gateways leave out as they like. A sender that is a name stays one.
func number(from string) string {
	from = strings.TrimSpace(from)
	digits := strings.Map(digit, from)
	if !dialable(from) {
		return from
	}
	digits = strings.TrimPrefix(digits, "+")
	switch {
	case strings.HasPrefix(strings.Map(digit, from), "+"):
		return "+" + digits
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

// dialable says whether from is a number, however it is written.
func dialable(from string) bool {
	digits := 0
	for i, r := range strings.TrimSpace(from) {
		switch m := digit(r); {
		case m >= '0' && m <= '9':
			digits++
		case m == '+' && i > 0, m > 0 && m != '+':
			return false
		}
	}
	return digits >= 3
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
