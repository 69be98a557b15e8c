package mail

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
)

// rtfText is the text of an RTF document, and whether that is HTML: Outlook packs the HTML or the
// plain text of a mail into RTF, from where it comes out as it went in (MS-OXRTFEX). Of other
// RTF the words are taken, without fonts, colours and pictures. It takes time by the document's
// length alone, and nothing makes it fail.
func rtfText(doc []byte) (text string, html bool) {
	r := &rtfReader{rest: doc, state: rtfState{fallback: 1}, page: "windows-1252", fonts: map[int]string{}}
	for len(r.rest) > 0 && r.out.Len() < maxText {
		r.next()
	}
	r.flush()
	return r.out.String(), r.html
}

// rtfState is what a group inherits and gives back at its end.
type rtfState struct {
	skip     bool // a destination that says nothing to a reader
	fonts    bool // the table of fonts
	layout   bool // RTF that stands beside the HTML for who reads no HTML
	tag      bool // a piece of the HTML
	font     int
	fallback int // characters behind a \u for who can't read it
}

type rtfReader struct {
	rest   []byte
	state  rtfState
	groups []rtfState
	html   bool
	page   string         // of the document
	fonts  map[int]string // code pages by font
	first  int            // the font where none is named
	bytes  []byte         // text not decoded yet
	units  []uint16       // UTF-16 not decoded yet
	after  int            // characters still to be left out behind a \u
	star   bool           // the next word is of a destination that may be left out
	out    strings.Builder
}

// maxGroups is how deep groups are followed; deeper ones count as their neighbours.
const maxGroups = 500

func (r *rtfReader) next() {
	switch c := r.rest[0]; c {
	case '{':
		r.rest, r.star, r.after = r.rest[1:], false, 0
		r.flush()
		if len(r.groups) < maxGroups {
			r.groups = append(r.groups, r.state)
		}
	case '}':
		r.rest, r.star, r.after = r.rest[1:], false, 0
		r.flush()
		if n := len(r.groups); n > 0 {
			r.state, r.groups = r.groups[n-1], r.groups[:n-1]
		}
	case '\\':
		r.control()
	case '\r', '\n':
		r.rest = r.rest[1:]
	default:
		r.rest = r.rest[1:]
		r.char(c)
	}
}

// control is a word or a symbol behind a backslash.
func (r *rtfReader) control() {
	r.rest = r.rest[1:]
	if len(r.rest) == 0 {
		return
	}
	c := r.rest[0]
	if !letter(c) {
		r.rest = r.rest[1:]
		r.symbol(c)
		return
	}
	n := 1
	for n < len(r.rest) && n < 32 && letter(r.rest[n]) {
		n++
	}
	word := string(r.rest[:n])
	r.rest = r.rest[n:]
	number, given := r.number()
	if len(r.rest) > 0 && r.rest[0] == ' ' {
		r.rest = r.rest[1:]
	}
	star := r.star
	r.star = false
	r.word(word, number, given, star)
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func (r *rtfReader) number() (n int, given bool) {
	i := 0
	if i < len(r.rest) && r.rest[i] == '-' {
		i++
	}
	for i < len(r.rest) && i < 12 && r.rest[i] >= '0' && r.rest[i] <= '9' {
		i++
	}
	n, err := strconv.Atoi(string(r.rest[:i]))
	if err != nil {
		return 0, false
	}
	r.rest = r.rest[i:]
	return n, true
}

func (r *rtfReader) symbol(c byte) {
	switch c {
	case '\'':
		if len(r.rest) < 2 {
			r.rest = nil
			return
		}
		b, err := strconv.ParseUint(string(r.rest[:2]), 16, 8)
		r.rest = r.rest[2:]
		if err == nil {
			r.char(byte(b))
		}
	case '*':
		r.star = true
	case '~':
		r.say("\u00a0")
	case '_':
		r.say("\u2011")
	case '\\', '{', '}':
		r.char(c)
	case '\r', '\n':
		r.say("\n")
	}
}

// char is one byte of text.
func (r *rtfReader) char(c byte) {
	if r.after > 0 {
		r.after--
		return
	}
	if r.silent() {
		return
	}
	if len(r.units) > 0 {
		r.flush()
	}
	r.bytes = append(r.bytes, c)
}

// silent says whether what comes is for nobody who reads.
func (r *rtfReader) silent() bool {
	return r.state.skip || r.state.fonts || r.html && r.state.layout && !r.state.tag
}

// say adds text that needs no decoding.
func (r *rtfReader) say(s string) {
	if r.after > 0 {
		r.after--
		return
	}
	if !r.silent() {
		r.flush()
		r.out.WriteString(s)
	}
}

// unit is one \u.
func (r *rtfReader) unit(n int) {
	r.after = r.state.fallback
	if r.silent() {
		return
	}
	if len(r.bytes) > 0 {
		r.flush()
	}
	r.units = append(r.units, uint16(n))
}

// flush decodes what was gathered.
func (r *rtfReader) flush() {
	if len(r.bytes) > 0 {
		page := r.fonts[r.state.font]
		if page == "" {
			page = r.page
		}
		r.out.WriteString(toUTF8(r.bytes, page))
		r.bytes = r.bytes[:0]
	}
	if len(r.units) > 0 {
		r.out.WriteString(string(utf16.Decode(r.units)))
		r.units = r.units[:0]
	}
}

// bin passes over bytes that are no text.
func (r *rtfReader) bin(n int) {
	r.rest = r.rest[min(max(n, 0), len(r.rest)):]
}

// looksLikeRTF says whether a document begins as one.
func looksLikeRTF(doc []byte) bool { return bytes.HasPrefix(doc, []byte(`{\rtf`)) }
