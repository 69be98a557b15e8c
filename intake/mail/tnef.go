package mail

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"strconv"
	"strings"

	"tipline/intake"
)

// The attributes of a winmail.dat that are read (MS-OXTNEF, 2.1.3.2), and its signature.
const (
	tnefSignature   = 0x223e9f78
	tnefCodepage    = 0x00069007 // attOemCodepage
	tnefBody        = 0x0002800c // attBody
	tnefProperties  = 0x00069003 // attMsgProps
	tnefAttachBegin = 0x00069002 // attAttachRendData: the next file
	tnefAttachTitle = 0x00018010
	tnefAttachData  = 0x0006800f
	tnefAttachProps = 0x00069005 // attAttachment
)

// maxProperties is how much of a list of properties is read: it is held in memory.
const maxProperties = 1 << 20

// tnefReader reads one winmail.dat.
type tnefReader struct {
	d       *decoder
	r       *bufio.Reader
	file    intake.File // what its files are before they have a name
	charset string      // of names and texts
	texts   []text

	// Of the file that is being read. Its name stands before its bytes or behind them.
	title, long string
	place       int // among the message's files, -1 before its bytes came
}

// tnef takes the files and the text out of a winmail.dat, which Outlook packs them in. What isn't a
// winmail.dat is handed on as a file.
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
	w := &tnefReader{d: d, r: r, file: f, place: -1}
	err := w.attributes()
	w.settle()
	if _, rest := io.Copy(io.Discard, r); err != nil || rest != nil || dec.damaged() {
		d.flag(FlagDamaged)
	}
	d.flag(FlagTNEF + ":" + strconv.Itoa(d.yielded-before))
	return w.texts
}

// attributes reads one attribute after the other: level, id, length, data, checksum.
func (w *tnefReader) attributes() error {
	for !w.d.enough {
		var head [9]byte
		if _, err := io.ReadFull(w.r, head[:]); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		data := &io.LimitedReader{R: w.r, N: int64(binary.LittleEndian.Uint32(head[5:]))}
		w.attribute(binary.LittleEndian.Uint32(head[1:]), data)
		if _, err := io.Copy(io.Discard, data); err != nil {
			return err
		}
		if data.N > 0 {
			return io.ErrUnexpectedEOF
		}
		if _, err := w.r.Discard(2); err != nil {
			return err
		}
	}
	return nil
}

func (w *tnefReader) attribute(id uint32, data io.Reader) {
	switch id {
	case tnefCodepage:
		w.charset = codepage(w.small(data, 4))
	case tnefBody:
		w.say(toUTF8(w.d.read(data), w.charset), false)
	case tnefProperties:
		w.words(properties(w.small(data, maxProperties), w.charset))
	case tnefAttachBegin:
		w.settle()
	case tnefAttachTitle:
		w.title = toUTF8(w.small(data, 1<<10), w.charset)
	case tnefAttachProps:
		w.long = firstOf(properties(w.small(data, maxProperties), w.charset), mapiLongName, mapiFileName)
	case tnefAttachData:
		f := w.file
		f.Name, f.Type = w.name(), "application/octet-stream"
		w.place = w.d.yielded
		w.d.hand(f, data, nil)
	}
}

func (*tnefReader) small(data io.Reader, most int64) []byte {
	b, _ := io.ReadAll(io.LimitReader(data, most))
	return b
}

// say adds a text, once.
func (w *tnefReader) say(s string, html bool) {
	if w.d.packed++; w.d.packed > maxPacked {
		w.d.flag(FlagLimits)
		return
	}
	w.texts = append(w.texts, text{s: s, html: html, repeats: true})
}

// words are the message's own text, plain if it has that, else as HTML or RTF.
func (w *tnefReader) words(p map[uint16]string) {
	if s := p[mapiBody]; s != "" {
		w.say(s, false)
	} else if s := p[mapiHTML]; s != "" {
		w.say(s, true)
	} else if s := p[mapiRTF]; s != "" {
		w.rich([]byte(s))
	}
}

// rich is a text that Outlook has as RTF alone.
func (w *tnefReader) rich(packed []byte) {
	rtf, whole := unpackRTF(packed)
	if !whole {
		w.d.flag(FlagDamaged)
	}
	if !looksLikeRTF(rtf) || w.d.left <= 0 {
		return
	}
	s, html := rtfText(rtf)
	if w.d.left -= len(s); strings.TrimSpace(s) != "" {
		w.say(s, html)
	}
}

func (w *tnefReader) name() string { return tidyLine(cmp.Or(w.long, w.title, w.file.Name)) }

// settle gives the file that was read its name, and begins the next.
func (w *tnefReader) settle() {
	if w.place >= 0 && w.name() != w.file.Name {
		if w.d.report.Renamed == nil {
			w.d.report.Renamed = map[int]string{}
		}
		w.d.report.Renamed[w.place] = w.name()
	}
	w.title, w.long, w.place = "", "", -1
}
