package public

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"tipline/crypto/receipt"
)

// TestPicture: the picture is small, black and white, holds no word, and its code is the
// digits, for any receipt.
func TestPicture(t *testing.T) {
	d, err := newDrawer()
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		grouped := receipt.New().Grouped()
		text, err := d.draw(grouped)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(raw))
		if err != nil || img.Bounds().Dx() != pictureWidth || img.Bounds().Dy() != pictureHeight || len(raw) > 3000 {
			t.Fatalf("%d bytes: %v", len(raw), err)
		}
		if bytes.Contains(raw, []byte("tEXt")) {
			t.Error("the picture carries words")
		}
		code := img.(*image.Gray).SubImage(image.Rect(0, 0, pictureWidth, 280)) // without the digits below
		dots, err := gozxing.NewBinaryBitmapFromImage(code)
		if err != nil {
			t.Fatal(err)
		}
		read, err := qrcode.NewQRCodeReader().Decode(dots, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
		if err != nil || read.GetText() != strings.ReplaceAll(grouped, " ", "") {
			t.Errorf("the code of %s reads %v, %v", grouped, read, err)
		}
	}
}

func BenchmarkPicture(b *testing.B) {
	d, err := newDrawer()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.draw("9258 5144 2642 6966 2088 1375"); err != nil {
			b.Fatal(err)
		}
	}
}
