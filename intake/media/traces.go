package media

import (
	"bytes"
	"encoding/binary"
	"iter"
	"slices"
)

// The codes in [Result.Removed]: what the file told besides what it shows.
const (
	RemovedPlace  = "place"  // where it was taken
	RemovedTime   = "time"   // when it was taken or written
	RemovedDevice = "device" // a camera, a phone, a program
	RemovedPerson = "person" // an author, an owner
	RemovedNotes  = "notes"  // descriptions, comments, anything else in words
)

// removed notes what a clean copy no longer carries, each kind once.
func (r *Result) removed(codes ...string) {
	for _, code := range codes {
		if !slices.Contains(r.Removed, code) {
			r.Removed = append(r.Removed, code)
		}
	}
}

// The tags of EXIF 2.32 that lead to further directories.
const (
	tagExif = 0x8769
	tagGPS  = 0x8825
)

// traceOf are the tags of EXIF 2.32 (4.6.4 to 4.6.6) and of Windows' own that tell something of somebody.
func traceOf(tag uint16) string {
	switch tag {
	case 0x010F, 0x0110, 0x0131, 0x013C, 0x927C, 0xA431, 0xA433, 0xA434, 0xA435:
		return RemovedDevice
	case 0x0132, 0x9003, 0x9004:
		return RemovedTime
	case 0x013B, 0x8298, 0xA430, 0x9C9D:
		return RemovedPerson
	case 0x010E, 0x9286, 0x9C9B, 0x9C9C, 0x9C9E, 0x9C9F:
		return RemovedNotes
	}
	return ""
}

// traces notes what a TIFF structure with EXIF in it tells. What is cut short or damaged tells what can be read.
func (r *Result) traces(tiff []byte) {
	order := tiffOrder(tiff)
	if order == nil {
		return
	}
	r.tracesIn(tiff, order, order.Uint32(tiff[4:]))
	for e := range directory(tiff, order, order.Uint32(tiff[4:])) {
		switch order.Uint16(e) {
		case tagExif:
			r.tracesIn(tiff, order, order.Uint32(e[8:]))
		case tagGPS:
			for g := range directory(tiff, order, order.Uint32(e[8:])) {
				if order.Uint16(g) != 0 { // the version alone tells nothing
					r.removed(RemovedPlace)
				}
			}
		}
	}
}

func (r *Result) tracesIn(tiff []byte, order binary.ByteOrder, at uint32) {
	for e := range directory(tiff, order, at) {
		if code := traceOf(order.Uint16(e)); code != "" {
			r.removed(code)
		}
	}
}

// tiffOrder is the byte order of a TIFF structure, nil if it is none.
func tiffOrder(tiff []byte) binary.ByteOrder {
	switch {
	case len(tiff) < 8:
		return nil
	case bytes.HasPrefix(tiff, []byte("II*\x00")):
		return binary.LittleEndian
	case bytes.HasPrefix(tiff, []byte("MM\x00*")):
		return binary.BigEndian
	}
	return nil
}

// directory yields the entries of a directory, twelve bytes each, as far as they are there.
func directory(tiff []byte, order binary.ByteOrder, at uint32) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if int64(at)+2 > int64(len(tiff)) {
			return
		}
		entries := tiff[at:]
		count := order.Uint16(entries)
		for entries = entries[2:]; count > 0 && len(entries) >= 12; count, entries = count-1, entries[12:] {
			if !yield(entries[:12]) {
				return
			}
		}
	}
}
