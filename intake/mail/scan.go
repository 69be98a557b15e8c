package mail

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// scanner reads a message line by line and knows the boundaries that are open,
// the innermost last. One pass over the bytes serves all levels, so that nested
// multiparts cost the same as flat ones, terminated or not.
type scanner struct {
	in     *bufio.Reader
	sum    io.Writer // is given every line but the top header's
	header bool      // the top header is being read
	bounds []string  // "--boundary"

	hit    int  // level of the boundary that was met, -1 while inside a part
	closed bool // it was the closing one
	end    bool // of the message
	mid    bool // the next piece goes on within a line
	back   []byte
}

// lineSize is the longest piece of a line handed out; a boundary is shorter.
const lineSize = 16 << 10

func newScanner(r io.Reader, sum io.Writer) *scanner {
	if sum == nil {
		sum = io.Discard
	}
	return &scanner{in: bufio.NewReaderSize(r, lineSize), sum: sum, hit: -1}
}

// line gives the next piece of the current part: a line with its end, or a part
// of a long one. It is valid until the next call. ok is false at a boundary and
// at the end of the message.
func (s *scanner) line() (piece []byte, ok bool) {
	if s.back != nil {
		piece, s.back = s.back, nil
		return piece, true
	}
	if s.hit >= 0 || s.end {
		return nil, false
	}
	piece, err := s.in.ReadSlice('\n')
	if !s.header {
		_, _ = s.sum.Write(piece)
	}
	if len(piece) == 0 {
		s.end = true
		return nil, false
	}
	start := !s.mid
	s.mid = errors.Is(err, bufio.ErrBufferFull)
	if start && s.boundary(piece) {
		s.header = false
		return nil, false
	}
	return piece, true
}

// unread gives a line back, to be read as the body's first.
func (s *scanner) unread(line []byte) { s.back = line }

// boundary says whether line is one of the open boundaries, innermost first.
// What follows it on its line is padding (RFC 2046 §5.1.1).
func (s *scanner) boundary(line []byte) bool {
	if len(line) < 3 || line[0] != '-' || line[1] != '-' {
		return false
	}
	for level := len(s.bounds) - 1; level >= 0; level-- {
		b := s.bounds[level]
		if len(line) < len(b) || string(line[:len(b)]) != b {
			continue
		}
		rest := line[len(b):]
		closed := len(rest) >= 2 && rest[0] == '-' && rest[1] == '-'
		if closed || len(rest) == 0 || strings.IndexByte(" \t\r\n", rest[0]) >= 0 {
			s.hit, s.closed = level, closed
			return true
		}
	}
	return false
}

// open begins a multipart and gives its level.
func (s *scanner) open(boundary string) int {
	s.bounds = append(s.bounds, "--"+boundary)
	return len(s.bounds) - 1
}

// close ends the multipart of a level: its boundary is ordinary text again.
func (s *scanner) close(level int) {
	s.bounds = s.bounds[:level]
	if s.hit >= level {
		s.hit = -1
	}
}

// skip reads on to the next boundary.
func (s *scanner) skip() {
	for {
		if _, ok := s.line(); !ok {
			return
		}
	}
}

// peek is the start of the next line, as far as it tells what the line is. The piece before isn't valid any more.
func (s *scanner) peek() []byte {
	for n := 128; ; n *= 2 {
		b, err := s.in.Peek(n)
		for i, c := range b {
			if c == '\n' {
				return b[:i+1]
			}
		}
		if err != nil || n >= 1024 {
			return b
		}
	}
}

// partBody reads a part's bytes. The line end before a boundary belongs to the
// boundary.
type partBody struct {
	s    *scanner
	rest []byte
	owed string // the last line's end, "" once it is handed out
	next string
}

func (b *partBody) Read(p []byte) (n int, err error) {
	for n < len(p) {
		switch {
		case len(b.owed) > 0:
			c := copy(p[n:], b.owed)
			b.owed, n = b.owed[c:], n+c
		case len(b.rest) > 0:
			c := copy(p[n:], b.rest)
			b.rest, n = b.rest[c:], n+c
		case !b.line():
			return n, io.EOF
		}
	}
	return n, nil
}

// line queues the last line's end and the next line without its own.
func (b *partBody) line() bool {
	piece, ok := b.s.line()
	if !ok {
		if b.s.hit < 0 {
			b.owed = b.next // no boundary took it
		}
		b.next = ""
		return b.owed != ""
	}
	body, eol := cutEOL(piece)
	b.owed, b.rest, b.next = b.next, body, "\r\n"[2-len(eol):]
	return true
}

func cutEOL(line []byte) (body, eol []byte) {
	n := len(line)
	switch {
	case n >= 2 && line[n-2] == '\r' && line[n-1] == '\n':
		return line[:n-2], line[n-2:]
	case n >= 1 && line[n-1] == '\n':
		return line[:n-1], line[n-1:]
	default:
		return line, nil
	}
}
