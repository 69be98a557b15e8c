package media

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"io"
)

// What a package may unfold to. What XML there is costs more: it is parsed.
const (
	maxEntries  = 4096
	maxUnfolded = 100 << 20
)

const (
	zipLocal   = "PK\x03\x04"
	zipCentral = "PK\x01\x02"
	zipSigned  = "PK\x07\x08" // before a data descriptor

	zipEncrypted  = 1 << 0
	zipDescriptor = 1 << 3
)

// zipReader reads the entries of a ZIP file (APPNOTE 6.3) in the order they stand, while they stream by; the
// central directory at the end isn't needed for that.
type zipReader struct {
	in       *input
	entries  int
	unfolded int64
}

// zipEntry is an entry's local head.
type zipEntry struct {
	name    string
	flags   uint16
	method  uint16
	sum     uint32
	size    int64 // compressed
	natural int64
}

// next reads the next entry's head. ok is false behind the last.
func (z *zipReader) next() (e zipEntry, ok bool, err error) {
	b, err := z.in.look(4)
	if err != nil || string(b) == zipCentral {
		return e, false, err
	}
	if b, err = z.in.take(30); err != nil {
		return e, false, err
	}
	if string(b[:4]) != zipLocal {
		return e, false, errDamaged
	}
	e = zipEntry{flags: binary.LittleEndian.Uint16(b[6:]), method: binary.LittleEndian.Uint16(b[8:]), sum: binary.LittleEndian.Uint32(b[14:]),
		size: int64(binary.LittleEndian.Uint32(b[18:])), natural: int64(binary.LittleEndian.Uint32(b[22:]))}
	name, extra := int(binary.LittleEndian.Uint16(b[26:])), int(binary.LittleEndian.Uint16(b[28:]))
	if name > 1024 || z.entries >= maxEntries {
		return e, false, errTooLarge
	}
	z.entries++
	if b, err = z.in.take(name); err != nil {
		return e, false, err
	}
	e.name = string(b)
	if err := z.in.skip(extra); err != nil {
		return e, false, err
	}
	return e, true, e.check()
}

func (e zipEntry) check() error {
	described := e.flags&zipDescriptor != 0
	switch {
	case e.flags&zipEncrypted != 0:
		return errLocked
	case e.method != 0 && e.method != 8, described && e.method == 0:
		return errType
	case !described && (e.size == 1<<32-1 || e.natural > maxUnfolded):
		return errTooLarge
	}
	return nil
}

// body hands the entry's content to use, which may leave some of it, and checks it against its sum.
func (z *zipReader) body(e zipEntry, use func(io.Reader) error) error {
	src := io.Reader(z.in)
	var limited *io.LimitedReader
	if e.flags&zipDescriptor == 0 {
		limited = &io.LimitedReader{R: z.in, N: e.size}
		src = limited
	}
	if e.method == 8 {
		src = flate.NewReader(src)
	}
	c := &unfolding{z: z, src: src}
	if err := use(c); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, c); err != nil {
		return err
	}
	if limited != nil {
		if err := z.in.skip(int(limited.N)); err != nil {
			return err
		}
		return damagedUnless(c.sum == e.sum && c.n == e.natural)
	}
	return z.descriptor(c.sum)
}

// unfolding counts and sums what comes out of an entry.
type unfolding struct {
	z   *zipReader
	src io.Reader
	n   int64
	sum uint32
}

func (u *unfolding) Read(p []byte) (int, error) {
	n, err := u.src.Read(p)
	u.n += int64(n)
	u.sum = crc32.Update(u.sum, crc32.IEEETable, p[:n])
	if u.z.unfolded += int64(n); u.z.unfolded > maxUnfolded {
		return n, errTooLarge
	}
	switch {
	case err == nil || err == io.EOF:
		return n, err
	case u.z.in.err != nil:
		return n, u.z.in.err
	}
	return n, errDamaged
}

// descriptor reads the sizes behind an entry, which come with or without a signature and in two widths.
func (z *zipReader) descriptor(sum uint32) error {
	b, err := z.in.Peek(28)
	if err != nil && err != io.EOF {
		return err
	}
	signed := 0
	if bytes.HasPrefix(b, []byte(zipSigned)) {
		signed = 4
	}
	for _, n := range []int{12, 20} {
		n += signed
		if len(b) < n+4 || string(b[n:n+2]) != "PK" {
			continue
		}
		if binary.LittleEndian.Uint32(b[signed:]) != sum {
			return errDamaged
		}
		return z.in.skip(n)
	}
	return errDamaged
}
