package mail

import (
	"encoding/binary"
	"hash/crc32"
)

// Compressed RTF, as a winmail.dat has it (MS-OXRTFCP): a header of sixteen bytes, then runs of
// eight pieces, each a byte or a place in what was said before.
const (
	rtfCompressed   = 0x75465a4c // "LZFu"
	rtfUncompressed = 0x414c454d // "MELA"
	rtfHead         = 16
	rtfWindow       = 4096
	maxRTF          = 4 << 20 // bytes of RTF that are unpacked: much of it is fonts and colours
)

// rtfBefore is what the window holds at the start (MS-OXRTFCP, 2.1.2.1).
const rtfBefore = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0` +
	"\r\n" + `\par \pard\plain\f0\fs20\b\i\u\tab\tx`

// unpackRTF unpacks what it can; whole is false when it is none, broke off, was altered, or is
// longer than is read of it.
func unpackRTF(b []byte) (rtf []byte, whole bool) {
	if len(b) < rtfHead {
		return nil, false
	}
	size, kind, sum := binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:])
	packed := b[rtfHead:]
	if named := binary.LittleEndian.Uint32(b); named >= rtfHead-4 && uint64(named)-(rtfHead-4) < uint64(len(packed)) {
		packed = packed[:named-(rtfHead-4)]
	}
	switch kind {
	case rtfUncompressed:
		n := min(uint64(size), uint64(len(packed)), maxRTF)
		return packed[:n], n == uint64(size)
	case rtfCompressed:
		rtf, ended := inflateRTF(packed)
		return rtf, ended && rtfSum(packed) == sum
	default:
		return nil, false
	}
}

// rtfSum is CRC-32 begun with zero and not turned round at the end (MS-OXRTFCP, 2.1.3.2).
func rtfSum(b []byte) uint32 { return ^crc32.Update(^uint32(0), crc32.IEEETable, b) }

// inflateRTF is MS-OXRTFCP, 2.2; ended says that it came to its own end.
func inflateRTF(packed []byte) (out []byte, ended bool) {
	var window [rtfWindow]byte
	at := copy(window[:], rtfBefore)
	say := func(c byte) {
		out = append(out, c)
		window[at] = c
		at = (at + 1) % rtfWindow
	}
	for len(packed) > 0 && len(out) < maxRTF {
		run := packed[0]
		packed = packed[1:]
		for bit := 0; bit < 8; bit++ {
			if run>>bit&1 == 0 {
				if len(packed) == 0 {
					return out, false
				}
				say(packed[0])
				packed = packed[1:]
				continue
			}
			if len(packed) < 2 {
				return out, false
			}
			place := binary.BigEndian.Uint16(packed)
			packed = packed[2:]
			from := int(place >> 4)
			if from == at {
				return out, true
			}
			for range place&15 + 2 {
				say(window[from])
				from = (from + 1) % rtfWindow
			}
		}
	}
	return out, false
}
