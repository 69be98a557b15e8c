package media

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// canary stands for what must not be in a clean copy.
const canary = "CANARY-39.9042N-116.4074E"

// tb is what *testing.T and *rapid.T share.
type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// clean runs Copy over data.
func clean(t tb, data []byte) (Result, []byte) {
	t.Helper()
	return cleanFrom(t, bytes.NewReader(data), len(data))
}

func cleanFrom(t tb, src io.Reader, size int) (Result, []byte) {
	t.Helper()
	var out bytes.Buffer
	opened := 0
	r, err := Copy(src, func(string) (io.Writer, error) {
		opened++
		return &out, nil
	})
	switch {
	case err != nil:
		t.Fatalf("an error of neither source nor writer: %v", err)
	case r.Size != int64(size):
		t.Fatalf("read %d of %d bytes", r.Size, size)
	case opened > 1 || r.Clean && opened != 1:
		t.Fatalf("opened %d times, Clean is %v", opened, r.Clean)
	case r.Clean != (r.Reason == ""):
		t.Fatalf("Clean is %v for reason %q", r.Clean, r.Reason)
	}
	return r, out.Bytes()
}

// mustClean is clean for data that has a copy.
func mustClean(t tb, data []byte) []byte {
	t.Helper()
	r, out := clean(t, data)
	if !r.Clean {
		t.Fatalf("not clean: %+v", r)
	}
	if bytes.Contains(out, []byte("CANARY")) {
		t.Fatal("the copy holds a canary")
	}
	return out
}

// noise is a picture of w by h with every kind of block in it.
func noise(w, h int, seed uint64) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	random := rand.New(rand.NewPCG(seed, 1))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, color.RGBA{uint8(x * 3), uint8(random.Uint32()), uint8(y*5) | uint8(random.Uint32()&15), 255})
		}
	}
	return m
}

func photo(t tb, w, h int, seed uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, noise(w, h, seed), &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// segment is a JPEG segment.
func segment(marker byte, body string) string {
	n := len(body) + 2
	return string([]byte{0xFF, marker, byte(n >> 8), byte(n)}) + body
}

// exif is an EXIF segment as a telephone writes it: make, orientation, a GPS position and a thumbnail.
func exif(order binary.AppendByteOrder, orientation uint16) string {
	head := "II*\x00"
	if order == binary.AppendByteOrder(binary.BigEndian) {
		head = "MM\x00*"
	}
	entry := func(b []byte, tag, kind uint16, count, value uint32) []byte {
		b = order.AppendUint32(order.AppendUint16(order.AppendUint16(b, tag), kind), count)
		return order.AppendUint32(b, value)
	}
	b := order.AppendUint32([]byte(head), 8)
	b = order.AppendUint16(b, 3)
	b = entry(b, 0x010F, 2, uint32(len(canary)), 100)
	b = order.AppendUint32(order.AppendUint16(order.AppendUint16(b, 0x0112), 3), 1)
	b = order.AppendUint16(order.AppendUint16(b, orientation), 0)
	b = entry(b, 0x8825, 4, 1, 200)
	b = order.AppendUint32(b, 60)
	return segment(0xE1, "Exif\x00\x00"+string(b)+canary+"\xFF\xD8\xFF\xDB thumbnail "+canary+"\xFF\xD9")
}

// junk is what a JPEG's head may carry and a clean copy may not.
func junk() []string {
	return []string{
		segment(0xE0, "JFIF\x00\x01\x02\x01\x00\x48\x00\x48\x02\x01"+canary[:6]),
		segment(0xE0, "JFXX\x00\x10"+canary),
		segment(0xE1, "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>"+canary),
		segment(0xE2, "ICC_PROFILE\x00\x01\x01"+canary),
		segment(0xE2, "MPF\x00"+canary),
		segment(0xED, "Photoshop 3.0\x008BIM"+canary),
		segment(0xEB, strings.Repeat(canary, 2500)),
		segment(0xFE, canary),
		segment(0xFE, ""),
	}
}

// afterSOI puts parts behind a JPEG's first marker.
func afterSOI(data []byte, parts ...string) []byte {
	return []byte(string(data[:2]) + strings.Join(parts, "") + string(data[2:]))
}

// dirtyJPEG is a small photo with all of it.
func dirtyJPEG(t tb, orientation uint16) []byte {
	t.Helper()
	parts := append([]string{exif(binary.LittleEndian, orientation)}, junk()...)
	data := afterSOI(photo(t, 24, 17, 7), parts...)
	return append(data, "\xFF\xD8\xFF\xE1"+canary+" a second picture and a video"...)
}

// chunk is a PNG chunk.
func chunk(name, body string) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(b, name+body...)
	return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(name+body))))
}

func drawing(t tb, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// afterIHDR puts chunks behind a PNG's header.
func afterIHDR(data []byte, chunks ...string) []byte {
	const end = 8 + 12 + 13
	return []byte(string(data[:end]) + strings.Join(chunks, "") + string(data[end:]))
}

// secrets is what a PNG may carry and a clean copy may not.
func secrets() []string {
	return []string{
		chunk("tEXt", "Author\x00"+canary), chunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00"+canary),
		chunk("zTXt", "Comment\x00\x00"+canary), chunk("eXIf", "MM\x00*"+canary), chunk("tIME", "\x07\xE8\x01\x01\x01\x01\x01"),
		chunk("iCCP", canary+"\x00\x00"), chunk("pHYs", "\x00\x00\x0B\x13\x00\x00\x0B\x13\x01"), chunk("acTL", "\x00\x00\x00\x02\x00\x00\x00\x00"),
		chunk("fdAT", "\x00\x00\x00\x01"+canary), chunk("prVt", strings.Repeat(canary, 4000)),
		chunk("gAMA", canary), chunk("sRGB", canary), chunk("cHRM", strings.Repeat("1", 32)),
	}
}

// samePixels decodes both and compares them.
func samePixels(t tb, a, b []byte) {
	t.Helper()
	first, _, err := image.Decode(bytes.NewReader(a))
	if err != nil {
		t.Fatalf("the original: %v", err)
	}
	second, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("the copy: %v", err)
	}
	if first.Bounds() != second.Bounds() {
		t.Fatalf("%v became %v", first.Bounds(), second.Bounds())
	}
	for y := range first.Bounds().Dy() {
		for x := range first.Bounds().Dx() {
			if first.At(x, y) != second.At(x, y) {
				t.Fatalf("pixel %d,%d: %v became %v", x, y, first.At(x, y), second.At(x, y))
			}
		}
	}
}

// wantReason checks that there is no clean copy, and why.
func wantReason(t *testing.T, data []byte, reason string) {
	t.Helper()
	if r, _ := clean(t, data); r.Clean || r.Reason != reason {
		t.Errorf("%+v, want reason %q", r, reason)
	}
}
