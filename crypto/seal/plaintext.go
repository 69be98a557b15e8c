package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
)

// chunkSize is what age encrypts at a time (age-encryption.org/v1, "Payload").
const chunkSize = 64 << 10

// plaintext reads the decrypted bytes of a file and turns age's errors into ours. It keeps the chunk that
// was read last: age takes a fresh buffer of 64 KiB for every ReadAt, however few bytes it asks for.
type plaintext struct {
	age  io.ReaderAt
	size int64

	mu    sync.Mutex
	at    int64  // offset of the kept chunk
	chunk []byte // empty when there is none
	buf   []byte // what chunk lies in
}

// ReadAt is io.ReaderAt.
func (p *plaintext) ReadAt(b []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errors.New("seal: negative offset")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for n < len(b) && off < p.size {
		if err := p.keep(off - off%chunkSize); err != nil {
			return n, err
		}
		copied := copy(b[n:], p.chunk[off-p.at:])
		n, off = n+copied, off+int64(copied)
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// keep makes the chunk at an offset the kept one.
func (p *plaintext) keep(at int64) error {
	if len(p.chunk) > 0 && p.at == at {
		return nil
	}
	if p.buf == nil {
		p.buf = make([]byte, min(p.size, chunkSize))
	}
	p.chunk = nil
	want := p.buf[:min(p.size-at, chunkSize)]
	if n, err := p.age.ReadAt(want, at); n < len(want) {
		return classify(err)
	}
	p.at, p.chunk = at, want
	return nil
}

// measure checks all of the format but the content, and says where the content begins and how long it
// is. There is one valid form only: the padding is exactly what the length asks for.
func (p *plaintext) measure(c Context) (head, length int64, err error) {
	line := c.line()
	head = int64(len(line))
	if p.size < minTotal {
		return 0, 0, fmt.Errorf("%w: too short for the format", ErrSealed)
	}
	if err := p.expectLine(line); err != nil {
		return 0, 0, err
	}
	digits := make([]byte, lengthSize)
	if _, err := p.ReadAt(digits, p.size-lengthSize); err != nil {
		return 0, 0, err
	}
	length, ok := parseLength(digits)
	if !ok || length > p.size-head-lengthSize || padded(head+length+lengthSize) != p.size {
		return 0, 0, fmt.Errorf("%w: the length at its end is not possible", ErrSealed)
	}
	return head, length, p.expectZeros(head+length, p.size-lengthSize)
}

func (p *plaintext) expectLine(want []byte) error {
	got := make([]byte, len(want))
	if _, err := p.ReadAt(got, 0); err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%w: the file was sealed for another place than the one it stands in", ErrContext)
	}
	return nil
}

func (p *plaintext) expectZeros(from, to int64) error {
	buf := make([]byte, min(to-from, chunkSize/2))
	for r := io.NewSectionReader(p, from, to-from); ; {
		n, err := r.Read(buf)
		if len(bytes.Trim(buf[:n], "\x00")) > 0 {
			return fmt.Errorf("%w: the padding is not empty", ErrSealed)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// parseLength takes digits only, so that no sign or space makes a second spelling.
func parseLength(digits []byte) (int64, bool) {
	for _, d := range digits {
		if d < '0' || d > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(string(digits), 10, 64)
	return n, err == nil
}
