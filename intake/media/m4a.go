package media

import (
	"encoding/binary"
	"io"
)

// m4aCopy is one pass over the boxes of an ISO base media file (ISO/IEC 14496-12). Samples are found by their
// offset in the file, so what may not stay is overwritten and not cut out: a copy is as long as its file.
type m4aCopy struct {
	in     *input
	out    *output
	r      *Result
	seen   map[string]int
	tracks int
}

// m4aWhole are the boxes that are copied as they stand: how the sound is cut up, and the sound. A box may
// stand within any of those in m4aNested; players find it by its name.
func m4aWhole(name string) bool {
	switch name {
	case "ftyp", "mdat", "elst", "smhd", "dref", "stsd", "stts", "ctts", "stsc", "stsz", "stz2", "stco", "co64", "stss", "sgpd", "sbgp":
		return true
	}
	return false
}

func m4aNested(name string) bool {
	switch name {
	case "moov", "trak", "edts", "mdia", "minf", "dinf", "stbl":
		return true
	}
	return false
}

// copyM4A copies a recording in an MP4 file: sound tracks alone. Titles, places, dates, names of devices and
// programs are overwritten with zeros.
func copyM4A(in *input, out *output, r *Result) error {
	m := &m4aCopy{in: in, out: out, r: r, seen: map[string]int{}}
	for {
		if _, err := in.Peek(1); err == io.EOF {
			return damagedUnless(m.seen["mdat"] > 0 && m.seen["moov"] == 1 && m.tracks > 0 && m.tracks == m.seen["trak"])
		}
		if _, err := m.box(1<<62, 0); err != nil {
			return err
		}
	}
}

// m4aHead is a box's head.
type m4aHead struct {
	name string
	raw  []byte
	body int64 // its length; -1: up to the end of the file
}

func (m *m4aCopy) head() (m4aHead, error) {
	b, err := m.in.take(8)
	if err != nil {
		return m4aHead{}, err
	}
	h := m4aHead{name: string(b[4:]), raw: append([]byte(nil), b...)}
	switch size := int64(binary.BigEndian.Uint32(b)); {
	case size == 1:
		if b, err = m.in.take(8); err != nil {
			return m4aHead{}, err
		}
		h.raw = append(h.raw, b...)
		h.body = int64(binary.BigEndian.Uint64(b)) - 16
	case size == 0:
		h.body = -1
		return h, damagedUnless(h.name == "mdat")
	default:
		h.body = size - 8
	}
	return h, damagedUnless(h.body >= 0 && h.body < 1<<40)
}

// box copies or overwrites the next box, which has at most left bytes, and tells its length.
func (m *m4aCopy) box(left int64, depth int) (int64, error) {
	h, err := m.head()
	if err != nil {
		return 0, err
	}
	whole := int64(len(h.raw)) + h.body
	if whole > left || depth > 8 || h.body < 0 && depth > 0 {
		return 0, errDamaged
	}
	m.seen[h.name]++
	switch {
	case h.name == "moof":
		return 0, errType // in fragments
	case m4aNested(h.name):
		return whole, m.nested(h, depth)
	case h.name == "mvhd", h.name == "tkhd", h.name == "mdhd":
		return whole, m.undated(h)
	case h.name == "hdlr":
		return whole, m.handler(h)
	case h.name == "stsd" && h.body > bufSize/2, h.name == "ftyp" && h.body > 256:
		return 0, errDamaged
	case m4aWhole(h.name):
		return whole, m.pass(h)
	}
	copy(h.raw[4:], "free")
	if _, err := m.out.Write(h.raw); err != nil {
		return 0, err
	}
	return whole, overwrite(m.in, m.out, int(h.body))
}

func (m *m4aCopy) nested(h m4aHead, depth int) error {
	if _, err := m.out.Write(h.raw); err != nil {
		return err
	}
	for left := h.body; left > 0; {
		n, err := m.box(left, depth+1)
		if err != nil {
			return err
		}
		left -= n
	}
	return nil
}

func (m *m4aCopy) pass(h m4aHead) error {
	if h.name == "stsd" {
		if err := m.coding(h.body); err != nil {
			return err
		}
	}
	if _, err := m.out.Write(h.raw); err != nil {
		return err
	}
	if h.body < 0 {
		_, err := io.Copy(m.out, m.in)
		return err
	}
	return m.in.pass(int(h.body), func(b []byte) error {
		_, err := m.out.Write(b)
		return err
	})
}

// coding checks that a track's samples are sound of a kind that telephones record.
func (m *m4aCopy) coding(n int64) error {
	if n < 16 {
		return errDamaged
	}
	b, err := m.in.look(16)
	if err != nil {
		return err
	}
	switch string(b[12:]) {
	case "mp4a", "alac", "samr", "sawb":
		return damagedUnless(binary.BigEndian.Uint32(b[4:]) == 1)
	}
	return errType
}

// undated copies a header box with its dates of creation and change set to zero.
func (m *m4aCopy) undated(h m4aHead) error {
	b, err := m.body(h, 20)
	if err != nil {
		return err
	}
	dates := 8
	if b[0] == 1 {
		dates = 16
	}
	clear(b[4 : 4+dates])
	return m.write(h, b)
}

// handler copies a box that says what a track holds, without the name of the program that wrote it.
func (m *m4aCopy) handler(h m4aHead) error {
	b, err := m.body(h, 20)
	if err != nil {
		return err
	}
	switch string(b[8:12]) {
	case "soun":
		m.tracks++
	case "vide":
		m.r.Kind, m.r.Type = Other, "video/mp4"
		return errType
	default:
		return errType // places and the like are tracks, too
	}
	clear(b[12:])
	return m.write(h, b)
}

// body takes a small box whole; it has at least n bytes.
func (m *m4aCopy) body(h m4aHead, n int64) ([]byte, error) {
	if h.body < n || h.body > 1024 {
		return nil, errDamaged
	}
	return m.in.take(int(h.body))
}

func (m *m4aCopy) write(h m4aHead, body []byte) error {
	if _, err := m.out.Write(h.raw); err != nil {
		return err
	}
	_, err := m.out.Write(body)
	return err
}
