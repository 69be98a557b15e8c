package media

import (
	"bufio"
	"io"
)

// outSize holds the head of a text, so that it can be judged before anything is written.
const outSize = 4096

// output collects small writes and opens the writer with the first full buffer.
type output struct {
	*bufio.Writer
	contentType string
	judge       func(head []byte) error // may refuse what is about to be written first; nil: all is well
	open        func(string) (io.Writer, error)
	dst         io.Writer
}

func newOutput(open func(string) (io.Writer, error)) *output {
	out := &output{open: open}
	out.Writer = bufio.NewWriterSize(sink{out}, outSize)
	return out
}

// sink is where the full buffer goes.
type sink struct{ out *output }

func (s sink) Write(p []byte) (int, error) {
	if err := s.out.begin(p); err != nil {
		return 0, err
	}
	return s.out.dst.Write(p)
}

// begin opens the writer, once; first is all there is or at least outSize bytes.
func (out *output) begin(first []byte) error {
	if out.dst != nil {
		return nil
	}
	if out.judge != nil {
		if err := out.judge(first[:min(headSize, len(first))]); err != nil {
			return err
		}
	}
	var err error
	out.dst, err = out.open(out.contentType)
	return err
}

// finish writes what is still collected. An empty copy is a copy, too.
func (out *output) finish() error {
	if err := out.Flush(); err != nil {
		return err
	}
	return out.begin(nil)
}
