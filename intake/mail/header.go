package mail

import (
	"bytes"
	"strings"
)

// field is one header field, unfolded, its bytes as they came.
type field struct{ name, value string }

type header []field

// get is the first field of a name.
func (h header) get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

func (h header) has(name string) bool {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			return true
		}
	}
	return false
}

// doubled says whether a field that we read or show stands more than once, which none may (RFC 5322, 3.6; RFC 2045,
// 3). A signature covers the last of them (RFC 6376, 5.4.2) and we read the first: whoever has one signed message
// could put words of their own before it (8.15).
func (h header) doubled() bool {
	seen := map[string]bool{}
	for _, f := range h {
		switch name := strings.ToLower(f.name); name {
		case "from", "subject", "date", "reply-to", "message-id", "in-reply-to", "references", "mime-version", "content-type", "content-transfer-encoding":
			if seen[name] {
				return true
			}
			seen[name] = true
		}
	}
	return false
}

// How much of one part's header is read, in bytes and in fields.
const (
	maxHeader = 1 << 20
	maxFields = 2000
)

// headerReader gathers the fields of one part's header. It takes what real
// mailers send: a first line indented, a continuation that isn't, a separator
// with spaces, no separator at all.
type headerReader struct {
	s    *scanner
	h    header
	last []byte // value of the last field of h, while lines may be added
	size int
	odd  bool // something didn't belong there
	cut  bool // there is more of it than is read
}

// readHeader reads to the empty line, to a boundary, or to the first line that
// can't be a header's, which is the body's first then.
func readHeader(s *scanner) (h header, odd, cut bool) {
	r := &headerReader{s: s}
	for {
		line, ok := r.line()
		if !ok || r.take(line) {
			r.settle()
			return r.h, r.odd, r.cut
		}
	}
}

// line is the next whole line, as far as the header may still grow.
func (r *headerReader) line() ([]byte, bool) {
	piece, ok := r.s.line()
	if !ok {
		return nil, false
	}
	if !r.s.mid {
		return r.keep(piece), true
	}
	line := append([]byte(nil), piece...)
	for r.s.mid {
		if piece, ok = r.s.line(); !ok {
			break
		}
		if len(line) < maxHeader {
			line = append(line, piece...)
		}
	}
	return r.keep(line), true
}

func (r *headerReader) keep(line []byte) []byte {
	if r.size += len(line); r.size > maxHeader || len(r.h) >= maxFields {
		r.cut = true
	}
	return line
}

// take adds one line; done says that the header ends with it.
func (r *headerReader) take(full []byte) (done bool) {
	line, _ := cutEOL(full)
	line = bytes.TrimRight(line, "\r")
	blank := len(bytes.TrimLeft(line, " \t")) == 0
	switch {
	case len(line) == 0:
		return true
	case blank && !r.goesOn():
		return true
	case r.cut:
		return false
	case blank:
		return false
	case line[0] == ' ' || line[0] == '\t':
		return r.continuation(full, line)
	case looksLikeField(line):
		r.add(line)
		return false
	case len(r.h) == 0 && (bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From "))):
		return false // an mbox separator
	default:
		return r.stray(full, line)
	}
}

func (r *headerReader) continuation(full, line []byte) (done bool) {
	trimmed := bytes.TrimLeft(line, " \t")
	if len(r.h) > 0 {
		r.last = append(append(r.last, ' '), trimmed...)
		return false
	}
	r.odd = true
	if looksLikeField(trimmed) {
		_, _ = r.s.sum.Write(full) // with its indent it is another message
		r.add(trimmed)
		return false
	}
	r.body(full)
	return true
}

// stray is a line that is no field. Between fields it is a continuation that
// lost its indent, or junk; elsewhere the body begins with it.
func (r *headerReader) stray(full, line []byte) (done bool) {
	r.odd = true
	full = bytes.Clone(full) // looking ahead moves what the scanner handed out
	line = full[:len(line)]
	if len(r.h) == 0 || !looksLikeField(r.s.peek()) {
		r.body(full)
		return true
	}
	if bytes.HasSuffix(r.last, []byte(";")) {
		r.last = append(append(r.last, ' '), line...)
	}
	_, _ = r.s.sum.Write(full)
	return false
}

// body gives the line back as the body's first.
func (r *headerReader) body(line []byte) {
	line = bytes.Clone(line)
	if r.s.header {
		_, _ = r.s.sum.Write(line)
	}
	r.s.unread(line)
}

// goesOn says whether more of the header follows a line of spaces.
func (r *headerReader) goesOn() bool {
	next := r.s.peek()
	return len(r.h) > 0 && len(next) > 0 && (next[0] == ' ' || next[0] == '\t' || looksLikeField(next))
}

func (r *headerReader) add(line []byte) {
	r.settle()
	name, value, _ := bytes.Cut(line, []byte(":"))
	r.h = append(r.h, field{name: string(bytes.TrimRight(name, " \t"))})
	r.last = append(r.last[:0], bytes.TrimSpace(value)...)
}

// settle ends the last field.
func (r *headerReader) settle() {
	if len(r.h) > 0 {
		r.h[len(r.h)-1].value = string(r.last)
	}
}

// looksLikeField says whether line begins with a field name and a colon (RFC
// 5322 §2.2); spaces before the colon are obsolete but seen.
func looksLikeField(line []byte) bool {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 || colon > 200 {
		return false
	}
	name := bytes.TrimRight(line[:colon], " \t")
	for _, c := range name {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return len(name) > 0
}
