package media

import (
	"io"
	"strings"
)

// The first bytes of an AMR file (RFC 4867, 5.1).
const (
	amrMagic     = "#!AMR\n"
	amrWideMagic = "#!AMR-WB\n"
)

// amrSizes is the length of a frame's speech bits in bytes, by frame type: RFC 4867 and 3GPP TS 26.101; -1
// stands for a type that isn't used.
func amrSizes(wide bool) [16]int {
	if wide {
		return [16]int{17, 23, 32, 36, 40, 46, 50, 58, 60, 5, -1, -1, -1, -1, 0, 0}
	}
	return [16]int{12, 13, 15, 17, 19, 20, 26, 31, 5, -1, -1, -1, -1, -1, -1, 0}
}

// copyAMR copies an AMR recording. The format has no room for anything but speech; what doesn't follow it is
// refused, so that nothing hides between frames.
func copyAMR(in *input, out *output, _ *Result) error {
	magic := amrMagic
	head, err := in.head()
	if err != nil {
		return err
	}
	if strings.HasPrefix(string(head), amrWideMagic) {
		magic = amrWideMagic
	}
	b, err := in.take(len(magic))
	if err != nil {
		return err
	}
	if _, err := out.Write(b); err != nil {
		return err
	}
	sizes := amrSizes(magic == amrWideMagic)
	for frames := 0; ; frames++ {
		b, err := in.Peek(1)
		if err == io.EOF && frames > 0 {
			return nil
		}
		if err != nil {
			return early(err)
		}
		size := sizes[b[0]>>3&15]
		if size < 0 || b[0]&0x83 != 0 { // the bits beside type and quality are zero
			return errDamaged
		}
		if b, err = in.take(1 + size); err != nil {
			return err
		}
		if _, err := out.Write(b); err != nil {
			return err
		}
	}
}
