package intake

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"

	"filippo.io/age"

	"tipline/crypto/seal"
)

// rawName is the stream of the originals container that holds the raw message.
const rawName = "raw"

func recipients(r ...*age.HybridRecipient) []*age.HybridRecipient { return r }

// takeFiles seals the raw message and every file while they stream by.
func (d *draft) takeFiles(r *Report) error {
	if r.Raw == nil {
		return d.takeEach(r, r.Files)
	}
	sealer, err := d.original(rawName)
	if err != nil {
		return err
	}
	src := &teed{src: r.Raw, dst: sealer}
	files := r.Files
	if r.Decode != nil {
		files = r.Decode(src, r)
	}
	if err := d.takeEach(r, files); err != nil && src.err == nil {
		return err
	}
	if _, err := io.Copy(io.Discard, src); err != nil {
		return err
	}
	return sealer.Close()
}

func (d *draft) takeEach(r *Report, files iter.Seq2[File, error]) error {
	if files == nil {
		return nil
	}
	for f, err := range files {
		if err != nil {
			return err
		}
		if len(d.files) >= d.s.MaxFiles && !r.Channel.Gateway() {
			return ErrTooManyFiles
		}
		if err := d.takeFile(f, r); err != nil {
			return err
		}
	}
	return nil
}

// takeFile makes the sealed original and the sealed clean copy in one pass.
func (d *draft) takeFile(f File, r *Report) error {
	n := len(d.files) + 1
	body := io.Reader(&source{src: f.Body, left: d.s.MaxBytes, unlimited: r.Channel.Gateway()})
	closers := []io.Closer{}
	if !f.InRaw {
		original, err := d.original(strconv.Itoa(n))
		if err != nil {
			return err
		}
		body = io.TeeReader(body, original)
		closers = append(closers, original)
	}
	fileSum := d.sumReader(body)
	got, err := d.cleanCopy(n, fileSum)
	if err != nil {
		return err
	}
	d.sumBytes(fileSum.sum.Sum(nil))
	d.names = append(d.names, f.Name)
	d.files = append(d.files, SealedFile{N: n, Type: got.Type, Size: got.Size, Clean: got.Clean, Reason: got.Reason, Width: got.Width, Height: got.Height})
	for _, c := range closers {
		if err := c.Close(); err != nil {
			return fmt.Errorf("%w: %w", ErrNotDurable, err)
		}
	}
	return nil
}

func (d *draft) cleanCopy(n int, body io.Reader) (CleanCopy, error) {
	start := d.cleans.offset()
	var w io.WriteCloser
	got, err := d.s.Clean(body, func(string) (io.Writer, error) {
		var err error
		w, err = d.cleans.stream(strconv.Itoa(n), func(dst io.Writer) (io.WriteCloser, error) {
			return seal.NewWriter(dst, d.context(CompartmentClean, strconv.Itoa(n)), d.keys.Desk)
		})
		return w, err
	})
	if err != nil || w == nil {
		return got, err
	}
	if !got.Clean {
		return got, d.cleans.forget(start)
	}
	if err := w.Close(); err != nil {
		return got, fmt.Errorf("%w: %w", ErrNotDurable, err)
	}
	return got, nil
}

// original opens a stream of the originals container, sealed in two layers.
func (d *draft) original(name string) (io.WriteCloser, error) {
	return d.originals.stream(name, func(dst io.Writer) (io.WriteCloser, error) {
		return seal.NewNestedWriter(dst, d.context(CompartmentOriginals, name), recipients(d.keys.Desk), recipients(d.keys.Custodian))
	})
}

// commit makes both containers durable.
func (d *draft) commit() ([]Container, error) {
	var out []Container
	for _, c := range []*container{d.originals, d.cleans} {
		row, err := c.commit()
		if err != nil {
			return nil, err
		}
		if row != nil {
			out = append(out, *row)
		}
	}
	return out, nil
}

// source reads a file's body, names whose fault an error is, and ends it with
// [ErrTooLarge] at the limit.
type source struct {
	src       io.Reader
	left      int64
	unlimited bool
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.src.Read(p)
	s.left -= int64(n)
	if s.left < 0 && !s.unlimited {
		return 0, ErrTooLarge
	}
	return n, readError(err)
}

func readError(err error) error {
	if err == nil || err == io.EOF || errors.Is(err, ErrTooLarge) || errors.Is(err, ErrNotDurable) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrRead, err)
}

// teed seals the raw message as it is read, and remembers what broke it.
type teed struct {
	src io.Reader
	dst io.Writer
	err error
}

func (t *teed) Read(p []byte) (int, error) {
	if t.err != nil {
		return 0, t.err
	}
	n, err := t.src.Read(p)
	if n > 0 {
		if _, werr := t.dst.Write(p[:n]); werr != nil {
			err = werr
		}
	}
	t.err = readError(err)
	return n, t.err
}
