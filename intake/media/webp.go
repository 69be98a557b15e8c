package media

import (
	"bytes"
	"encoding/binary"
)

// webpCopy is one pass over a WebP file (RFC 9649).
type webpCopy struct {
	riffCopy
	r *Result
}

// copyWebP copies a WebP file: the picture or the frames, transparency and orientation.
func copyWebP(in *input, out *output, r *Result) error {
	w := &webpCopy{riffCopy{in: in, out: out, seen: map[string]int{}}, r}
	w.keep = w.judge
	if err := w.file("WEBP"); err != nil {
		return err
	}
	return damagedUnless(w.r.Width > 0 && w.pictures() > 0)
}

// pictures counts what is seen in the file.
func (w *webpCopy) pictures() int { return w.seen["VP8 "] + w.seen["VP8L"] + w.seen["ANMF"] }

func (w *webpCopy) judge(name string, n int) (keep, done bool, err error) {
	switch name {
	case "VP8X":
		return false, true, w.extended(n)
	case "VP8 ", "VP8L":
		return true, false, w.picture(name, n)
	case "ALPH":
		return w.seen[name] == 0 && w.pictures() == 0, false, nil
	case "ANIM":
		return w.seen[name] == 0 && n == 6, false, nil
	case "ANMF":
		return false, true, w.frame(n)
	case "EXIF":
		return false, true, w.exif(n)
	case "XMP ":
		w.r.removed(RemovedNotes)
	}
	return false, false, nil
}

// Flags of VP8X.
const (
	webpICC = 0x20
	webpXMP = 0x04
)

// extended copies VP8X without what it says of the parts that go (RFC 9649, 2.7.1).
func (w *webpCopy) extended(n int) error {
	if n != 10 || len(w.seen) > 0 {
		return errDamaged
	}
	b, err := w.in.take(n)
	if err != nil {
		return err
	}
	b[0] &= 0x3E &^ (webpICC | webpXMP)
	b[1], b[2], b[3] = 0, 0, 0
	if err := w.r.dimensions(int64(uint24(b[4:]))+1, int64(uint24(b[7:]))+1); err != nil {
		return err
	}
	if err := w.head("VP8X", n); err != nil {
		return err
	}
	_, err = w.out.Write(b)
	return err
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// picture checks a still picture's header and takes its size from it, if VP8X didn't tell it.
func (w *webpCopy) picture(name string, n int) error {
	if w.pictures() > 0 || n < 10 {
		return errDamaged
	}
	b, err := w.in.look(10)
	if err != nil {
		return err
	}
	width, height, err := webpSize(name, b)
	if err != nil || w.r.Width > 0 {
		return err
	}
	return w.r.dimensions(width, height)
}

// webpSize reads the size from the first ten bytes of a bitstream: RFC 6386, 9.1, or RFC 9649, 3.4.
func webpSize(name string, b []byte) (width, height int64, err error) {
	if name == "VP8 " {
		if b[0]&1 != 0 || string(b[3:6]) != "\x9D\x01\x2A" {
			return 0, 0, errDamaged
		}
		return int64(binary.LittleEndian.Uint16(b[6:]) & 0x3FFF), int64(binary.LittleEndian.Uint16(b[8:]) & 0x3FFF), nil
	}
	bits := binary.LittleEndian.Uint32(b[1:])
	if b[0] != 0x2F || bits>>29 != 0 {
		return 0, 0, errDamaged
	}
	return int64(bits&0x3FFF) + 1, int64(bits>>14&0x3FFF) + 1, nil
}

// frame copies a frame of an animation: sixteen bytes of where and how long, then a picture of its own.
func (w *webpCopy) frame(n int) error {
	const header = 16
	if n < header+8 || w.seen["VP8X"] == 0 {
		return errDamaged
	}
	if err := w.head("ANMF", n); err != nil {
		return err
	}
	err := w.in.pass(header, func(b []byte) error {
		_, err := w.out.Write(b)
		return err
	})
	if err != nil {
		return err
	}
	inner := &webpCopy{riffCopy{in: w.in, out: w.out, seen: map[string]int{}}, &Result{}}
	inner.keep = inner.judgeFrame
	if err := inner.chunks(int64(n - header)); err != nil {
		return err
	}
	return damagedUnless(inner.pictures() == 1)
}

func (w *webpCopy) judgeFrame(name string, n int) (keep, done bool, err error) {
	switch name {
	case "VP8 ", "VP8L", "ALPH":
		return w.judge(name, n)
	}
	return false, false, nil
}

// exif puts the smallest EXIF that tells the orientation in the place of the file's own, and fills it up.
func (w *webpCopy) exif(n int) error {
	b, err := w.in.look(min(n, bufSize))
	if err != nil {
		return err
	}
	tiff := bytes.TrimPrefix(b, []byte(exifPrefix))
	w.r.traces(tiff)
	fresh := exifBody(max(1, orientation(tiff)))[len(exifPrefix):]
	if n < len(fresh) || w.seen["EXIF"] > 0 {
		if err := w.head(riffJunk, n); err != nil {
			return err
		}
		return w.zeros(n)
	}
	if err := w.head("EXIF", n); err != nil {
		return err
	}
	if _, err := w.out.Write(fresh); err != nil {
		return err
	}
	if err := w.in.skip(len(fresh)); err != nil {
		return err
	}
	return w.zeros(n - len(fresh))
}
