package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"filippo.io/age"
)

// Open opens the size bytes of src that were sealed for c, with whichever of the keys fits, and gives
// the content alone. Context, length and padding are checked before it returns, and with them that the
// file is whole; every chunk is authenticated before a byte of it is handed out, so a change in the
// middle ends a Read with ErrSealed. Memory is constant. The reader serves concurrent ReadAt calls and
// needs src for as long as it is read. Errors are ErrContext, ErrKey, ErrSealed or those of src.
func Open(src io.ReaderAt, size int64, c Context, with ...*age.HybridIdentity) (*io.SectionReader, error) {
	if err := c.checkInner(); err != nil {
		return nil, err
	}
	return openLayer(src, size, c, with)
}

// OpenOuter removes the outer layer of a nested file and gives the inner age file, still sealed: hand
// it to Open with the same context and a key of the inner side.
func OpenOuter(src io.ReaderAt, size int64, c Context, with ...*age.HybridIdentity) (*io.SectionReader, error) {
	if err := c.checkInner(); err != nil {
		return nil, err
	}
	return openLayer(src, size, c.outer(), with)
}

// OpenBytes is Open for a file that is at hand.
func OpenBytes(sealed []byte, c Context, with ...*age.HybridIdentity) ([]byte, error) {
	return readAll(Open(bytes.NewReader(sealed), int64(len(sealed)), c, with...))
}

// OpenOuterBytes is OpenOuter for a file that is at hand.
func OpenOuterBytes(sealed []byte, c Context, with ...*age.HybridIdentity) ([]byte, error) {
	return readAll(OpenOuter(bytes.NewReader(sealed), int64(len(sealed)), c, with...))
}

func readAll(r *io.SectionReader, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	content := make([]byte, r.Size())
	if _, err := io.ReadFull(r, content); err != nil {
		return nil, err
	}
	return content, nil
}

func openLayer(src io.ReaderAt, size int64, c Context, with []*age.HybridIdentity) (*io.SectionReader, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	keys, err := identities(with)
	if err != nil {
		return nil, err
	}
	plain, total, err := age.DecryptReaderAt(source{src}, size, keys...)
	if err != nil {
		return nil, classify(err)
	}
	p := plaintext{plain}
	if total <= inMemory {
		if p, err = p.load(total); err != nil {
			return nil, err
		}
	}
	head, length, err := p.measure(c, total)
	if err != nil {
		return nil, err
	}
	return io.NewSectionReader(p, head, length), nil
}

// inMemory is the plaintext size up to which a file is decrypted once and kept: age spends a buffer of
// 64 KiB on every ReadAt, which for a short text is most of the work.
const inMemory = 64 << 10

// load decrypts all of a small plaintext at once.
func (p plaintext) load(total int64) (plaintext, error) {
	all := make([]byte, total)
	if _, err := io.ReadFull(io.NewSectionReader(p, 0, total), all); err != nil {
		return p, err
	}
	return plaintext{bytes.NewReader(all)}, nil
}

// plaintext reads decrypted bytes and turns age's errors into ours.
type plaintext struct{ r io.ReaderAt }

func (p plaintext) ReadAt(b []byte, off int64) (int, error) {
	n, err := p.r.ReadAt(b, off)
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	return n, classify(err)
}

// measure checks all of the format but the content, and says where the content begins and how long it
// is. There is one valid form only: the padding is exactly what the length asks for.
func (p plaintext) measure(c Context, total int64) (head, length int64, err error) {
	line := c.line()
	head = int64(len(line))
	if total < minTotal {
		return 0, 0, fmt.Errorf("%w: too short for the format", ErrSealed)
	}
	if err := p.expectLine(line); err != nil {
		return 0, 0, err
	}
	digits := make([]byte, lengthSize)
	if _, err := io.ReadFull(io.NewSectionReader(p, total-lengthSize, lengthSize), digits); err != nil {
		return 0, 0, err
	}
	length, ok := parseLength(digits)
	if !ok || length > total-head-lengthSize || padded(head+length+lengthSize) != total {
		return 0, 0, fmt.Errorf("%w: the length at its end is not possible", ErrSealed)
	}
	return head, length, p.expectZeros(head+length, total-lengthSize)
}

func (p plaintext) expectLine(want []byte) error {
	got := make([]byte, len(want))
	if _, err := io.ReadFull(io.NewSectionReader(p, 0, int64(len(got))), got); err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%w: the file was sealed for another place than the one it stands in", ErrContext)
	}
	return nil
}

func (p plaintext) expectZeros(from, to int64) error {
	buf := make([]byte, min(to-from, 32<<10))
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
	n, err := strconv.ParseInt(string(digits), 10, 63)
	return n, err == nil
}

// source marks the errors of the underlying reader: a disk that fails is no damaged file.
type source struct{ r io.ReaderAt }

func (s source) ReadAt(b []byte, off int64) (int, error) {
	n, err := s.r.ReadAt(b, off)
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	return n, &readError{err}
}

type readError struct{ err error }

func (e *readError) Error() string { return "seal: read: " + e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

// classify names age's error by what the caller can do about it. Its text is dropped: it speaks of
// stanzas, and of nothing that mends.
func classify(err error) error {
	if read, ok := errors.AsType[*readError](err); ok {
		return read
	}
	if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
		return fmt.Errorf("%w: the file is sealed to others", ErrKey)
	}
	return ErrSealed
}
