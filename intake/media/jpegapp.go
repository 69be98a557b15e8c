package media

import "bytes"

const exifPrefix = "Exif\x00\x00"

// jfifBody is the JFIF 1.01 segment that replaces the file's own: it tells the colours, and no thumbnail and
// no resolution.
const jfifBody = "JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"

// application replaces the application segments that say how to show the picture with fresh ones, and drops
// the others. n is the body's length.
func (j *jpegCopy) application(m byte, n int) error {
	body, err := j.in.look(min(n, bufSize))
	if err != nil {
		return err
	}
	if m == mAPP1 {
		j.noted(body)
	}
	if fresh := j.fresh(m, body); fresh != nil {
		if err := j.put(m, fresh); err != nil {
			return err
		}
	}
	return j.in.skip(n)
}

// noted remembers what an APP1 segment tells: EXIF, or XMP in words.
func (j *jpegCopy) noted(body []byte) {
	if tiff, ok := bytes.CutPrefix(body, []byte(exifPrefix)); ok {
		j.r.traces(tiff)
		return
	}
	j.r.removed(RemovedNotes)
}

func (j *jpegCopy) fresh(m byte, body []byte) []byte {
	switch {
	case m == mAPP0 && !j.jfif && bytes.HasPrefix(body, []byte(jfifBody[:5])):
		j.jfif = true
		return []byte(jfifBody)
	case m == mAPP14 && len(body) >= 12 && bytes.HasPrefix(body, []byte("Adobe")):
		return []byte{'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, body[11]}
	case m == mAPP1 && !j.exif && bytes.HasPrefix(body, []byte(exifPrefix)):
		if o := orientation(body[len(exifPrefix):]); o != 0 {
			j.exif = true
			return exifBody(o)
		}
	}
	return nil
}

const (
	tagOrientation = 0x0112
	typeShort      = 3
)

// orientation finds the orientation (EXIF 2.32, 4.6.4) in the first directory of a TIFF structure. It is 0
// if there is none or the picture stands upright already, else 2 to 8.
func orientation(tiff []byte) byte {
	order := tiffOrder(tiff)
	if order == nil {
		return 0
	}
	for e := range directory(tiff, order, order.Uint32(tiff[4:])) {
		if order.Uint16(e) != tagOrientation || order.Uint16(e[2:]) != typeShort {
			continue
		}
		if o := order.Uint16(e[8:]); o >= 2 && o <= 8 {
			return byte(o)
		}
		return 0
	}
	return 0
}

// exifBody is the smallest EXIF segment that tells orientation o.
func exifBody(o byte) []byte {
	b := []byte(exifPrefix + "MM\x00*\x00\x00\x00\x08" + "\x00\x01")
	b = append(b, 0x01, 0x12, 0, typeShort, 0, 0, 0, 1, 0, o, 0, 0)
	return append(b, 0, 0, 0, 0) // no further directory
}
