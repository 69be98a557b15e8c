package media

import (
	"bytes"
	"encoding/binary"
	"io"

	"github.com/ulikunitz/xz/lzma"
)

// tailSize is how much of a file's end is kept to be looked at.
const tailSize = 128 << 10

// officePackage is the stream that holds a locked Office file (MS-OFFCRYPTO, 1.3.2), as its name stands in the
// directory (MS-CFB, 2.6.1).
var officePackage = utf16LE("EncryptedPackage")

func utf16LE(s string) (out []byte) {
	for _, c := range []byte(s) {
		out = append(out, c, 0)
	}
	return out
}

// passed reads the rest of a file of which no clean copy is made, and says whether a password locks it.
func (in *input) passed(head []byte) (locked bool, err error) {
	head = bytes.Clone(head)
	var tail []byte
	found := false
	for {
		if _, err := in.Peek(1); err == io.EOF {
			break
		} else if err != nil {
			return false, err
		}
		b, err := in.Peek(in.Buffered())
		if err != nil {
			return false, err
		}
		joint := append(bytes.Clone(tail[max(0, len(tail)-len(officePackage)):]), b...)
		found = found || bytes.Contains(joint, officePackage)
		if tail = append(tail, b...); len(tail) > 2*tailSize {
			tail = append(tail[:0], tail[len(tail)-tailSize:]...)
		}
		if _, err := in.Discard(len(b)); err != nil {
			return false, err
		}
	}
	return isLocked(head, tail, in.size, found), nil
}

// isLocked judges a file by its beginning and end; protected says that the name of a locked Office file's stream
// stands in it.
func isLocked(head, tail []byte, size int64, protected bool) bool {
	switch {
	case bytes.HasPrefix(head, []byte(zipLocal)):
		return len(head) > 6 && head[6]&zipEncrypted != 0 || zipLocked(tail)
	case bytes.HasPrefix(head, []byte("Rar!\x1a\x07\x01\x00")):
		return rar5Locked(head[8:])
	case bytes.HasPrefix(head, []byte("Rar!\x1a\x07\x00")):
		return rar4Locked(head[7:])
	case bytes.HasPrefix(head, []byte("7z\xbc\xaf\x27\x1c")):
		return sevenLocked(head, tail, size)
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return protected || oldOfficeLocked(head)
	default:
		return false
	}
}

// zipLocked looks through the central directory (APPNOTE 4.3.12).
func zipLocked(tail []byte) bool {
	for {
		at := bytes.Index(tail, []byte(zipCentral))
		if at < 0 || len(tail) < at+10 {
			return false
		}
		if tail[at+8]&zipEncrypted != 0 {
			return true
		}
		tail = tail[at+4:]
	}
}

// rar4Locked: the archive's head or its first file says so (RAR 4 technote).
func rar4Locked(b []byte) bool {
	for len(b) >= 7 {
		kind, flags, size := b[2], binary.LittleEndian.Uint16(b[3:]), int(binary.LittleEndian.Uint16(b[5:]))
		switch {
		case kind == 0x73 && flags&0x80 != 0, kind == 0x74 && flags&0x04 != 0:
			return true
		case kind == 0x74 || size < 7 || size > len(b):
			return false
		}
		b = b[size:]
	}
	return false
}

// rar5Locked: a head of encryption comes first, or the first file has a record of it (RAR 5.0 archive format).
func rar5Locked(b []byte) bool {
	for len(b) > 4 {
		b = b[4:] // the checksum
		size, b2 := vint(b)
		if size <= 0 || size > len(b2) {
			return false
		}
		block := b2[:size]
		b = b2[size:]
		kind, rest := vint(block)
		flags, rest := vint(rest)
		extra := 0
		if flags&1 != 0 {
			extra, rest = vint(rest)
		}
		switch {
		case kind == 4:
			return true
		case kind == 2:
			return extra > 0 && extra <= len(rest) && rar5Record(rest[len(rest)-extra:])
		case kind != 1:
			return false
		}
	}
	return false
}

// rar5Record looks for the record of encryption among a file's extra ones.
func rar5Record(b []byte) bool {
	for len(b) > 0 {
		size, rest := vint(b)
		if size <= 0 || size > len(rest) {
			return false
		}
		if kind, _ := vint(rest[:size]); kind == 1 {
			return true
		}
		b = rest[size:]
	}
	return false
}

// vint is a number of seven bits a byte, the lowest first; -1 for none.
func vint(b []byte) (n int, rest []byte) {
	for i := 0; i < len(b) && i < 4; i++ {
		n |= int(b[i]&0x7f) << (7 * i)
		if b[i]&0x80 == 0 {
			return n, b[i+1:]
		}
	}
	return -1, nil
}

