package mail

import (
	"bufio"
	"bytes"
	"io"
)

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
