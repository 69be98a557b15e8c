package page

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"pgregory.net/rapid"
)

// TestQR: what is drawn is what it was made of, with its quiet zone, at two dots a module. The reader is told
// that nothing else is in the picture: where it looks for the code itself it misses one of ten thousand.
func TestQR(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringMatching(`https://[a-z]{3,40}\.example\.org(/[a-z0-9/]{0,20}(\?place=[0-9]{12})?)?`).Draw(rt, "address")
		size, path, err := QR(text)
		if err != nil {
			rt.Fatal(err)
		}
		if got, err := readQR(size, path, 2, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true}); err != nil || got != text {
			rt.Errorf("%q reads %q, %v", text, got, err)
		}
	})
}

// TestQRIsFound: the reader finds codes in the picture by itself, as a phone has to.
func TestQRIsFound(t *testing.T) {
	for _, text := range []string{"https://tips.example.org", "https://tips.example.org/report?place=411422207201", "http://abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvwx.onion"} {
		size, path, err := QR(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := readQR(size, path, 2, nil); err != nil || got != text {
			t.Errorf("%q reads %q, %v", text, got, err)
		}
	}
}

// readQR paints the path and reads it.
func readQR(size int, path string, dots int, hints map[gozxing.DecodeHintType]any) (string, error) {
	img := image.NewGray(image.Rect(0, 0, size*dots, size*dots))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	for run := range strings.SplitSeq(strings.TrimSuffix(path, "z"), "z") {
		var x, y, w, back int
		if _, err := fmt.Sscanf(run, "M%d %dh%dv1h-%d", &x, &y, &w, &back); err != nil || w != back {
			return "", fmt.Errorf("%q: %w", run, err)
		}
		if x < quiet || y < quiet || x+w > size-quiet || y >= size-quiet {
			return "", fmt.Errorf("%q is in the quiet zone", run)
		}
		draw.Draw(img, image.Rect(x*dots, y*dots, (x+w)*dots, (y+1)*dots), image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return "", err
	}
	read, err := qrcode.NewQRCodeReader().Decode(bits, hints)
	if err != nil {
		return "", err
	}
	return read.GetText(), nil
}
