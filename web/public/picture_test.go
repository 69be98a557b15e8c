package public

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"testing"
)

// TestPicture: the picture is small, black and white, and holds no word.
func TestPicture(t *testing.T) {
	text, err := newPictures().draw("9258 5144 2642 6966 2088 1375")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil || img.Bounds().Dx() != pictureWidth || img.Bounds().Dy() != pictureHeight || len(raw) > 6000 {
		t.Errorf("%d bytes: %v", len(raw), err)
	}
	if bytes.Contains(raw, []byte("tEXt")) {
		t.Error("the picture carries words")
	}
}

func BenchmarkPicture(b *testing.B) {
	p := newPictures()
	for b.Loop() {
		if _, err := p.draw("9258 5144 2642 6966 2088 1375"); err != nil {
			b.Fatal(err)
		}
	}
}