// sevenAES is the id of the one coder that locks (7zFormat.txt; 7zAES).
var sevenAES = []byte("\x06\xf1\x07\x01")

// sevenLocked looks for it in the head at the end of the file, which is packed itself as a rule.
func sevenLocked(head, tail []byte, size int64) bool {
	if len(head) < 32 {
		return false
	}
	at, length := binary.LittleEndian.Uint64(head[12:]), binary.LittleEndian.Uint64(head[20:])
	begin := size - int64(len(tail)) // where the tail begins in the file
	from := int64(at) + 32 - begin
	if from < 0 || length > uint64(len(tail)) || from+int64(length) > int64(len(tail)) {
		return bytes.Contains(tail, sevenAES)
	}
	h := tail[from : from+int64(length)]
	return bytes.Contains(h, sevenAES) || bytes.Contains(unpackedHead(h, tail, begin), sevenAES)
}

// maxHead is how much a packed head may unfold to.
const maxHead = 4 << 20

// unpackedHead is the head that a packed one (kEncodedHeader) stands for, as 7-Zip writes it: one stream, one folder
// of one LZMA coder. Anything else is nothing.
func unpackedHead(h, tail []byte, begin int64) []byte {
	r := &sevenReader{b: h}
	if r.byte() != 0x17 || r.byte() != 0x06 {
		return nil
	}
	pos, streams := r.number(), r.number()
	if streams != 1 || r.byte() != 0x09 {
		return nil
	}
	packed := r.number()
	for kind := r.byte(); kind != 0x00; kind = r.byte() { // a digest may stand here
		if kind != 0x0a || r.bad {
			return nil
		}
		r.skip(5)
	}
	if r.byte() != 0x07 || r.byte() != 0x0b || r.number() != 1 || r.byte() != 0 || r.number() != 1 {
		return nil
	}
	if coder := r.take(4); !bytes.Equal(coder, []byte("\x23\x03\x01\x01")) || r.number() != 5 {
		return nil
	}
	properties := r.take(5)
	if r.byte() != 0x0c {
		return nil
	}
	unpacked := r.number()
	from := 32 + int64(pos) - begin
	if r.bad || unpacked > maxHead || from < 0 || from+int64(packed) > int64(len(tail)) {
		return nil
	}
	return unlzma(properties, tail[from:from+int64(packed)], unpacked)
}

// unlzma unfolds a stream of LZMA, with the head that its file format has.
func unlzma(properties, packed []byte, size uint64) []byte {
	file := append(bytes.Clone(properties), binary.LittleEndian.AppendUint64(nil, size)...)
	binary.LittleEndian.PutUint32(file[1:], min(binary.LittleEndian.Uint32(file[1:]), maxHead)) // no more memory than that
	z, err := lzma.NewReader(io.MultiReader(bytes.NewReader(file), bytes.NewReader(packed)))
	if err != nil {
		return nil
	}
	out, _ := io.ReadAll(io.LimitReader(z, maxHead)) // what it gave before it failed will do
	return out
}

// sevenReader reads 7-Zip's heads; bad says that one ended too early.
type sevenReader struct {
	b   []byte
	bad bool
}

func (r *sevenReader) take(n int) []byte {
	if n > len(r.b) {
		r.bad = true
		return make([]byte, n)
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *sevenReader) skip(n int) { r.take(n) }
func (r *sevenReader) byte() byte { return r.take(1)[0] }

// number is one of up to eight bytes: as many follow as the first has leading ones.
func (r *sevenReader) number() (n uint64) {
	first := r.byte()
	mask := byte(0x80)
	for i := range 8 {
		if first&mask == 0 {
			return n | uint64(first&(mask-1))<<(8*i)
		}
		n |= uint64(r.byte()) << (8 * i)
		mask >>= 1
	}
	return n
}

// oldOfficeLocked: the first stream stands behind the file's head as a rule: a Word document whose flag says so
// (MS-DOC, 2.5.2), or a workbook that begins with FilePass (MS-XLS, 2.4.117).
func oldOfficeLocked(head []byte) bool {
	if len(head) < 512+32 {
		return false
	}
	s := head[512:]
	if s[0] == 0xec && s[1] == 0xa5 {
		return s[11]&1 != 0
	}
	for len(s) >= 4 && bytes.HasPrefix(head[512:], []byte("\x09\x08")) {
		kind, size := binary.LittleEndian.Uint16(s), int(binary.LittleEndian.Uint16(s[2:]))
		if kind == 0x2f {
			return true
		}
		if size+4 > len(s) {
			return false
		}
		s = s[4+size:]
	}
	return false
}
