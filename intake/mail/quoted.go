package mail

import (
	"bufio"
	"io"
)

// quotedReader decodes quoted-printable; an "=" that says nothing stays.
type quotedReader struct {
	in   *bufio.Reader
	junk bool
}

func newQuoted(r io.Reader) *quotedReader { return &quotedReader{in: bufio.NewReaderSize(r, 4096)} }

func (q *quotedReader) damaged() bool { return q.junk }

func (q *quotedReader) Read(p []byte) (n int, err error) {
	for n < len(p) {
		c, err := q.in.ReadByte()
		if err != nil {
			return n, err
		}
		if c == '=' {
			var ok bool
			if c, ok = q.escape(); !ok {
				continue
			}
		}
		p[n] = c
		n++
	}
	return n, nil
}

// escape reads what follows "=": a byte, or a soft line break, which is none.
func (q *quotedReader) escape() (c byte, ok bool) {
	next, _ := q.in.Peek(2)
	if len(next) == 2 {
		hi, lo := nibble(next[0]), nibble(next[1])
		if hi >= 0 && lo >= 0 {
			_, _ = q.in.Discard(2)
			return byte(hi<<4 | lo), true
		}
	}
	if n, soft := q.softBreak(); soft {
		_, _ = q.in.Discard(n)
		return 0, false
	}
	q.junk = true
	return '=', true
}

// softBreak measures spaces and a line end; relays add such spaces.
func (q *quotedReader) softBreak() (n int, ok bool) {
	next, err := q.in.Peek(80)
	for i, c := range next {
		switch c {
		case '\n':
			return i + 1, true
		case ' ', '\t', '\r':
		default:
			return 0, false
		}
	}
	return len(next), err != nil
}

func nibble(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	default:
		return -1
	}
}
