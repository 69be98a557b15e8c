package media

import (
	"encoding/binary"
	"hash/crc32"
)

// Colour types of PNG (third edition), 11.2.1.
const (
	grey       = 0
	trueColour = 2
	indexed    = 3
	greyAlpha  = 4
	rgbAlpha   = 6
)

// depths says which bit depths a colour type may have, as a sum of them.
func depths(colour byte) byte {
	switch colour {
	case grey:
		return 1 | 2 | 4 | 8 | 16
	case indexed:
		return 1 | 2 | 4 | 8
	case trueColour, greyAlpha, rgbAlpha:
		return 8 | 16
	}
	return 0
}

// pngCopy is one pass over a PNG file.
type pngCopy struct {
	in     *input
	out    *output
	r      *Result
	colour byte
	seen   map[string]int // chunk type to its length, the last one's
	last   string         // the type of the chunk before, dropped ones too
}

// copyPNG copies a file of PNG (third edition) up to IEND. Of an animation, the still picture stays.
func copyPNG(in *input, out *output, r *Result) error {
	p := &pngCopy{in: in, out: out, r: r, seen: map[string]int{}}
	if err := in.skip(len(pngSignature)); err != nil {
		return err
	}
	if _, err := out.WriteString(pngSignature); err != nil {
		return err
	}
	for p.last != "IEND" {
		if err := p.chunk(); err != nil {
			return err
		}
	}
	return nil
}

// chunk copies or drops the next chunk.
func (p *pngCopy) chunk() error {
	b, err := p.in.take(8)
	if err != nil {
		return err
	}
	head := [8]byte(b)
	n, name := binary.BigEndian.Uint32(head[:4]), string(head[4:])
	if n > 1<<31-1 || !letters(name) || (p.last == "") != (name == "IHDR") {
		return errDamaged
	}
	keep, err := p.judge(name, int(n))
	if err != nil {
		return err
	}
	p.last = name
	if !keep {
		return p.in.skip(int(n) + crc32.Size)
	}
	p.seen[name] = int(n)
	return p.copy(head, int(n))
}

// judge tells whether a chunk is kept. A critical chunk in the wrong place damages the picture; an
// ancillary one is dropped, as decoders do.
func (p *pngCopy) judge(name string, n int) (bool, error) {
	switch name {
	case "IHDR":
		return true, p.header(n)
	case "PLTE":
		return true, damagedUnless(p.before("PLTE", "IDAT") && n > 0 && n <= 3*256 && n%3 == 0 && p.colour&3 >= trueColour)
	case "IDAT":
		return true, damagedUnless((p.before("IDAT") || p.last == "IDAT") && (p.colour != indexed || !p.before("PLTE")))
	case "IEND":
		return true, damagedUnless(n == 0 && !p.before("IDAT"))
	case "tRNS":
		return p.before("tRNS", "IDAT") && p.transparency(n), nil
	case "sRGB":
		return p.before("sRGB", "PLTE", "IDAT") && n == 1, nil
	case "gAMA":
		return p.before("gAMA", "PLTE", "IDAT") && n == 4, nil
	}
	if name[0]&0x20 == 0 {
		return false, errType // a critical chunk that nobody knows: 5.4
	}
	return false, p.noted(name, n)
}

// noted remembers what a chunk tells that goes (11.3.3 to 11.3.5).
func (p *pngCopy) noted(name string, n int) error {
	switch name {
	case "tEXt", "zTXt", "iTXt":
		p.r.removed(RemovedNotes)
	case "tIME":
		p.r.removed(RemovedTime)
	case "eXIf":
		b, err := p.in.look(min(n, bufSize))
		p.r.traces(b)
		return err
	}
	return nil
}

// before tells that none of the chunks has come yet.
func (p *pngCopy) before(names ...string) bool {
	for _, name := range names {
		if _, ok := p.seen[name]; ok {
			return false
		}
	}
	return true
}

// transparency checks the length of tRNS (11.3.1.1).
func (p *pngCopy) transparency(n int) bool {
	switch p.colour {
	case grey:
		return n == 2
	case trueColour:
		return n == 6
	case indexed:
		return n > 0 && n <= p.seen["PLTE"]/3
	}
	return false
}

// header reads IHDR (11.2.1).
func (p *pngCopy) header(n int) error {
	if n != 13 {
		return errDamaged
	}
	b, err := p.in.look(n)
	if err != nil {
		return err
	}
	depth, colour, interlace := b[8], b[9], b[12]
	if depth&(depth-1) != 0 || depth&depths(colour) == 0 || b[10] != 0 || b[11] != 0 || interlace > 1 {
		return errDamaged
	}
	width, height := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	if width > 1<<31-1 || height > 1<<31-1 {
		return errDamaged
	}
	p.colour = colour
	return p.r.dimensions(int64(width), int64(height))
}

// copy passes a chunk of n bytes on and checks its CRC.
func (p *pngCopy) copy(head [8]byte, n int) error {
	if _, err := p.out.Write(head[:]); err != nil {
		return err
	}
	sum := crc32.ChecksumIEEE(head[4:])
	err := p.in.pass(n, func(b []byte) error {
		sum = crc32.Update(sum, crc32.IEEETable, b)
		_, err := p.out.Write(b)
		return err
	})
	if err != nil {
		return err
	}
	crc, err := p.in.take(crc32.Size)
	if err != nil {
		return err
	}
	if binary.BigEndian.Uint32(crc) != sum {
		return errDamaged
	}
	_, err = p.out.Write(crc)
	return err
}

func letters(name string) bool {
	for i := range len(name) {
		if c := name[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

func damagedUnless(ok bool) error {
	if ok {
		return nil
	}
	return errDamaged
}
