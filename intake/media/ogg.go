package media

import (
	"bytes"
	"encoding/binary"
	"io"
)

// Flags of an Ogg page (RFC 3533, 6).
const (
	oggContinued = 1
	oggFirst     = 2
	oggLast      = 4
)

const (
	oggHeader   = 27 // bytes before the segment table
	oggMaxSetup = 256 << 10
)

// oggPage is a page without its checksum.
type oggPage struct {
	flags    byte
	granule  uint64
	segments []byte // their lengths; one under 255 ends a packet
	body     []byte
}

// oggCopy is one pass over an Ogg file.
type oggCopy struct {
	in     *input
	out    *output
	serial uint32
	pages  uint32 // read
	copied uint32 // written
	crc    [256]uint32
}

// copyOGG copies an Ogg file with one stream of Opus (RFC 7845), Vorbis or Speex. The comments are replaced
// by none, the stream's random number by 1, and pages are numbered anew.
func copyOGG(in *input, out *output, _ *Result) error {
	o := &oggCopy{in: in, out: out, crc: oggTable()}
	first, err := o.read()
	if err != nil {
		return err
	}
	headers, comment := oggStream(first.body)
	if comment == "" || first.flags&oggFirst == 0 || bytes.Count(first.segments, []byte{255}) != len(first.segments)-1 {
		return errType
	}
	if err := o.write(first); err != nil {
		return err
	}
	if err := o.headers(headers, comment); err != nil {
		return err
	}
	for sound := 0; ; sound++ {
		if _, err := o.in.Peek(1); err == io.EOF && sound > 0 {
			return nil
		}
		p, err := o.read()
		if err != nil {
			return err
		}
		if err := o.write(p); err != nil || p.flags&oggLast != 0 {
			return err
		}
	}
}

// oggStream tells from the first packet how many header packets follow and what an empty comment looks
// like; the comment is the first of them.
func oggStream(first []byte) (headers int, comment string) {
	none := "\x00\x00\x00\x00\x00\x00\x00\x00" // no vendor, no entries
	switch {
	case bytes.HasPrefix(first, []byte("OpusHead")):
		return 1, "OpusTags" + none
	case bytes.HasPrefix(first, []byte("\x01vorbis")):
		return 2, "\x03vorbis" + none + "\x01"
	case bytes.HasPrefix(first, []byte("Speex   ")):
		return 1, none
	}
	return 0, ""
}

// headers reads the header packets after the first and writes them without the comment. They end a page.
func (o *oggCopy) headers(count int, comment string) error {
	var setup []byte
	ended := 0
	for ended < count {
		p, err := o.read()
		if err != nil {
			return err
		}
		body := p.body
		for i, n := range p.segments {
			if ended == count {
				return errDamaged
			}
			if ended > 0 {
				setup = append(setup, body[:n]...)
			}
			body = body[n:]
			if n < 255 {
				ended++
			} else if i == len(p.segments)-1 && len(setup) > oggMaxSetup {
				return errTooLarge
			}
		}
	}
	packets := [][]byte{[]byte(comment)}
	if count > 1 {
		packets = append(packets, setup)
	}
	return o.writePackets(packets)
}

// writePackets lays packets out over pages.
func (o *oggCopy) writePackets(packets [][]byte) error {
	var segments, body []byte
	for _, p := range packets {
		body = append(body, p...)
		segments = append(segments, bytes.Repeat([]byte{255}, len(p)/255)...)
		segments = append(segments, byte(len(p)%255))
	}
	flags := byte(0)
	for len(segments) > 0 {
		n := min(255, len(segments))
		size := 0
		for _, s := range segments[:n] {
			size += int(s)
		}
		p := oggPage{flags: flags, segments: segments[:n], body: body[:size]}
		if segments[n-1] == 255 {
			p.granule = 1<<64 - 1 // no packet ends here
		}
		if err := o.write(p); err != nil {
			return err
		}
		flags = 0
		if segments[n-1] == 255 {
			flags = oggContinued
		}
		segments, body = segments[n:], body[size:]
	}
	return nil
}

// read reads the next page and checks that it belongs to the stream.
func (o *oggCopy) read() (oggPage, error) {
	b, err := o.in.take(oggHeader)
	if err != nil {
		return oggPage{}, err
	}
	head := [oggHeader]byte(b)
	sum := binary.LittleEndian.Uint32(head[22:])
	clear(head[22:26])
	serial := binary.LittleEndian.Uint32(head[14:])
	switch {
	case string(head[:5]) != "OggS\x00":
		return oggPage{}, errDamaged
	case o.pages > 0 && (serial != o.serial || head[5]&oggFirst != 0):
		return oggPage{}, errType // several streams
	case binary.LittleEndian.Uint32(head[18:]) != o.pages:
		return oggPage{}, errDamaged
	}
	o.serial = serial
	o.pages++
	p := oggPage{flags: head[5] & 7, granule: binary.LittleEndian.Uint64(head[6:]), segments: make([]byte, head[26])}
	if _, err := io.ReadFull(o.in, p.segments); err != nil {
		return oggPage{}, cut(err)
	}
	size := 0
	for _, n := range p.segments {
		size += int(n)
	}
	p.body = make([]byte, size)
	if _, err := io.ReadFull(o.in, p.body); err != nil {
		return oggPage{}, cut(err)
	}
	if o.sum(o.sum(o.sum(0, head[:]), p.segments), p.body) != sum {
		return oggPage{}, errDamaged
	}
	return p, nil
}

// cut is early for io.ReadFull.
func cut(err error) error {
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return early(err)
}

func (o *oggCopy) write(p oggPage) error {
	head := append(make([]byte, 0, oggHeader), "OggS\x00"...)
	head = append(head, p.flags)
	head = binary.LittleEndian.AppendUint64(head, p.granule)
	head = binary.LittleEndian.AppendUint32(head, 1)
	head = binary.LittleEndian.AppendUint32(head, o.copied)
	head = append(head, 0, 0, 0, 0, byte(len(p.segments)))
	binary.LittleEndian.PutUint32(head[22:], o.sum(o.sum(o.sum(0, head), p.segments), p.body))
	o.copied++
	for _, b := range [][]byte{head, p.segments, p.body} {
		if _, err := o.out.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// sum goes on with a page's checksum: CRC-32 of RFC 3533, which is not reflected and so not hash/crc32's.
func (o *oggCopy) sum(crc uint32, b []byte) uint32 {
	for _, c := range b {
		crc = crc<<8 ^ o.crc[byte(crc>>24)^c]
	}
	return crc
}

func oggTable() (t [256]uint32) {
	for i := range t {
		r := uint32(i) << 24
		for range 8 {
			if r&(1<<31) != 0 {
				r = r<<1 ^ 0x04C11DB7
			} else {
				r <<= 1
			}
		}
		t[i] = r
	}
	return t
}
