package media

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image/jpeg"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAPhotoKeepsItsPixelsAndItsOrientationOnly(t *testing.T) {
	for o := range uint16(10) {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			dirty := afterSOI(dirtyJPEG(t, 1), exif(order, o))
			copied := mustClean(t, dirty)
			samePixels(t, dirty, copied)
			if err := rescanJPEG(copied); err != nil {
				t.Error(err)
			}
			want := byte(0)
			if o >= 2 && o <= 8 {
				want = byte(o)
			}
			if got := orientationOf(copied); got != want {
				t.Errorf("orientation %d became %d", o, got)
			}
		}
	}
}

// orientationOf finds the tag by its bytes alone.
func orientationOf(data []byte) byte {
	_, after, found := bytes.Cut(data, []byte("\x01\x12\x00\x03\x00\x00\x00\x01\x00"))
	if !found {
		return 0
	}
	return after[0]
}

func TestThePhotosSizeIsTold(t *testing.T) {
	r, _ := clean(t, dirtyJPEG(t, 6))
	if r.Kind != JPEG || r.Type != "image/jpeg" || r.Width != 24 || r.Height != 17 {
		t.Errorf("%+v", r)
	}
}

// The tables of a grey picture in which each block is the bit 0 (no difference) or the bits 00 (and no
// coefficients).
const (
	greyTables = "\xFF\xDB\x00\x43\x00" // 64 quantizers follow
	oneCode    = "\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
)

func greyHead(sof byte, w, h byte) string {
	return "\xFF\xD8" + greyTables + strings.Repeat("\x01", 64) +
		segment(sof, string([]byte{8, 0, h, 0, w, 1, 1, 0x11, 0})) +
		segment(0xC4, "\x00"+oneCode) + segment(0xC4, "\x10"+oneCode)
}

func scanHead(first, last byte) string {
	return segment(0xDA, string([]byte{1, 1, 0, first, last, 0}))
}

func restarted(interval byte, restarts ...byte) []byte {
	s := greyHead(0xC0, 8*byte(len(restarts)+1), 8) + segment(0xDD, string([]byte{0, interval})) + scanHead(0, 63) + "\x3F"
	for _, r := range restarts {
		s += string([]byte{0xFF, 0xD0 + r, 0x3F})
	}
	return []byte(s + "\xFF\xD9")
}

func TestProgressiveAndRestartedPhotos(t *testing.T) {
	progressive := greyHead(0xC2, 16, 16) + scanHead(0, 0) + "\x0F" + segment(0xFE, canary) + scanHead(1, 63) + "\x0F\xFF\xD9"
	for name, data := range map[string][]byte{
		"progressive": []byte(progressive),
		"restarts":    restarted(1, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1),
		"fill bytes":  []byte(strings.ReplaceAll(progressive, "\x0F\xFF", "\x0F\xFF\xFF\xFF\xFF")),
	} {
		t.Run(name, func(t *testing.T) {
			copied := mustClean(t, data)
			samePixels(t, data, copied)
			if err := rescanJPEG(copied); err != nil {
				t.Error(err)
			}
			if bytes.Contains(copied, []byte("\xFF\xFF")) {
				t.Error("fill bytes are left")
			}
		})
	}
}

func TestDamagedPhotos(t *testing.T) {
	good := string(photo(t, 24, 17, 7))
	whole := greyHead(0xC0, 8, 8) + scanHead(0, 63) + "\x3F\xFF\xD9"
	sof := segment(0xC0, "\x08\x00\x08\x00\x08\x01\x01\x11\x00")
	for name, c := range map[string]struct{ data, reason string }{
		"only SOI":              {"\xFF\xD8\xFF", ReasonDamaged},
		"no scan":               {greyHead(0xC0, 8, 8) + "\xFF\xD9", ReasonDamaged},
		"scan before frame":     {"\xFF\xD8" + scanHead(0, 63) + "\x3F\xFF\xD9", ReasonDamaged},
		"two frames":            {strings.Replace(whole, sof, sof+sof, 1), ReasonDamaged},
		"SOI within":            {good[:2] + good, ReasonDamaged},
		"length 1":              {good[:2] + "\xFF\xFE\x00\x01" + good[2:], ReasonDamaged},
		"length too long":       {good[:2] + "\xFF\xFE\xFF\xFF" + good[2:], ReasonDamaged},
		"a byte between":        {good[:2] + segment(0xFE, "") + "x" + good[2:], ReasonDamaged},
		"restart outside":       {good[:2] + "\xFF\xD0" + good[2:], ReasonDamaged},
		"restart unannounced":   {strings.Replace(whole, "\x3F\xFF\xD9", "\x3F\xFF\xD0\x3F\xFF\xD9", 1), ReasonDamaged},
		"restart out of turn":   {string(restarted(1, 0, 2)), ReasonDamaged},
		"interval 0":            {string(restarted(0, 0, 1)), ReasonDamaged},
		"table with more":       {strings.Replace(whole, segment(0xC4, "\x10"+oneCode), segment(0xC4, "\x10"+oneCode+canary), 1), ReasonDamaged},
		"empty table":           {good[:2] + segment(0xDB, "") + good[2:], ReasonDamaged},
		"huge table":            {good[:2] + segment(0xDB, strings.Repeat("\x00", 65*600)) + good[2:], ReasonDamaged},
		"height 0":              {strings.Replace(whole, "\x08\x00\x08\x00\x08", "\x08\x00\x00\x00\x08", 1), ReasonDamaged},
		"another's component":   {strings.Replace(whole, "\x01\x01\x00\x00\x3F", "\x01\x02\x00\x00\x3F", 1), ReasonDamaged},
		"hierarchical":          {strings.Replace(whole, "\xFF\xC0", "\xFF\xC5", 1), ReasonType},
		"10,001 times 10,000":   {strings.Replace(whole, "\x08\x00\x08\x00\x08", "\x08\x27\x10\x27\x11", 1), ReasonTooLarge},
		"number of lines (DNL)": {good[:2] + segment(0xDC, "\x00\x08") + good[2:], ReasonDamaged},
	} {
		t.Run(name, func(t *testing.T) { wantReason(t, []byte(c.data), c.reason) })
	}
	mustClean(t, []byte(whole)) // or the changes above would prove nothing
	mustClean(t, []byte(strings.Replace(whole, "\x08\x00\x08\x00\x08", "\x08\x27\x10\x27\x10", 1)))
}

