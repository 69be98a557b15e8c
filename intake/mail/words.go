package mail

import (
	"io"
	"regexp"
	"strings"
)

// encodedWord is RFC 2047's, and what is often sent as one: with spaces in its
// text, or a language after the charset (RFC 2231 §5).
var encodedWord = regexp.MustCompile(`=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=`)

// decodeWords turns a header value into UTF-8. Adjacent words of one charset are
// put together before they are decoded, because mailers cut characters in two.
func decodeWords(s string) string {
	var out strings.Builder
	var run []byte // bytes of the words so far
	var charset string
	flush := func() {
		if run != nil {
			out.WriteString(toUTF8(run, charset))
			run = nil
		}
	}
	at := 0
	for _, m := range encodedWord.FindAllStringSubmatchIndex(s, -1) {
		between := s[at:m[0]]
		name := strings.ToLower(s[m[2]:m[3]])
		if run == nil || strings.TrimSpace(between) != "" {
			flush()
			out.WriteString(toUTF8([]byte(between), ""))
		} else if name != charset {
			flush()
		}
		charset = name
		run = append(run, wordBytes(s[m[4]], s[m[6]:m[7]])...)
		if run == nil {
			run = []byte{}
		}
		at = m[1]
	}
	flush()
	out.WriteString(toUTF8([]byte(s[at:]), ""))
	return tidyLine(out.String())
}

func wordBytes(encoding byte, text string) []byte {
	if encoding == 'b' || encoding == 'B' {
		b, _ := io.ReadAll(newBase64(strings.NewReader(text)))
		return b
	}
	b, _ := io.ReadAll(newQuoted(strings.NewReader(strings.ReplaceAll(text, "_", " "))))
	return b
}

// tidyLine makes one line of a header value.
func tidyLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case r < ' ' || r == 0x7f:
			return -1
		default:
			return r
		}
	}, s))
}
