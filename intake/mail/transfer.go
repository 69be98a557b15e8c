package mail

import (
	"bufio"
	"bytes"
	"io"
	"strings"
)

// decoding is a transfer decoder that reads what can be read.
type decoding interface {
	io.Reader
	// damaged says whether something had to be skipped.
	damaged() bool
}

// decodeTransfer undoes a Content-Transfer-Encoding; an unknown one is left.
func decodeTransfer(r io.Reader, encoding string) decoding {
	encoding, _, _ = strings.Cut(encoding, ";")
	encoding, _, _ = strings.Cut(encoding, "(")
	switch strings.ToLower(strings.Trim(encoding, " \t\"")) {
	case "base64":
		return newBase64(r)
	case "quoted-printable":
		return newQuoted(r)
	case "uuencode", "x-uuencode", "x-uue", "uue":
		return &uuReader{in: bufio.NewReaderSize(r, 4096)}
	default:
		return plainReader{r}
	}
}

// identity says whether an encoding leaves the bytes alone.
func identity(encoding string) bool {
	_, plain := decodeTransfer(nil, encoding).(plainReader)
	return plain
}

type plainReader struct{ io.Reader }

func (plainReader) damaged() bool { return false }

// base64Reader decodes base64 and skips what isn't; padding in the middle ends
// one text and another begins.
type base64Reader struct {
	src  io.Reader
	in   [3072]byte
	out  []byte
	buf  [2400]byte
	acc  uint32
	n    int
	junk bool
	err  error
}

func newBase64(r io.Reader) *base64Reader { return &base64Reader{src: r} }

func (b *base64Reader) damaged() bool { return b.junk }

func (b *base64Reader) Read(p []byte) (int, error) {
	for len(b.out) == 0 {
		if b.err != nil {
			return 0, b.err
		}
		b.out = b.buf[:0]
		n, err := b.src.Read(b.in[:])
		for _, c := range b.in[:n] {
			b.step(c)
		}
		if b.err = err; err != nil {
			b.flush()
		}
	}
	n := copy(p, b.out)
	b.out = b.out[n:]
	return n, nil
}

func (b *base64Reader) step(c byte) {
	v := sextet(c)
	switch {
	case v >= 0:
		b.acc = b.acc<<6 | uint32(v)
		if b.n++; b.n == 4 {
			b.out = append(b.out, byte(b.acc>>16), byte(b.acc>>8), byte(b.acc))
			b.acc, b.n = 0, 0
		}
	case c == '=':
		b.flush()
	case c != '\r' && c != '\n' && c != ' ' && c != '\t':
		b.junk = true
	}
}

// flush gives the bytes of an unfinished group.
func (b *base64Reader) flush() {
	switch b.n {
	case 1:
		b.junk = true
	case 2:
		b.out = append(b.out, byte(b.acc>>4))
	case 3:
		b.out = append(b.out, byte(b.acc>>10), byte(b.acc>>2))
	}
	b.acc, b.n = 0, 0
}

func sextet(c byte) int {
	switch {
	case 'A' <= c && c <= 'Z':
		return int(c - 'A')
	case 'a' <= c && c <= 'z':
		return int(c-'a') + 26
	case '0' <= c && c <= '9':
		return int(c-'0') + 52
	case c == '+':
		return 62
	case c == '/':
		return 63
	default:
		return -1
	}
}

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

// uuReader decodes the lines between "begin" and "end".
type uuReader struct {
	in    *bufio.Reader
	out   []byte
	begun bool
	ended bool
	junk  bool
}

func (u *uuReader) damaged() bool { return u.junk || !u.ended }

func (u *uuReader) Read(p []byte) (int, error) {
	for len(u.out) == 0 {
		line, err := u.in.ReadSlice('\n')
		if len(line) == 0 && err != nil {
			return 0, io.EOF
		}
		u.line(bytes.TrimRight(line, "\r\n"))
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	return n, nil
}

func (u *uuReader) line(line []byte) {
	switch {
	case u.ended:
	case !u.begun:
		u.begun = bytes.HasPrefix(line, []byte("begin "))
	case string(line) == "end":
		u.ended = true
	case len(line) > 0:
		u.out = u.group(line)
	}
}

func (u *uuReader) group(line []byte) []byte {
	want := int(line[0]-' ') & 63
	var out []byte
	for at := 1; len(out) < want && at < len(line); at += 4 {
		var v uint32
		for i := range 4 {
			v <<= 6
			if at+i < len(line) {
				v |= uint32(line[at+i]-' ') & 63
			}
		}
		out = append(out, byte(v>>16), byte(v>>8), byte(v))
	}
	if len(out) < want {
		u.junk = true
	}
	return out[:min(want, len(out))]
}
