package mail

import (
	"io"
)

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
