package public

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/adler32"
	"hash/crc32"
	"strings"
	"sync"

	"github.com/klauspost/compress/flate"
	"rsc.io/qr/coding"
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

// drawer draws receipts: the plan of their code, which is the same for all of them, and
// sheets to draw on, for one report after the other.
type drawer struct {
	plan   *coding.Plan
	sheets sync.Pool // of *picture
}

// newDrawer plans the code: version 1, which takes 34 digits at level M.
func newDrawer() (*drawer, error) {
	plan, err := coding.NewPlan(coding.MinVersion, coding.M, 0)
	if err != nil {
		return nil, fmt.Errorf("the receipt's picture can't be planned: %w", err)
	}
	return &drawer{plan, sync.Pool{New: func() any { return new(picture) }}}, nil
}

// draw is the receipt as a picture to keep, for an <img> that can be pressed
// and held, in base64: the digits may stand in no address, so it is no file.
func (d *drawer) draw(grouped string) (string, error) {
	code, err := d.plan.Encode(coding.Num(strings.ReplaceAll(grouped, " ", "")))
	if err != nil {
		return "", fmt.Errorf("the receipt's picture can't be drawn: %w", err)
	}
	p := d.sheets.Get().(*picture)
	defer d.sheets.Put(p)
	p.clear()
	const module = 8
	left, top := (pictureWidth-code.Size*module)/2, 140-code.Size*module/2
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				p.black(left+x*module, top+y*module, module)
			}
		}
	}
	for i, group := range strings.Fields(grouped) {
		p.write(group, 22+i%3*91, 280+i/3*52)
	}
	if err := p.png(); err != nil {
		return "", fmt.Errorf("the receipt's picture can't be written: %w", err)
	}
	return base64.StdEncoding.EncodeToString(p.file), nil
}

// stride is a row of a picture in bytes: how it is filtered, which is not at all,
// then eight dots a byte, a set bit white (PNG, third edition, 7.2 and 9.2).
const stride = 1 + pictureWidth/8

// picture is black and white, as PNG has it. The general encoder takes a byte for a
// dot, and for each report twenty times as long.
type picture struct {
	rows   [stride * pictureHeight]byte
	packed bytes.Buffer
	file   []byte
}

func (p *picture) clear() {
	for i := range p.rows {
		p.rows[i] = 0xFF
	}
	for y := range pictureHeight {
		p.rows[y*stride] = 0
	}
}

// black makes a square of at most eight dots black, if it lies in the picture: in each
// row it meets two bytes at most.
func (p *picture) black(left, top, size int) {
	if left < 0 || top < 0 || left+size > pictureWidth || top+size > pictureHeight {
		return
	}
	dots := uint16(0xFFFF) << (16 - size) >> (left % 8)
	for at := top*stride + 1 + left/8; size > 0; size, at = size-1, at+stride {
		p.rows[at] &^= byte(dots >> 8)
		if dots&0xFF != 0 {
			p.rows[at+1] &^= byte(dots)
		}
	}
}

func (p *picture) write(digits string, left, top int) {
	const dot = 3
	for i, d := range digits {
		if d < '0' || d > '9' {
			continue
		}
		for y, row := range glyphs[d-'0'] {
			for x := range 5 {
				if row>>(4-x)&1 == 1 {
					p.black(left+i*20+x*dot, top+y*dot, dot)
				}
			}
		}
	}
}

// png makes the file: grey, a bit a dot, not interlaced.
func (p *picture) png() error {
	if err := p.pack(); err != nil {
		return err
	}
	head := [13]byte{8: 1} // the depth; then grey, and the only compression and filters there are
	binary.BigEndian.PutUint32(head[0:], pictureWidth)
	binary.BigEndian.PutUint32(head[4:], pictureHeight)
	file := append(p.file[:0], "\x89PNG\r\n\x1a\n"...)
	file = chunk(file, "IHDR", head[:])
	file = chunk(file, "IDAT", p.packed.Bytes())
	p.file = chunk(file, "IEND", nil)
	return nil
}

// pack packs the rows as a zlib stream (RFC 1950), without a packer that keeps a megabyte between two pictures.
func (p *picture) pack() error {
	p.packed.Reset()
	p.packed.Write([]byte{0x78, 0x01})
	if err := flate.StatelessDeflate(&p.packed, p.rows[:], true, nil); err != nil {
		return err
	}
	sum := binary.BigEndian.AppendUint32(p.packed.AvailableBuffer(), adler32.Checksum(p.rows[:]))
	p.packed.Write(sum)
	return nil
}

// chunk appends a chunk with its length and its sum (5.3).
func chunk(file []byte, name string, body []byte) []byte {
	file = binary.BigEndian.AppendUint32(file, uint32(len(body)))
	from := len(file)
	file = append(append(file, name...), body...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(file[from:]))
}