func TestAPhotoCutAnywhereIsDamaged(t *testing.T) {
	dirty := afterSOI(photo(t, 24, 17, 7), exif(binary.LittleEndian, 6), segment(0xED, canary))
	end := len(dirty)
	dirty = append(dirty, "\xFF\xD8\xFF\xE1"+canary+"\xFF\xD9"...)
	for n := 3; n <= len(dirty); n++ {
		r, out := clean(t, dirty[:n])
		if r.Clean != (n >= end) {
			t.Fatalf("%d of %d bytes, the picture ends at %d: %+v", n, len(dirty), end, r)
		}
		if !r.Clean {
			continue
		}
		if _, err := jpeg.Decode(bytes.NewReader(out)); err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
	}
}

func TestNothingIsWrittenAfterTheDamage(t *testing.T) {
	for name, data := range map[string][]byte{
		"jpeg": []byte(greyHead(0xC0, 8, 8) + scanHead(0, 63) + "\x3F\xFF\x01" + strings.Repeat(canary, 9000)),
		"png":  append(afterIHDR(drawing(t, noise(9, 9, 1)), "\x00\x00\x00\x00IDAT\x00\x00\x00\x00"), strings.Repeat(canary, 9000)...),
		"text": []byte("to the village committee" + strings.Repeat(" ", 9000) + "\x00" + strings.Repeat(canary, 9000)),
	} {
		if r, out := clean(t, data); r.Clean || bytes.Contains(out, []byte("CANARY")) {
			t.Errorf("%s: %+v, %d bytes", name, r, len(out))
		}
	}
}

// drawJPEG puts junk, fill bytes and an end of its own on a photo.
func drawJPEG(rt *rapid.T) []byte {
	data := photo(rt, rapid.IntRange(1, 40).Draw(rt, "width"), rapid.IntRange(1, 40).Draw(rt, "height"), rapid.Uint64().Draw(rt, "seed"))
	known := append(junk(), exif(binary.BigEndian, 3), exif(binary.LittleEndian, 8), segment(0xEE, "Adobe\x00\x64\x80\x00\x00\x00\x01"))
	parts := rapid.SliceOfN(rapid.SampledFrom(known), 0, 12).Draw(rt, "parts")
	for i := range parts {
		parts[i] = strings.Repeat("\xFF", rapid.IntRange(0, 3).Draw(rt, "fill")) + parts[i]
	}
	return append(afterSOI(data, parts...), rapid.SliceOf(rapid.Byte()).Draw(rt, "trailing")...)
}

func TestACleanPhotoIsItsOwnCleanCopy(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dirty := drawJPEG(rt)
		once := mustClean(rt, dirty)
		samePixels(rt, dirty, once)
		if err := rescanJPEG(once); err != nil {
			rt.Fatal(err)
		}
		if twice := mustClean(rt, once); !bytes.Equal(once, twice) {
			rt.Fatalf("%d bytes became %d", len(once), len(twice))
		}
	})
}

func TestOrientationOfAnyBytes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		head := rapid.SampledFrom([]string{"II*\x00", "MM\x00*", ""}).Draw(rt, "head")
		tiff := append([]byte(head), rapid.SliceOf(rapid.Byte()).Draw(rt, "rest")...)
		if o := orientation(tiff); o == 1 || o > 8 {
			rt.Fatal(fmt.Sprint(o))
		}
	})
}
