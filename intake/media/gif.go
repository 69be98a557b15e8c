package media

import (
	"encoding/binary"
	"io"
)

// Block introducers and extension labels of GIF89a.
const (
	gifExtension   = 0x21
	gifImage       = 0x2C
	gifTrailer     = 0x3B
	gifControl     = 0xF9
	gifApplication = 0xFF
)

// gifLoop is how an animation says how often it repeats; the repetitions follow, and a terminator.
const gifLoop = "\x21\xFF\x0BNETSCAPE2.0\x03\x01"

// maxPainted bounds what all frames of an animation paint together, in pixels.
const maxPainted = 10 * MaxPixels

// gifCopy is one pass over a GIF file.
type gifCopy struct {
	in      *input
	out     *output
	r       *Result
	control []byte // the graphic control extension that waits for its image
	looped  bool
	painted int64
}

// copyGIF copies a file of GIF89a up to its trailer: the pictures, their timing and how often they repeat.
// Comments, plain text and what applications wrote are gone.
func copyGIF(in *input, out *output, r *Result) error {
	g := &gifCopy{in: in, out: out, r: r}
	if err := g.screen(); err != nil {
		return err
	}
	for {
		b, err := in.ReadByte()
		if err != nil {
			return early(err)
		}
		switch b {
		case gifExtension:
			err = g.extension()
		case gifImage:
			err = g.image()
		case gifTrailer:
			if g.painted == 0 {
				return errDamaged
			}
			return out.WriteByte(gifTrailer)
		default:
			return errDamaged
		}
		if err != nil {
			return err
		}
	}
}

// screen copies the header, the logical screen descriptor and the global colours.
func (g *gifCopy) screen() error {
	const header, aspect = 6, 12
	b, err := g.in.take(13)
	if err != nil {
		return err
	}
	b[aspect] = 0
	width, height := binary.LittleEndian.Uint16(b[header:]), binary.LittleEndian.Uint16(b[header+2:])
	if err := g.r.dimensions(int64(width), int64(height)); err != nil {
		return err
	}
	flags := b[header+4]
	if _, err := g.out.Write(b); err != nil {
		return err
	}
	return g.colours(flags)
}

// colours copies the colour table that flags announce.
func (g *gifCopy) colours(flags byte) error {
	if flags&0x80 == 0 {
		return nil
	}
	return g.in.pass(3<<(flags&7+1), g.write)
}

func (g *gifCopy) write(b []byte) error {
	_, err := g.out.Write(b)
	return err
}

// image copies an image descriptor, its colours and its data.
func (g *gifCopy) image() error {
	b, err := g.in.take(9)
	if err != nil {
		return err
	}
	left, top, width, height := gifNumber(b), gifNumber(b[2:]), gifNumber(b[4:]), gifNumber(b[6:])
	if width == 0 || height == 0 || left+width > g.r.Width || top+height > g.r.Height {
		return errDamaged
	}
	if g.painted += int64(width) * int64(height); g.painted > maxPainted {
		return errTooLarge
	}
	flags := b[8]
	descriptor := append(append(g.control, gifImage), b...)
	g.control = nil
	if err := g.write(descriptor); err != nil {
		return err
	}
	if err := g.colours(flags); err != nil {
		return err
	}
	size, err := g.in.take(1) // of the first LZW code, in bits
	if err != nil {
		return err
	}
	if size[0] < 2 || size[0] > 8 {
		return errDamaged
	}
	if err := g.write(size); err != nil {
		return err
	}
	return g.blocks(g.out)
}

func gifNumber(b []byte) int { return int(binary.LittleEndian.Uint16(b)) }

// blocks copies data sub-blocks up to their terminator.
func (g *gifCopy) blocks(to io.Writer) error {
	for {
		n, err := g.in.look(1)
		if err != nil {
			return err
		}
		size := int(n[0])
		b, err := g.in.take(1 + size)
		if err != nil {
			return err
		}
		if _, err := to.Write(b); err != nil || size == 0 {
			return err
		}
	}
}

// extension keeps a graphic control and the repetitions, and drops any other extension.
func (g *gifCopy) extension() error {
	label, err := g.in.take(1)
	if err != nil {
		return err
	}
	switch label[0] {
	case gifControl:
		return g.graphicControl()
	case gifApplication:
		if err := g.loop(); err != nil {
			return err
		}
	}
	return g.blocks(io.Discard)
}

func (g *gifCopy) graphicControl() error {
	b, err := g.in.take(6)
	if err != nil {
		return err
	}
	if b[0] != 4 || b[5] != 0 {
		return errDamaged
	}
	g.control = append([]byte{gifExtension, gifControl}, b...)
	g.control[3] &= 0x1F // the upper bits are reserved
	return nil
}

// loop writes the repetitions afresh, once, if they are what comes next.
func (g *gifCopy) loop() error {
	b, err := g.in.window(1)
	want := gifLoop[2:]
	if err != nil || g.looped || len(b) < len(want)+3 {
		if err == nil && len(b) < len(want)+3 {
			b, err = g.in.look(len(want) + 3)
		}
		if err != nil || g.looped {
			return err
		}
	}
	if string(b[:len(want)]) != want || b[len(want)+2] != 0 {
		return nil
	}
	g.looped = true
	return g.write([]byte(gifLoop + string(b[len(want):len(want)+3])))
}
