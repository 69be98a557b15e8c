package media

import "bytes"

// checker gives the check for the body of marker m, or false where m may not stand.
func (j *jpegCopy) checker(m byte) (func([]byte) error, bool) {
	switch {
	case m == mDQT:
		return tables(quantization), true
	case m == mDHT:
		return tables(huffman), true
	case m == mDAC:
		return tables(conditioning), true
	case m == mDRI:
		return j.interval, true
	case m == mSOS:
		return j.scan, true
	case m >= mSOF0 && m <= mSOF3 || m >= mSOF9 && m <= mSOF11:
		return j.frame, true
	}
	return nil, false
}

// frame reads the frame header (T.81, B.2.2).
func (j *jpegCopy) frame(b []byte) error {
	if j.components != nil || len(b) < 9 {
		return errDamaged
	}
	n := int(b[5])
	if n < 1 || n > 4 || len(b) != 6+3*n || b[0] < 2 || b[0] > 16 {
		return errDamaged
	}
	for c := range n {
		spec := b[6+3*c:]
		if h, v := spec[1]>>4, spec[1]&15; h < 1 || h > 4 || v < 1 || v > 4 || spec[2] > 3 {
			return errDamaged
		}
		j.components = append(j.components, spec[0])
	}
	return j.r.dimensions(int64(b[3])<<8|int64(b[4]), int64(b[1])<<8|int64(b[2]))
}

// dimensions keeps the picture's size, if it is sane.
func (r *Result) dimensions(width, height int64) error {
	if width < 1 || height < 1 {
		return errDamaged
	}
	r.Width, r.Height = int(width), int(height)
	if width > MaxPixels/height {
		return errTooLarge
	}
	return nil
}

// scan reads a scan header (T.81, B.2.3): its components are the frame's.
func (j *jpegCopy) scan(b []byte) error {
	if len(b) < 1 || b[0] < 1 || b[0] > 4 || len(b) != 4+2*int(b[0]) {
		return errDamaged
	}
	for c := range int(b[0]) {
		if !bytes.Contains(j.components, b[1+2*c:2+2*c]) {
			return errDamaged
		}
	}
	j.scans++
	return nil
}

// interval reads a restart interval (T.81, B.2.4.4).
func (j *jpegCopy) interval(b []byte) error {
	if len(b) != 2 {
		return errDamaged
	}
	j.restarts = b[0]|b[1] != 0
	return nil
}

// tables checks that a body is tables and nothing else. length gives the first one's, or false.
func tables(length func([]byte) (int, bool)) func([]byte) error {
	return func(b []byte) error {
		if len(b) == 0 {
			return errDamaged
		}
		for len(b) > 0 {
			n, ok := length(b)
			if !ok || n > len(b) {
				return errDamaged
			}
			b = b[n:]
		}
		return nil
	}
}

// quantization: T.81, B.2.4.1.
func quantization(b []byte) (int, bool) {
	precision, id := b[0]>>4, b[0]&15
	return 1 + 64<<precision, precision <= 1 && id <= 3
}

// huffman: T.81, B.2.4.2.
func huffman(b []byte) (int, bool) {
	class, id := b[0]>>4, b[0]&15
	if class > 1 || id > 3 || len(b) < 17 {
		return 0, false
	}
	n := 0
	for _, count := range b[1:17] {
		n += int(count)
	}
	return 17 + n, n <= 256
}

// conditioning: T.81, B.2.4.3.
func conditioning(b []byte) (int, bool) { return 2, b[0]>>4 <= 1 && b[0]&15 <= 3 }
