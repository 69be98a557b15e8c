package mail

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"tipline/intake"
)

// maxEnvelope is how far into a signed message its content begins at most.
const maxEnvelope = 2 << 10

// isOpaque says whether a part may be a message packed into its signature (RFC 8551 §3.5.2).
func isOpaque(contentType, name string) bool {
	return contentType == "application/pkcs7-mime" || contentType == "application/x-pkcs7-mime" ||
		contentType == "application/octet-stream" && strings.HasSuffix(strings.ToLower(name), ".p7m")
}

// opaque reads the message that an opaque signature holds, while it streams by: nothing of it
// is kept in memory, and no part is too large. The signature isn't checked: who signed would have
// to be trusted by somebody. What is encrypted, or holds no message, is a file.
func (d *decoder) opaque(s *scanner, depth int, f intake.File, encoding string) []text {
	dec := decodeTransfer(&partBody{s: s}, encoding)
	r := bufio.NewReaderSize(dec, 4<<10)
	head, _ := r.Peek(maxEnvelope)
	content, at := signedContent(head, r)
	if content == nil || depth >= maxDepth {
		d.flag(FlagSMIME)
		d.hand(f, r, dec)
		return nil
	}
	d.flag(FlagSigned)
	_, _ = r.Discard(at)
	inner := newScanner(content, nil)
	h, _, _ := readHeader(inner)
	texts := d.content(inner, depth+1, h, "text/plain")
	_, _ = io.Copy(io.Discard, inner.in)
	if _, err := io.Copy(io.Discard, r); err != nil || content.broken || dec.damaged() {
		d.flag(FlagDamaged)
	}
	return texts
}

// The object identifiers of signed data and of plain data in it (RFC 5652 §4, §5).
var (
	oidSigned = []byte{0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2}
	oidData   = []byte{0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1}
)

// BER tags (X.690 §8) as they stand in signed data.
const (
	berInteger  = 0x02
	berOctets   = 0x04
	berOctetsIn = 0x24 // in pieces
	berSequence = 0x30
	berSet      = 0x31
	berExplicit = 0xa0
)

// signedContent is the content of the signed data that begins with head, and where it begins;
// nil when it is anything else.
func signedContent(head []byte, from *bufio.Reader) (*octets, int) {
	b := ber{rest: head}
	b.open(berSequence)
	b.take(oidSigned)
	b.open(berExplicit)
	b.open(berSequence)
	b.skip(berInteger)
	b.skip(berSet)
	b.open(berSequence)
	b.take(oidData)
	b.open(berExplicit)
	if b.bad || len(b.rest) == 0 {
		return nil, 0
	}
	o := &octets{from: from, pieces: b.rest[0] == berOctetsIn}
	length := b.open(berOctets)
	if o.pieces {
		o.whole = length
	} else if o.left = length; length < 0 {
		b.bad = true
	}
	if b.bad {
		return nil, 0
	}
	return o, len(head) - len(b.rest)
}

// ber walks over what is in memory of a BER encoding.
type ber struct {
	rest []byte
	bad  bool
}

// open enters an element, and gives its length; -1 is one that ends by a mark.
func (b *ber) open(tag byte) int64 {
	if b.bad || len(b.rest) < 2 || b.rest[0] != tag && !(tag == berOctets && b.rest[0] == berOctetsIn) {
		b.bad = true
		return 0
	}
	length, used, ok := berLength(b.rest[1:])
	if !ok {
		b.bad = true
		return 0
	}
	b.rest = b.rest[1+used:]
	return length
}

func (b *ber) take(want []byte) {
	if b.bad = b.bad || !bytes.HasPrefix(b.rest, want); !b.bad {
		b.rest = b.rest[len(want):]
	}
}

func (b *ber) skip(tag byte) {
	n := b.open(tag)
	if b.bad = b.bad || n < 0 || n > int64(len(b.rest)); !b.bad {
		b.rest = b.rest[n:]
	}
}

// berLength reads a length of up to four bytes; -1 is the indefinite one.
func berLength(b []byte) (length int64, used int, ok bool) {
	if len(b) == 0 {
		return 0, 0, false
	}
	n := int(b[0] & 0x7f)
	switch {
	case b[0] < 0x80:
		return int64(b[0]), 1, true
	case n == 0:
		return -1, 1, true
	case n > 4 || len(b) <= n:
		return 0, 0, false
	}
	for _, c := range b[1 : 1+n] {
		length = length<<8 | int64(c)
	}
	return length, 1 + n, true
}

// octets reads an octet string, which may come in pieces.
type octets struct {
	from   *bufio.Reader
	pieces bool
	left   int64 // of this piece
	whole  int64 // of all pieces with their tags; -1: they end by a mark
	ended  bool
	broken bool
}

func (o *octets) Read(p []byte) (int, error) {
	for o.left == 0 {
		if o.ended || !o.pieces || !o.next() {
			o.ended = true
			return 0, io.EOF
		}
	}
	n, err := o.from.Read(p[:min(int64(len(p)), o.left)])
	if o.left -= int64(n); err != nil {
		o.broken, o.ended, o.left = true, true, 0
		if !errors.Is(err, io.EOF) {
			return n, err
		}
		return n, io.EOF
	}
	return n, nil
}

// next begins the next piece; false is the end.
func (o *octets) next() bool {
	if o.whole == 0 {
		return false
	}
	head, _ := o.from.Peek(6)
	length, used, ok := int64(0), 0, false
	if len(head) >= 2 {
		length, used, ok = berLength(head[1:])
	}
	switch {
	case ok && head[0] == berOctets && length >= 0 && (o.whole < 0 || int64(1+used)+length <= o.whole):
		_, _ = o.from.Discard(1 + used)
		if o.left = length; o.whole > 0 {
			o.whole -= int64(1+used) + length
		}
		return true
	case ok && o.whole < 0 && head[0] == 0 && head[1] == 0:
		return false
	}
	o.broken = true
	return false
}
