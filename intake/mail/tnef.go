package mail

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"strconv"

	"tipline/intake"
)

// The attributes of a winmail.dat that are read (MS-OXTNEF, 2.1.3.2), and its signature.
const (
	tnefSignature  = 0x223e9f78
	tnefBody       = 0x0002800c // attBody
	tnefAttachData = 0x0006800f // attAttachData
)

// tnef takes the files and the text out of a winmail.dat, which Outlook packs them in. The
// names stand behind the files' bytes there, too late for who reads on; they are in the
// raw message. What isn't a winmail.dat is handed on as a file.
func (d *decoder) tnef(s *scanner, f intake.File, encoding string) []text {
	dec := decodeTransfer(&partBody{s: s}, encoding)
	r := bufio.NewReaderSize(dec, 4<<10)
	if head, _ := r.Peek(4); len(head) < 4 || binary.LittleEndian.Uint32(head) != tnefSignature {
		d.flag(FlagTNEF + ":0")
		d.hand(f, r, dec)
		return nil
	}
	_, _ = r.Discard(6) // and a key nobody needs
	before := d.yielded
	texts, err := d.attributes(r, f)
	if _, rest := io.Copy(io.Discard, r); err != nil || rest != nil || dec.damaged() {
		d.flag(FlagDamaged)
	}
	d.flag(FlagTNEF + ":" + strconv.Itoa(d.yielded-before))
	return texts
}

// attributes reads one attribute after the other: level, id, length, data, checksum.
func (d *decoder) attributes(r *bufio.Reader, f intake.File) (texts []text, err error) {
	for !d.enough {
		var head [9]byte
		if _, err := io.ReadFull(r, head[:]); errors.Is(err, io.EOF) {
			return texts, nil
		} else if err != nil {
			return texts, err
		}
		data := &io.LimitedReader{R: r, N: int64(binary.LittleEndian.Uint32(head[5:]))}
		switch binary.LittleEndian.Uint32(head[1:]) {
		case tnefBody:
			texts = append(texts, text{s: toUTF8(d.read(data), "")})
		case tnefAttachData:
			d.hand(intake.File{Name: f.Name, Type: "application/octet-stream", InRaw: true}, data, nil)
		}
		if _, err := io.Copy(io.Discard, data); err != nil {
			return texts, err
		}
		if data.N > 0 {
			return texts, io.ErrUnexpectedEOF
		}
		if _, err := r.Discard(2); err != nil {
			return texts, err
		}
	}
	return texts, nil
}
