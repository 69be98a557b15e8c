package intake

import (
	"crypto/sha256"
	"hash"
	"io"
)

// container appends age streams to a tip's blob, which is made when it is first
// needed.
type container struct {
	blobs            Blobs
	tip, compartment string
	w                BlobWriter
	streams          []Stream
}

func (c *container) offset() int64 {
	if c.w == nil {
		return 0
	}
	return c.w.Offset()
}

// stream begins the next age stream. One is closed before the next begins.
func (c *container) stream(name string, open func(dst io.Writer) (io.WriteCloser, error)) (io.WriteCloser, error) {
	if c.w == nil {
		w, err := c.blobs.Create(c.tip, c.compartment)
		if err != nil {
			return nil, notDurable(err)
		}
		c.w = w
	}
	start := c.w.Offset()
	sealer, err := open(durable{c.w})
	if err != nil {
		return nil, notDurable(err)
	}
	return &streamWriter{WriteCloser: sealer, done: func() {
		c.streams = append(c.streams, Stream{Name: name, Offset: start, Length: c.w.Offset() - start})
	}}, nil
}

// forget drops an unfinished stream that began at start.
func (c *container) forget(start int64) error {
	return notDurable(c.w.Truncate(start))
}

// commit makes the container durable; nil means there is nothing to keep.
func (c *container) commit() (*Container, error) {
	if c.w == nil {
		return nil, nil
	}
	if len(c.streams) == 0 {
		c.abort()
		return nil, nil
	}
	inline, err := c.w.Commit()
	if err != nil {
		return nil, notDurable(err)
	}
	return &Container{Compartment: c.compartment, Inline: inline, Streams: c.streams}, nil
}

// abort throws the blob away; what can't be removed now is collected as an orphan.
func (c *container) abort() {
	if c.w != nil {
		_ = c.w.Abort()
		c.w = nil
	}
}

type streamWriter struct {
	io.WriteCloser
	done func()
}

func (w *streamWriter) Close() error {
	if err := w.WriteCloser.Close(); err != nil {
		return err
	}
	w.done()
	return nil
}

// durable marks a write error as ours, not the sender's.
type durable struct{ w io.Writer }

func (d durable) Write(p []byte) (int, error) {
	n, err := d.w.Write(p)
	return n, notDurable(err)
}

// summed hashes what is read through it.
type summed struct {
	src io.Reader
	sum hash.Hash
}

func (d *draft) sumReader(src io.Reader) *summed { return &summed{src, sha256.New()} }

func (s *summed) Read(p []byte) (int, error) {
	n, err := s.src.Read(p)
	s.sum.Write(p[:n])
	return n, err
}
