package invent

import (
	"bytes"
	"encoding/binary"
	"math"
)

// withExif puts what a telephone writes behind a JPEG file's first marker (Exif 2.32,
// §4.5): maker, model, time, and the place where there is one. It is there to be taken
// out again: the desk's clean copies hold none of it.
func withExif(jpeg []byte, p Photo) []byte {
	body := append([]byte("Exif\x00\x00"), tiff(p)...)
	var out bytes.Buffer
	out.Write(jpeg[:2])
	out.Write([]byte{0xff, 0xe1})
	_ = binary.Write(&out, binary.BigEndian, uint16(len(body)+2)) // a buffer takes everything
	out.Write(body)
	out.Write(jpeg[2:])
	return out.Bytes()
}

// entry is one field of a TIFF directory.
type entry struct {
	tag, kind uint16
	count     uint32
	value     []byte
}

func text(tag uint16, s string) entry {
	return entry{tag, 2, uint32(len(s) + 1), append([]byte(s), 0)}
}

// degrees are three fractions: degrees, minutes, seconds.
func degrees(tag uint16, v float64) entry {
	v = math.Abs(v)
	d, m := math.Floor(v), math.Floor(math.Mod(v*60, 60))
	var b []byte
	for _, n := range []uint32{uint32(d), 1, uint32(m), 1, uint32(math.Round((v*3600 - d*3600 - m*60) * 100)), 100} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	return entry{tag, 5, 3, b}
}

func long(tag uint16, v uint32) entry {
	return entry{tag, 4, 1, binary.LittleEndian.AppendUint32(nil, v)}
}

// tiff is the directory of the picture and, behind it, that of the place.
func tiff(p Photo) []byte {
	const head = 8
	first := []entry{text(0x010f, "Sample"), text(0x0110, "Invented 1"), text(0x0132, p.Taken.Format("2006:01:02 15:04:05"))}
	if p.Lat == 0 && p.Lon == 0 {
		return append([]byte("II*\x00\x08\x00\x00\x00"), directory(first, head)...)
	}
	first = append(first, long(0x8825, 0))
	at := uint32(head + len(directory(first, head)))
	first[len(first)-1] = long(0x8825, at)
	place := []entry{text(1, "N"), degrees(2, p.Lat), text(3, "E"), degrees(4, p.Lon)}
	return append(append([]byte("II*\x00\x08\x00\x00\x00"), directory(first, head)...), directory(place, at)...)
}

// directory is a list of fields and, behind it, the values that are longer than four
// bytes; at is where it stands.
func directory(fields []entry, at uint32) []byte {
	list, far := binary.LittleEndian.AppendUint16(nil, uint16(len(fields))), []byte(nil)
	start := at + 2 + uint32(len(fields))*12 + 4
	for _, f := range fields {
		list = binary.LittleEndian.AppendUint16(list, f.tag)
		list = binary.LittleEndian.AppendUint16(list, f.kind)
		list = binary.LittleEndian.AppendUint32(list, f.count)
		if len(f.value) <= 4 {
			list = append(list, append(f.value, make([]byte, 4-len(f.value))...)...)
			continue
		}
		list = binary.LittleEndian.AppendUint32(list, start+uint32(len(far)))
		far = append(far, f.value...)
		if len(far)%2 == 1 {
			far = append(far, 0)
		}
	}
	return append(append(list, 0, 0, 0, 0), far...)
}
