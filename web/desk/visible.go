package desk

import (
	"fmt"
	template "html/template"
	"strings"
	"unicode"

	"tipline/intake"
)

// Visible is text as it is, with every character that can't be seen, that turns others
// round, or that passes for another one shown as its code. No address in it becomes a
// link.
func (frame) Visible(s string) template.HTML {
	var b strings.Builder
	for word := range words(s) {
		mixed, marks := strings.ContainsFunc(word, latin), 0
		for _, r := range word {
			if marks++; !unicode.In(r, unicode.Mn, unicode.Me) {
				marks = 0
			}
			switch {
			case intake.Hidden(r), marks > maxMarks:
				fmt.Fprintf(&b, `<span class="chip">U+%04X</span>`, r)
			case radical(r), mixed && passes(r):
				fmt.Fprintf(&b, `<span class="chip">%c U+%04X</span>`, r, r)
			default:
				b.WriteString(template.HTMLEscapeString(string(r)))
			}
		}
	}
	return template.HTML(b.String()) // escaped rune by rune above; a chip holds a letter, a radical or digits
}

// maxMarks is how many marks a letter carries at most in any living script. More of them
// are piled up to cover what stands around them.
const maxMarks = 3

// words parts a text into what stands between spaces, with the spaces, so that an address
// is one word. Chinese is written without them, so its letters part words too.
func words(s string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		start := 0
		for i, r := range s {
			if unicode.IsSpace(r) || unicode.Is(unicode.Han, r) {
				if i > start && !yield(s[start:i]) {
					return
				}
				start = i
			}
		}
		if start < len(s) {
			yield(s[start:])
		}
	}
}

func latin(r rune) bool { return unicode.Is(unicode.Latin, r) }

// passes says whether r can be taken for a Latin letter (UTS 39). μ and Ω stand in
// measures.
func passes(r rune) bool {
	if r == '\u03bc' || r == '\u03a9' {
		return false
	}
	return unicode.In(r, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee, unicode.Coptic, unicode.Lisu, unicode.Deseret) ||
		r >= 0x1d400 && r <= 0x1d7ff || // mathematical letters
		r >= 0x2d30 && r <= 0x2d6f || r == '\u0131' // Tifinagh; i without its dot
}

// radical says whether r looks like a Chinese character and isn't one, so that a name
// with it is found by no search.
func radical(r rune) bool { return r >= 0x2e80 && r <= 0x2fd5 && unicode.IsGraphic(r) }

// Plain is text without the characters that can't be seen, to be offered in a
// field.
func (frame) Plain(s string) string {
	return strings.Map(func(r rune) rune {
		if intake.Hidden(r) {
			return -1
		}
		return r
	}, s)
}
