package media

import (
	"bufio"
	"io"
)

// bufSize is how much of a file is in memory at a time.
const bufSize = 32 << 10

// input reads a file through one buffer. Slices it hands out are good until the next call. Its methods return
// errDamaged where the file ends too early, and errors of the source as they are.
type input struct {
	*bufio.Reader
	src  io.Reader
	size int64 // bytes read from src
	err  error // what ended src, if not io.EOF
}

func newInput(src io.Reader) *input {
	in := &input{src: src}
	in.Reader = bufio.NewReaderSize(source{in}, bufSize)
	return in
}

// source is what the buffer fills itself from.
type source struct{ in *input }

func (s source) Read(p []byte) (int, error) {
	n, err := s.in.src.Read(p)
	s.in.size += int64(n)
	if err != nil && err != io.EOF {
		s.in.err = err
	}
	return n, err
}

// head is the file's beginning: headSize bytes, fewer if there are no more.
func (in *input) head() ([]byte, error) {
	head, err := in.Peek(headSize)
	if err == io.EOF {
		err = nil
	}
	return head, err
}

// window is all that is in the buffer, at least n bytes.
func (in *input) window(n int) ([]byte, error) {
	if _, err := in.look(n); err != nil {
		return nil, err
	}
	return in.Peek(in.Buffered())
}

// look shows the next n bytes, at most bufSize.
func (in *input) look(n int) ([]byte, error) {
	b, err := in.Peek(n)
	return b, early(err)
}

// take reads the next n bytes, at most bufSize.
func (in *input) take(n int) ([]byte, error) {
	b, err := in.look(n)
	if err != nil {
		return nil, err
	}
	return b, in.skip(n)
}

func (in *input) skip(n int) error {
	_, err := in.Discard(n)
	return early(err)
}

// pass hands the next n bytes to each, a buffer at a time.
func (in *input) pass(n int, each func([]byte) error) error {
	for n > 0 {
		w, err := in.window(1)
		if err != nil {
			return err
		}
		w = w[:min(n, len(w))]
		if err := each(w); err != nil {
			return err
		}
		if err := in.skip(len(w)); err != nil {
			return err
		}
		n -= len(w)
	}
	return nil
}

// drain reads the source to its end.
func (in *input) drain() error {
	for {
		if _, err := in.Peek(1); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if _, err := in.Discard(in.Buffered()); err != nil {
			return err
		}
	}
}

func early(err error) error {
	if err == io.EOF {
		return errDamaged
	}
	return err
}
