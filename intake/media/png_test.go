package media

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawings is one picture of each form that the standard encoder writes.
func drawings(t tb) map[string][]byte {
	t.Helper()
	rgb := noise(33, 20, 3)
	out := map[string][]byte{"colour": drawing(t, rgb)}
	for name, m := range map[string]interface {
		image.Image
		Set(x, y int, c color.Color)
	}{
		"alpha":   image.NewNRGBA(rgb.Bounds()),
		"grey":    image.NewGray(rgb.Bounds()),
		"grey 16": image.NewGray16(rgb.Bounds()),
		"deep":    image.NewNRGBA64(rgb.Bounds()),
		"palette": image.NewPaletted(rgb.Bounds(), color.Palette{color.Transparent, color.Black, color.White, color.NRGBA{9, 9, 9, 128}}),
	} {
		for y := range 20 {
			for x := range 33 {
				m.Set(x, y, rgb.At(x, y))
			}
		}
		out[name] = drawing(t, m)
	}
	return out
}

func TestADrawingKeepsItsPixelsOnly(t *testing.T) {
	for name, plain := range drawings(t) {
		t.Run(name, func(t *testing.T) {
			dirty := append(afterIHDR(plain, secrets()...), "trailing "+canary...)
			copied := mustClean(t, dirty)
			samePixels(t, plain, copied)
			if err := rescanPNG(copied); err != nil {
				t.Error(err)
			}
			if !bytes.Equal(copied, plain) {
				t.Errorf("%d bytes, the plain file had %d", len(copied), len(plain))
			}
			if r, _ := clean(t, dirty); r.Kind != PNG || r.Type != "image/png" || r.Width != 33 || r.Height != 20 {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestColourChunksStay(t *testing.T) {
	plain := drawing(t, noise(5, 5, 1))
	dirty := afterIHDR(plain, chunk("gAMA", "\x00\x00\xB1\x8F"), chunk("sRGB", "\x00"), chunk("tRNS", "\x00\x01\x00\x02\x00\x03"))
	if copied := mustClean(t, dirty); !bytes.Equal(copied, dirty) {
		t.Errorf("%q became %q", dirty, copied)
	}
}

func TestDamagedDrawings(t *testing.T) {
	plain := string(drawing(t, noise(5, 5, 1)))
	header, data, end := plain[8:33], plain[33:len(plain)-12], chunk("IEND", "")
	ihdr := func(body string) string { return pngSignature + chunk("IHDR", body) + data + end }
	for name, c := range map[string]struct{ data, reason string }{
		"signature alone":       {pngSignature, ReasonDamaged},
		"no header":             {pngSignature + data + end, ReasonDamaged},
		"two headers":           {pngSignature + header + header + data + end, ReasonDamaged},
		"a chunk before":        {pngSignature + chunk("tEXt", "a\x00b") + header + data + end, ReasonDamaged},
		"no data":               {pngSignature + header + end, ReasonDamaged},
		"no end":                {pngSignature + header + data, ReasonDamaged},
		"end not empty":         {pngSignature + header + data + chunk("IEND", canary), ReasonDamaged},
		"data interrupted":      {pngSignature + header + data + chunk("tEXt", "a\x00b") + data + end, ReasonDamaged},
		"palette after data":    {pngSignature + header + data + chunk("PLTE", "abc") + end, ReasonDamaged},
		"palette of 4 bytes":    {pngSignature + header + chunk("PLTE", "abcd") + data + end, ReasonDamaged},
		"palette of 257":        {pngSignature + header + chunk("PLTE", strings.Repeat("abc", 257)) + data + end, ReasonDamaged},
		"no palette":            {ihdr("\x00\x00\x00\x05\x00\x00\x00\x05\x08\x03\x00\x00\x00"), ReasonDamaged},
		"wrong CRC":             {plain[:len(plain)-13] + "!" + end, ReasonDamaged},
		"length over 2^31":      {pngSignature + header + "\x80\x00\x00\x00IDAT" + data + end, ReasonDamaged},
		"no letters":            {pngSignature + header + chunk("1234", "") + data + end, ReasonDamaged},
		"width 0":               {ihdr("\x00\x00\x00\x00\x00\x00\x00\x05\x08\x02\x00\x00\x00"), ReasonDamaged},
		"width over 2^31":       {ihdr("\x80\x00\x00\x00\x00\x00\x00\x05\x08\x02\x00\x00\x00"), ReasonDamaged},
		"depth 3":               {ihdr("\x00\x00\x00\x05\x00\x00\x00\x05\x03\x00\x00\x00\x00"), ReasonDamaged},
		"depth 0":               {ihdr("\x00\x00\x00\x05\x00\x00\x00\x05\x00\x00\x00\x00\x00"), ReasonDamaged},
		"depth 4 in colour":     {ihdr("\x00\x00\x00\x05\x00\x00\x00\x05\x04\x02\x00\x00\x00"), ReasonDamaged},
		"colour 5":              {ihdr("\x00\x00\x00\x05\x00\x00\x00\x05\x08\x05\x00\x00\x00"), ReasonDamaged},
		"interlace 2":           {ihdr("\x00\x00\x00\x05\x00\x00\x00\x05\x08\x02\x00\x00\x02"), ReasonDamaged},
		"too large":             {ihdr("\x7F\xFF\xFF\xFF\x7F\xFF\xFF\xFF\x08\x02\x00\x00\x00"), ReasonTooLarge},
		"unknown critical part": {pngSignature + header + chunk("ABCD", "") + data + end, ReasonType},
	} {
		t.Run(name, func(t *testing.T) { wantReason(t, []byte(c.data), c.reason) })
	}
}

func TestADrawingCutAnywhereIsDamaged(t *testing.T) {
	dirty := afterIHDR(drawing(t, noise(5, 5, 1)), secrets()[:9]...)
	for n := len(pngSignature); n < len(dirty); n++ {
		if r, _ := clean(t, dirty[:n]); r.Clean {
			t.Fatalf("%d of %d bytes: %+v", n, len(dirty), r)
		}
	}
	samePixels(t, dirty, mustClean(t, dirty))
}

func TestACleanDrawingIsItsOwnCleanCopy(t *testing.T) {
	plain := drawings(t)
	rapid.Check(t, func(rt *rapid.T) {
		base := plain[rapid.SampledFrom(sorted(plain)).Draw(rt, "form")]
		dirty := afterIHDR(base, rapid.SliceOfN(rapid.SampledFrom(secrets()), 0, 9).Draw(rt, "chunks")...)
		dirty = append(dirty, rapid.SliceOf(rapid.Byte()).Draw(rt, "trailing")...)
		once := mustClean(rt, dirty)
		if twice := mustClean(rt, once); !bytes.Equal(once, twice) {
			rt.Fatalf("%q became %q", once, twice)
		}
		if _, err := png.Decode(bytes.NewReader(once)); err != nil {
			rt.Fatal(err)
		}
	})
}

func sorted(m map[string][]byte) []string { return slices.Sorted(maps.Keys(m)) }
