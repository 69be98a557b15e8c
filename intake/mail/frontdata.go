package mail

import (
	"io"
)

// readData gives the engine the next bytes of DATA. It returns at the end of the
// message, so that the engine never holds what comes behind it.
func (f *front) readData(p []byte) (int, error) {
	for {
		if err := f.fill(); err != nil {
			return 0, err
		}
		block, _ := f.in.Peek(f.in.Buffered())
		read, out := f.data.scan(block, p)
		_, _ = f.in.Discard(read)
		if f.data.total > 2*f.run.s.opts.MaxBytes+1<<20 {
			return 0, io.ErrUnexpectedEOF // who sends on after that isn't listening
		}
		if f.data.ended {
			f.endData()
		}
		switch {
		case out > 0:
			return out, nil
		case len(f.rest) > 0:
			return f.readRest(p), nil
		}
	}
}

// fill waits for something of DATA.
func (f *front) fill() error {
	if f.in.Buffered() > 0 {
		return nil
	}
	if err := f.await(); err != nil {
		return err
	}
	_, err := f.in.Peek(1)
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// goOn brings the engine's reader to the end of DATA from any of its states.
const goOn = "x\r\n.\r\n"

func (f *front) endData() {
	f.last, f.data = f.data, nil
	if f.last.bad {
		f.rest = []byte(goOn)
	}
}

func (f *front) readRest(p []byte) int {
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n
}
