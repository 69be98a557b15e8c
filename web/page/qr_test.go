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

// TestQR: what is drawn reads as what it was made of, with its quiet zone, at two dots a
// module.
func TestQR(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringMatching(`https://[a-z]{3,40}\.example\.org(/[a-z0-9/]{0,20}(\?place=[0-9]{12})?)?`).Draw(rt, "address")
		size, path, err := QR(text)
		if err != nil {
			rt.Fatal(err)
		}
		if got, err := readQR(size, path, 2); err != nil || got != text {
			rt.Errorf("%q reads %q, %v", text, got, err)
		}
	})
}

// readQR paints the path and reads it, as a phone would.
func readQR(size int, path string, dots int) (string, error) {
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
	read, err := qrcode.NewQRCodeReader().Decode(bits, nil)
	if err != nil {
		return "", err
	}
	return read.GetText(), nil
}
