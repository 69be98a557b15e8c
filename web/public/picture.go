package public

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// The receipt's picture, in pixels: the code above, the digits below. It names
// neither the office nor what it is for: it may lie in an album, or in a cloud.
const (
	pictureWidth  = 480
	pictureHeight = 640
)

// glyphs are the ten digits, five columns by seven rows, a row a byte.
var glyphs = [10][7]byte{
	{0x0E, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0E}, {0x04, 0x0C, 0x04, 0x04, 0x04, 0x04, 0x0E},
	{0x0E, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1F}, {0x1F, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0E},
	{0x02, 0x06, 0x0A, 0x12, 0x1F, 0x02, 0x02}, {0x1F, 0x10, 0x1E, 0x01, 0x01, 0x11, 0x0E},
	{0x06, 0x08, 0x10, 0x1E, 0x11, 0x11, 0x0E}, {0x1F, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08},
	{0x0E, 0x11, 0x11, 0x0E, 0x11, 0x11, 0x0E}, {0x0E, 0x11, 0x11, 0x0F, 0x01, 0x02, 0x0C},
}

// picture is the receipt as a picture to keep, for an <img> that can be pressed
// and held: a data URL, since the digits may stand in no address.
func picture(grouped string) (template.URL, error) {
	digits := strings.ReplaceAll(grouped, " ", "")
	img := image.NewPaletted(image.Rect(0, 0, pictureWidth, pictureHeight), color.Palette{color.White, color.Black})
	code, err := qr.Encode(digits, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("the receipt's picture can't be drawn: %w", err)
	}
	squares(img, code, image.Pt(pictureWidth/2, 205), 12)
	groups := strings.Fields(grouped)
	for i, g := range groups {
		write(img, g, image.Pt(24+i%3*150, 440+i/3*90))
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img); err != nil {
		return "", fmt.Errorf("the receipt's picture can't be written: %w", err)
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())), nil
}

// squares draws a code around a middle, each of its dots size pixels wide.
func squares(img *image.Paletted, code image.Image, middle image.Point, size int) {
	n := code.Bounds().Dx()
	from := middle.Sub(image.Pt(n*size/2, n*size/2))
	for y := range n {
		for x := range n {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				dot(img, from.Add(image.Pt(x*size, y*size)), size)
			}
		}
	}
}

func write(img *image.Paletted, digits string, at image.Point) {
	const dotSize = 5
	for i, d := range digits {
		if d < '0' || d > '9' {
			continue
		}
		for y, row := range glyphs[d-'0'] {
			for x := range 5 {
				if row>>(4-x)&1 == 1 {
					dot(img, at.Add(image.Pt(i*33+x*dotSize, y*dotSize)), dotSize)
				}
			}
		}
	}
}

func dot(img *image.Paletted, at image.Point, size int) {
	draw.Draw(img, image.Rectangle{at, at.Add(image.Pt(size, size))}, image.Black, image.Point{}, draw.Src)
}
