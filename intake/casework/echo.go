package casework

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"tipline/intake"
)

// EchoError says what of the report, or of what its reporter added, an answer repeats (答复时不得涉及举报具体内容): words,
// subject, address, parcel, or a number or mail address that may be somebody's. It
// wraps [ErrEcho] and never holds what was repeated.
type EchoError struct{ Kinds []string }

func (e *EchoError) Error() string { return ErrEcho.Error() + ": " + strings.Join(e.Kinds, ", ") }

// Unwrap lets errors.Is find [ErrEcho].
func (e *EchoError) Unwrap() error { return ErrEcho }

func (s *Service) echoes(ctx context.Context, by Actor, t intake.Tip, text string) error {
	r, err := s.report(ctx, by, t)
	if err != nil {
		return err
	}
	kinds := Echoes(r.Words, text)
	said, err := s.messages(ctx, by, t)
	if err != nil {
		return err
	}
	if !slices.Contains(kinds, "words") && slices.ContainsFunc(said, func(m intake.Spoken) bool {
		return m.From == intake.FromReporter && shares(letters(m.Text), letters(text))
	}) {
		kinds = slices.Insert(kinds, 0, "words")
	}
	if len(kinds) > 0 {
		return &EchoError{kinds}
	}
	return nil
}

// echoBytes is how long a run of the report's own letters and digits gives the
// report away, in UTF-8: eight Chinese characters, or two dozen Latin letters.
const echoBytes = 24

// fieldBytes is how long a field must be to be looked for: two Chinese characters.
const fieldBytes = 6

// Echoes names what of a report's words an answer repeats, in a fixed order.
// Spaces, signs and case don't hide anything.
func Echoes(w intake.Words, answer string) (kinds []string) {
	said := letters(answer)
	if shares(letters(w.Text), said) {
		kinds = append(kinds, "words")
	}
	for _, f := range []struct{ kind, value string }{{"subject", w.Subject}, {"address", w.Address}, {"parcel", w.Parcel}} {
		if v := letters(f.value); len(v) >= fieldBytes && strings.Contains(said, v) {
			kinds = append(kinds, f.kind)
		}
	}
	return append(kinds, personal(answer)...)
}

// letters are text's letters and digits, in lower case and of one width.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKC.String(text))
}

// shares says whether a run of echoBytes of report stands in answer.
func shares(report, answer string) bool {
	if len(answer) < echoBytes {
		return false
	}
	runs := map[string]struct{}{}
	for i := range answer {
		if i+echoBytes <= len(answer) {
			runs[answer[i:i+echoBytes]] = struct{}{}
		}
	}
	for i := range report {
		if i+echoBytes > len(report) {
			break
		}
		if _, ok := runs[report[i:i+echoBytes]]; ok {
			return true
		}
	}
	return false
}

// numbers are mobile numbers, as people space them and with the country's code, and identity numbers.
var numbers = regexp.MustCompile(`(?:^|\D)(?:(?:\+|00)?86[\s-]?)?(?:1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}|\d{17}[\dXx])(?:\D|$)`)

var mailAddress = regexp.MustCompile(`[\w.+-]+@[\w-]+\.\w`)

var spacing = regexp.MustCompile(`[\s\-]`)

// personal names what in an answer looks like a mobile number, an identity number or
// a mail address, in any width and spacing: the reporter's own must not stand where another may read it.
func personal(answer string) (kinds []string) {
	answer = norm.NFKC.String(answer)
	if numbers.MatchString(answer) || numbers.MatchString(spacing.ReplaceAllString(answer, "")) {
		kinds = append(kinds, "number")
	}
	if mailAddress.MatchString(answer) {
		kinds = append(kinds, "mail")
	}
	return kinds
}
