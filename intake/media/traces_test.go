package media

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

// tiff is a TIFF structure whose first directory has those tags, and leads to a directory of EXIF and one of
// the place where they have any.
func tiff(order binary.AppendByteOrder, first, exif, gps []uint16) []byte {
	head := "MM\x00*"
	if order.String() == "LittleEndian" {
		head = "II*\x00"
	}
	size := func(tags []uint16) uint32 { return uint32(2 + 12*len(tags) + 4) }
	main := append(slices.Clone(first), tagExif, tagGPS)
	at := map[uint16]uint32{tagExif: 8 + size(main), tagGPS: 8 + size(main) + size(exif)}
	b := order.AppendUint32([]byte(head), 8)
	for _, tags := range [][]uint16{main, exif, gps} {
		b = order.AppendUint16(b, uint16(len(tags)))
		for _, tag := range tags {
			b = order.AppendUint32(order.AppendUint16(order.AppendUint16(b, tag), 4), 1)
			b = order.AppendUint32(b, at[tag])
		}
		b = order.AppendUint32(b, 0)
	}
	return b
}

func TestWhatAPhotoToldIsNamed(t *testing.T) {
	for _, c := range []struct {
		first, exif, gps []uint16
		want             string
	}{
		{},
		{first: []uint16{0x0112}, gps: []uint16{0}}, // an orientation, and a version alone
		{gps: []uint16{0, 1, 2}, want: "place"},
		{first: []uint16{0x010F, 0x0110}, want: "device"},
		{first: []uint16{0x0132, 0x013B}, exif: []uint16{0x9286}, want: "time person notes"},
		{first: []uint16{0x0110}, exif: []uint16{0x9003, 0xA430}, gps: []uint16{2}, want: "device time person place"},
	} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			body := tiff(order, c.first, c.exif, c.gps)
			var r Result
			r.traces(body)
			if got := strings.Join(r.Removed, " "); got != c.want {
				t.Errorf("%v %v %v: %q, not %q", c.first, c.exif, c.gps, got, c.want)
			}
			for cut := range body { // whatever is cut off, it says no more
				var short Result
				short.traces(body[:cut])
				for _, code := range short.Removed {
					if !strings.Contains(c.want, code) {
						t.Errorf("cut at %d it says %q", cut, code)
					}
				}
			}
		}
	}
}

func TestWhatFilesToldIsNamed(t *testing.T) {
	plain, drawn := photo(t, 40, 30, 1), drawing(t, noise(20, 20, 1))
	body := tiff(binary.BigEndian, nil, nil, []uint16{2})
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"a plain photo":   {plain, ""},
		"a photo":         {afterSOI(plain, segment(0xE1, exifPrefix+string(body)), segment(0xFE, "a note")), "place notes"},
		"a plain drawing": {drawn, ""},
		"a drawing":       {afterIHDR(drawn, chunk("eXIf", string(body)), chunk("tIME", "1234567"), chunk("tEXt", "Author\x00Li")), "place time notes"},
		"a letter":        {packed(t, letter(t)), "person time notes"},
	} {
		r, copied := clean(t, c.data)
		got := slices.Sorted(slices.Values(r.Removed))
		if want := slices.Sorted(strings.FieldsSeq(c.want)); !slices.Equal(got, want) {
			t.Errorf("%s: %q, not %q", name, got, want)
		}
		if again, _ := clean(t, copied); len(again.Removed) > 0 {
			t.Errorf("%s: its copy still tells %q", name, again.Removed)
		}
	}
}
