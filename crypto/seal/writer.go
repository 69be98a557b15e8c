package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/bits"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"
)

const (
	minTotal   = 4096 // bytes of the smallest padded plaintext
	lengthSize = 20   // digits of the length at the end; 2^63 has 19
)

// What an age header takes at most, in bytes: for each recipient, and beside them with the nonce and our context line.
// What is sealed in memory takes it at once instead of growing.
const (
	stanzaRoom = 1_600
	headRoom   = 512
)

var errClosed = errors.New("seal: write after Close")

// NewWriter seals what is written to it, for every one of the recipients alone to open. Memory is
// constant however much is written. Close writes padding and length and completes the file; a file
// that was not closed never opens. Close does not close dst.
func NewWriter(dst io.Writer, c Context, to ...*age.HybridRecipient) (io.WriteCloser, error) {
	if err := c.checkInner(); err != nil {
		return nil, err
	}
	return newLayer(dst, c, to)
}

// NewNestedWriter seals what is written to it to inner, and the result to outer: opening takes one key
// of each. Close closes both layers, not dst.
func NewNestedWriter(dst io.Writer, c Context, outer, inner []*age.HybridRecipient) (io.WriteCloser, error) {
	if err := c.checkInner(); err != nil {
		return nil, err
	}
	out, err := newLayer(dst, c.outer(), outer)
	if err != nil {
		return nil, err
	}
	in, err := newLayer(out, c, inner)
	if err != nil {
		return nil, err
	}
	return &nested{layer: in, outer: out}, nil
}

// NewOuterWriter puts a new outer layer around the inner file of a nested one, as [OpenOuter] gave it: what
// is written must be that file, sealed for c. Close completes the file, not dst.
func NewOuterWriter(dst io.Writer, c Context, to ...*age.HybridRecipient) (io.WriteCloser, error) {
	if err := c.checkInner(); err != nil {
		return nil, err
	}
	return newLayer(dst, c.outer(), to)
}

// Seal is NewWriter for content that is at hand.
func Seal(c Context, content []byte, to ...*age.HybridRecipient) ([]byte, error) {
	return sealBytes(content, room(len(content), len(to)), func(dst io.Writer) (io.WriteCloser, error) { return NewWriter(dst, c, to...) })
}

// SealNested is NewNestedWriter for content that is at hand.
func SealNested(c Context, content []byte, outer, inner []*age.HybridRecipient) ([]byte, error) {
	return sealBytes(content, room(room(len(content), len(inner)), len(outer)), func(dst io.Writer) (io.WriteCloser, error) { return NewNestedWriter(dst, c, outer, inner) })
}

// room is at least what a content of n bytes takes, sealed in one layer.
func room(n, recipients int) int {
	sealed := int(padded(int64(n + headRoom)))
	return sealed + (sealed/chunkSize+1)*chacha20poly1305.Overhead + recipients*stanzaRoom + headRoom
}

func sealBytes(content []byte, room int, open func(io.Writer) (io.WriteCloser, error)) ([]byte, error) {
	var dst bytes.Buffer
	dst.Grow(room)
	w, err := open(&dst)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return dst.Bytes(), nil
}

// layer writes one plaintext of the format into one age file.
type layer struct {
	age    *payload
	head   int64 // bytes of the context line
	length int64 // bytes of content so far
	err    error // of an earlier write: the file is lost
}

func newLayer(dst io.Writer, c Context, to []*age.HybridRecipient) (*layer, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	w, err := newPayload(dst, to)
	if err != nil {
		return nil, fmt.Errorf("seal: begin: %w", err)
	}
	line := c.line()
	if _, err := w.Write(line); err != nil {
		return nil, fmt.Errorf("seal: write: %w", err)
	}
	return &layer{age: w, head: int64(len(line))}, nil
}

func (l *layer) Write(p []byte) (int, error) {
	if l.err != nil {
		return 0, l.err
	}
	n, err := l.age.Write(p)
	l.length += int64(n)
	if err != nil {
		l.err = fmt.Errorf("seal: write: %w", err)
	}
	return n, l.err
}

// Close fails for good after a failed Write, so that nobody takes a hole for a complete file.
func (l *layer) Close() error {
	if l.err != nil {
		return l.err
	}
	l.err = errClosed
	total := l.head + l.length + lengthSize
	if err := l.pad(padded(total) - total); err != nil {
		return fmt.Errorf("seal: write: %w", err)
	}
	if _, err := fmt.Fprintf(l.age, "%0*d", lengthSize, l.length); err != nil {
		return fmt.Errorf("seal: write: %w", err)
	}
	if err := l.age.Close(); err != nil {
		return fmt.Errorf("seal: write: %w", err)
	}
	return nil
}

// pad writes n zero bytes.
func (l *layer) pad(n int64) error {
	var zeros [minTotal]byte
	for n > 0 {
		k, err := l.age.Write(zeros[:min(n, minTotal)])
		if err != nil {
			return err
		}
		n -= int64(k)
	}
	return nil
}

// nested is the inner layer that takes the outer one along when it closes.
type nested struct {
	*layer
	outer *layer
}

func (n *nested) Close() error {
	if err := n.layer.Close(); err != nil {
		return err
	}
	return n.outer.Close()
}

// padded is the size a plaintext of total bytes is padded to: 4096, or the next Padmé size, whose
// mantissa is no longer than its exponent.
func padded(total int64) int64 {
	if total <= minTotal {
		return minTotal
	}
	exponent := bits.Len64(uint64(total)) - 1
	mantissa := bits.Len(uint(exponent))
	mask := int64(1)<<(exponent-mantissa) - 1
	return (total + mask) &^ mask
}
