package intake

import (
	"errors"
	"io"
	"iter"
	"strconv"

	"filippo.io/age"

	"tipline/crypto/seal"
)

// RawName is the stream of the originals container that holds the raw message.
const RawName = "raw"

func recipients(r ...*age.HybridRecipient) []*age.HybridRecipient { return r }

// takeFiles seals the raw message and every file while they stream by.
func (d *draft) takeFiles(r *Report) error {
	if r.Raw == nil {
		return d.takeEach(r, r.Files)
	}
	sealer, err := d.original(InBatch(RawName, d.batch))
	if err != nil {
		return err
	}
	src := &teed{src: r.Raw, dst: sealer}
	if err := d.decode(r, src); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, src); err != nil {
		return err
	}
	if err := sealer.Close(); err != nil || r.Decode != nil {
		return notDurable(err)
	}
	return d.takeEach(r, r.Files)
}

// FlagUnparsed marks a message that could not be read; the raw one is kept.
const FlagUnparsed = "unparsed"

// decode takes what Decode makes of the raw message. A failure of ours is one of
// the whole submission. Anything else only leaves the message unparsed: if it was
// the raw message that broke off, its reader says so again.
func (d *draft) decode(r *Report, src io.Reader) error {
	if r.Decode == nil {
		return nil
	}
	err := d.takeEach(r, inRaw(r.Decode(src, r)))
	if errors.Is(err, ErrNotDurable) {
		return err
	}
	if err != nil {
		r.flag(FlagUnparsed)
		r.Hold = true
	}
	for i, name := range r.Renamed {
		if i < len(d.names) {
			d.names[i] = clipped(name)
		}
	}
	d.s.settle(r)
	return nil
}

// inRaw marks every file: beside the raw message no second original can be
// written, and it holds them all.
func inRaw(files iter.Seq2[File, error]) iter.Seq2[File, error] {
	if files == nil {
		return nil
	}
	return func(yield func(File, error) bool) {
		for f, err := range files {
			f.InRaw = true
			if !yield(f, err) {
				return
			}
		}
	}
}

func (d *draft) takeEach(r *Report, files iter.Seq2[File, error]) error {
	if files == nil {
		return nil
	}
	for f, err := range files {
		if err != nil {
			return broken(err)
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
	var original io.WriteCloser
	if !f.InRaw {
		var err error
		if original, err = d.original(d.stream(n)); err != nil {
			return err
		}
		body = io.TeeReader(body, original)
	}
	fileSum := d.sumReader(body)
	got, err := d.cleanCopy(n, fileSum)
	if err == nil && original != nil {
		err = notDurable(original.Close())
	}
	if err != nil {
		return err
	}
	d.sumBytes(fileSum.sum.Sum(nil))
	d.names = append(d.names, clipped(f.Name))
	if got.Reason == reasonLocked {
		r.flag(flagEncrypted)
	}
	d.files = append(d.files, SealedFile{N: n, Type: got.Type, Size: got.Size, Clean: got.Clean, Reason: got.Reason, Width: got.Width, Height: got.Height, Removed: got.Removed})
	return nil
}

// stream is the name of file n's streams.
func (d *draft) stream(n int) string { return InBatch(strconv.Itoa(n), d.batch) }

// What a file that a password locks is called by the cleaner, and to the handler.
const (
	reasonLocked  = "locked"
	flagEncrypted = "encrypted"
)

// maxName is how much of a file's name is kept, in characters: no file system has
// longer ones, and all names of a tip are sealed in memory.
const maxName = 255

func clipped(name string) string {
	n := 0
	for i := range name {
		if n == maxName {
			return name[:i]
		}
		n++
	}
	return name
}

func (d *draft) cleanCopy(n int, body io.Reader) (CleanCopy, error) {
	start := d.cleans.offset()
	var w io.WriteCloser
	got, err := d.s.Clean(body, func(string) (io.Writer, error) {
		var err error
		w, err = d.cleans.stream(d.stream(n), func(dst io.Writer) (io.WriteCloser, error) {
			return seal.NewWriter(dst, d.context(CompartmentClean, d.stream(n)), d.keys.Desk)
		})
		return w, err
	})
	err = notDurable(err)
	if w == nil {
		return got, err
	}
	if err != nil || !got.Clean {
		if undo := d.cleans.forget(start); err == nil {
			err = undo
		}
		return got, err
	}
	return got, notDurable(w.Close())
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
	return n, broken(err)
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
	t.err = broken(err)
	return n, t.err
}
