package public

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"sync"

	"github.com/boombuler/barcode/qr"
)

// The receipt's picture, in pixels: the code above, the digits below. It names
// neither the office nor what it is for: it may lie in an album, or in a cloud.
const (
	pictureWidth  = 304
	pictureHeight = 384
)

const pictureURL = "data:image/png;base64,"

// glyphs are the ten digits, five columns by seven rows, a row a byte.
var glyphs = [10][7]byte{
	{0x0E, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0E}, {0x04, 0x0C, 0x04, 0x04, 0x04, 0x04, 0x0E},
	{0x0E, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1F}, {0x1F, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0E},
	{0x02, 0x06, 0x0A, 0x12, 0x1F, 0x02, 0x02}, {0x1F, 0x10, 0x1E, 0x01, 0x01, 0x11, 0x0E},
	{0x06, 0x08, 0x10, 0x1E, 0x11, 0x11, 0x0E}, {0x1F, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08},
	{0x0E, 0x11, 0x11, 0x0E, 0x11, 0x11, 0x0E}, {0x0E, 0x11, 0x11, 0x0F, 0x01, 0x02, 0x0C},
}

// pictures draws receipts, and keeps what the format needs to be written from one to the
// next.
type pictures struct{ png png.Encoder }

func newPictures() *pictures {
	return &pictures{png.Encoder{CompressionLevel: png.BestSpeed, BufferPool: &buffers{}}}
}

// buffers is a pool of what the encoder works with.
type buffers struct{ sync.Pool }

// Get is a buffer that was used, or nil.
func (b *buffers) Get() *png.EncoderBuffer {
	used, _ := b.Pool.Get().(*png.EncoderBuffer)
	return used
}

// Put takes a buffer back.
func (b *buffers) Put(used *png.EncoderBuffer) { b.Pool.Put(used) }

// draw is the receipt as a picture to keep, for an <img> that can be pressed
// and held, in base64: the digits may stand in no address, so it is no file.
func (s *pictures) draw(grouped string) (string, error) {
	digits := strings.ReplaceAll(grouped, " ", "")
	img := image.NewPaletted(image.Rect(0, 0, pictureWidth, pictureHeight), color.Palette{color.White, color.Black})
	code, err := qr.Encode(digits, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("the receipt's picture can't be drawn: %w", err)
	}
	squares(img, code, image.Pt(pictureWidth/2, 140), 8)
	groups := strings.Fields(grouped)
	for i, g := range groups {
		write(img, g, image.Pt(22+i%3*91, 280+i/3*52))
	}
	var b bytes.Buffer
	if err := s.png.Encode(&b, img); err != nil {
		return "", fmt.Errorf("the receipt's picture can't be written: %w", err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
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
	const dotSize = 3
	for i, d := range digits {
		if d < '0' || d > '9' {
			continue
		}
		for y, row := range glyphs[d-'0'] {
			for x := range 5 {
				if row>>(4-x)&1 == 1 {
					dot(img, at.Add(image.Pt(i*20+x*dotSize, y*dotSize)), dotSize)
				}
			}
		}
	}
}

func dot(img *image.Paletted, at image.Point, size int) {
	for y := range size {
		row := img.Pix[img.PixOffset(at.X, at.Y+y):]
		for x := range size {
			row[x] = 1
		}
	}
}
