package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"

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
	keys, err := identities(with)
	if err != nil {
		return nil, err
	}
	return openAs(src, size, c, keys...)
}

func openAs(src io.ReaderAt, size int64, c Context, keys ...age.Identity) (*io.SectionReader, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	plain, total, err := age.DecryptReaderAt(source{src}, size, keys...)
	if err != nil {
		return nil, classify(err)
	}
	p := &plaintext{age: plain, size: total}
	head, length, err := p.measure(c)
	if err != nil {
		return nil, err
	}
	return io.NewSectionReader(p, head, length), nil
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
