package media

import (
	"bytes"
	"encoding/binary"
)

// Markers of ITU-T T.81, table B.1, without their leading 0xFF.
const (
	mSOF0  = 0xC0
	mSOF3  = 0xC3
	mDHT   = 0xC4
	mSOF5  = 0xC5
	mSOF7  = 0xC7
	mSOF9  = 0xC9
	mSOF11 = 0xCB
	mDAC   = 0xCC
	mSOF13 = 0xCD
	mSOF15 = 0xCF
	mRST0  = 0xD0
	mRST7  = 0xD7
	mSOI   = 0xD8
	mEOI   = 0xD9
	mSOS   = 0xDA
	mDQT   = 0xDB
	mDRI   = 0xDD
	mAPP0  = 0xE0
	mAPP1  = 0xE1
	mAPP13 = 0xED // Photoshop's, with IPTC in it
	mAPP14 = 0xEE
	mAPP15 = 0xEF
	mCOM   = 0xFE
)

// jpegCopy is one pass over a JPEG file.
type jpegCopy struct {
	in         *input
	out        *output
	r          *Result
	components []byte // the frame's component ids; nil before the frame
	scans      int
	restarts   bool // a restart interval is set
	jfif, exif bool // written already
}

// copyJPEG copies a file of ITU-T T.81 (JPEG), up to its EOI marker.
func copyJPEG(in *input, out *output, r *Result) error {
	j := &jpegCopy{in: in, out: out, r: r}
	if err := in.skip(2); err != nil {
		return err
	}
	if err := j.put(mSOI, nil); err != nil {
		return err
	}
	for {
		m, err := j.marker()
		if err != nil {
			return err
		}
		if m == mEOI {
			return j.end()
		}
		if err := j.segment(m); err != nil {
			return err
		}
	}
}

// marker reads the next marker; fill bytes before it (T.81, B.1.1.2) are dropped.
func (j *jpegCopy) marker() (byte, error) {
	b, err := j.in.ReadByte()
	if err == nil && b != 0xFF {
		return 0, errDamaged
	}
	for err == nil && b == 0xFF {
		b, err = j.in.ReadByte()
	}
	return b, early(err)
}

func (j *jpegCopy) end() error {
	if j.scans == 0 {
		return errDamaged
	}
	return j.put(mEOI, nil)
}

// segment copies, replaces or drops the segment of marker m, and the entropy-coded data after it if it is a
// scan. What isn't listed here doesn't belong where it stands.
func (j *jpegCopy) segment(m byte) error {
	b, err := j.in.take(2)
	if err != nil {
		return err
	}
	n := int(binary.BigEndian.Uint16(b)) - 2
	switch {
	case n < 0:
		return errDamaged
	case m == mAPP0 || m == mAPP1 || m == mAPP14:
		return j.application(m, n)
	case m >= mAPP0 && m <= mAPP15 || m == mCOM:
		if m == mAPP13 || m == mCOM {
			j.r.removed(RemovedNotes)
		}
		return j.in.skip(n)
	case m >= mSOF5 && m <= mSOF7 || m >= mSOF13 && m <= mSOF15:
		return errType // hierarchical pictures: nothing shows them
	}
	check, ok := j.checker(m)
	if !ok || n > bufSize {
		return errDamaged
	}
	body, err := j.in.take(n)
	if err != nil {
		return err
	}
	if err := check(body); err != nil {
		return err
	}
	if err := j.put(m, body); err != nil || m != mSOS {
		return err
	}
	return j.entropy()
}

// put writes a marker and, if there is a body, its length and the body.
func (j *jpegCopy) put(m byte, body []byte) error {
	head := []byte{0xFF, m}
	if body != nil {
		n := len(body) + 2
		head = append(head, byte(n>>8), byte(n))
	}
	if _, err := j.out.Write(head); err != nil {
		return err
	}
	_, err := j.out.Write(body)
	return err
}

// entropy copies a scan's data up to the next marker that isn't a restart.
func (j *jpegCopy) entropy() error {
	next := byte(mRST0)
	for {
		w, err := j.in.window(2)
		if err != nil {
			return err
		}
		n, stop := j.run(w, &next)
		if _, err := j.out.Write(w[:n]); err != nil {
			return err
		}
		fill := stop == fillByte
		if fill {
			n++
		}
		if err := j.in.skip(n); err != nil {
			return err
		}
		switch stop {
		case segmentMarker:
			return nil
		case wrongRestart:
			return errDamaged
		}
	}
}

// stop is why a run of entropy-coded data ends.
type stop int

const (
	windowEnd stop = iota
	fillByte
	segmentMarker
	wrongRestart
)

// run is the length of the data that can be passed on as it stands. Restart markers count from 0 to 7 and
// round again (T.81, F.1.1.5.2), in next.
func (j *jpegCopy) run(w []byte, next *byte) (int, stop) {
	i := 0
	for {
		k := bytes.IndexByte(w[i:], 0xFF)
		if k < 0 {
			return len(w), windowEnd
		}
		i += k
		if i+1 == len(w) {
			return i, windowEnd
		}
		switch m := w[i+1]; {
		case m == 0x00:
		case m == 0xFF:
			return i, fillByte
		case m < mRST0 || m > mRST7:
			return i, segmentMarker
		case m != *next || !j.restarts:
			return i, wrongRestart
		default:
			*next = mRST0 | (m+1)&7
		}
		i += 2
	}
}
