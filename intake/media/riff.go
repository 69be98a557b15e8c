package media

import "encoding/binary"

// riffCopy is one pass over the chunks of a RIFF file (Multimedia Programming Interface 1.0). The sizes stand
// before what they count, so what may not stay is overwritten with zeros and not cut out: a copy is as long
// as its file.
type riffCopy struct {
	in   *input
	out  *output
	seen map[string]int
	// keep judges a chunk of n bytes. It may consume and write the body itself (done), have it copied
	// (keep) or, with neither, have it overwritten.
	keep func(name string, n int) (keep, done bool, err error)
}

// riffJunk is the name of a chunk that every reader skips.
const riffJunk = "JUNK"

// file copies the head of a file of form, then its chunks.
func (f *riffCopy) file(form string) error {
	b, err := f.in.take(12)
	if err != nil {
		return err
	}
	left := int64(binary.LittleEndian.Uint32(b[4:])) - 4
	if string(b[8:]) != form || left < 8 || left > 1<<31 {
		return errDamaged
	}
	if _, err := f.out.Write(b); err != nil {
		return err
	}
	return f.chunks(left)
}

// chunks copies the chunks that fill left bytes exactly. The padding of the last may be missing.
func (f *riffCopy) chunks(left int64) error {
	for left > 0 {
		if left < 8 {
			return errDamaged
		}
		b, err := f.in.take(8)
		if err != nil {
			return err
		}
		name, n := string(b[:4]), int64(binary.LittleEndian.Uint32(b[4:]))
		if left -= 8; n > left {
			return errDamaged
		}
		if err := f.chunk(name, int(n)); err != nil {
			return err
		}
		left -= n
		if n%2 == 1 && left > 0 {
			if err := f.zeros(1); err != nil {
				return err
			}
			left--
		}
	}
	return nil
}

func (f *riffCopy) chunk(name string, n int) error {
	keep, done, err := f.keep(name, n)
	if err != nil {
		return err
	}
	f.seen[name]++
	switch {
	case done:
		return nil
	case keep:
		return f.copy(name, n)
	}
	if err := f.head(riffJunk, n); err != nil {
		return err
	}
	return f.zeros(n)
}

func (f *riffCopy) head(name string, n int) error {
	_, err := f.out.Write(binary.LittleEndian.AppendUint32([]byte(name), uint32(n)))
	return err
}

func (f *riffCopy) copy(name string, n int) error {
	if err := f.head(name, n); err != nil {
		return err
	}
	return f.in.pass(n, func(b []byte) error {
		_, err := f.out.Write(b)
		return err
	})
}

// zeros overwrites the next n bytes.
func (f *riffCopy) zeros(n int) error { return overwrite(f.in, f.out, n) }

// overwrite reads n bytes and writes as many zeros.
func overwrite(in *input, out *output, n int) error {
	return in.pass(n, func(b []byte) error {
		clear(b)
		_, err := out.Write(b)
		return err
	})
}
