package mail

import (
	"cmp"
	"encoding/binary"
)

// The properties that are read out of a winmail.dat (MS-OXPROPS).
const (
	mapiBody     = 0x1000
	mapiRTF      = 0x1009
	mapiHTML     = 0x1013
	mapiFileName = 0x3704
	mapiLongName = 0x3707
)

// The types of properties (MS-OXCDATA, 2.11.1).
const (
	mapiNarrow = 0x001e // text in the code page
	mapiWide   = 0x001f // text in UTF-16
	mapiBinary = 0x0102
	mapiObject = 0x000d
	mapiMany   = 0x1000 // several of a type
	mapiNamed  = 0x8000 // ids from here on have names
)

// properties are the texts, and the packed RTF, in a list of properties (MS-OXTNEF, 2.1.3.4). A list that breaks off
// gives what stands before.
func properties(b []byte, charset string) map[uint16]string {
	out := map[uint16]string{}
	c := cursor{rest: b}
	for range c.number() {
		kind, id := c.short(), c.short()
		if id >= mapiNamed {
			c.named()
		}
		values := uint32(1)
		single := kind &^ mapiMany
		if kind != single || variable(single) {
			values = c.number()
		}
		for range values {
			if c.bad {
				return out
			}
			value := c.value(single)
			if !c.bad && wanted(id) && out[id] == "" {
				out[id] = propertyText(id, single, value, charset)
			}
		}
		if c.bad {
			return out
		}
	}
	return out
}

func wanted(id uint16) bool {
	return id == mapiBody || id == mapiHTML || id == mapiRTF || id == mapiFileName || id == mapiLongName
}

func propertyText(id, kind uint16, value []byte, charset string) string {
	if id == mapiRTF { // packed still
		return string(value)
	}
	switch kind {
	case mapiNarrow:
		return toUTF8(value, charset)
	case mapiWide:
		return toUTF8(value, "utf-16le")
	case mapiBinary: // HTML
		return toUTF8(value, cmp.Or(metaCharset(value), charset))
	}
	return ""
}

func variable(kind uint16) bool {
	return kind == mapiNarrow || kind == mapiWide || kind == mapiBinary || kind == mapiObject
}

// cursor walks over little-endian numbers.
type cursor struct {
	rest []byte
	bad  bool
}

func (c *cursor) take(n int) []byte {
	if c.bad = c.bad || n < 0 || n > len(c.rest); c.bad {
		return nil
	}
	b := c.rest[:n]
	c.rest = c.rest[n:]
	return b
}

func (c *cursor) short() uint16 {
	if b := c.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (c *cursor) number() uint32 {
	if b := c.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// sized takes bytes behind their number, and what pads them to four.
func (c *cursor) sized() []byte {
	n := c.number()
	if c.bad = c.bad || uint64(n) > uint64(len(c.rest)); c.bad {
		return nil
	}
	b := c.take(int(n))
	c.take(min(len(c.rest), int(-n&3)))
	return b
}

// named passes over the name of a property: a set of names, then a number or a text.
func (c *cursor) named() {
	c.take(16)
	if c.number() == 0 {
		c.take(4)
		return
	}
	c.sized()
}

func (c *cursor) value(kind uint16) []byte {
	if variable(kind) {
		return c.sized()
	}
	switch kind {
	case 0x0048: // a GUID
		return c.take(16)
	case 0x0005, 0x0006, 0x0007, 0x0014, 0x0040: // eight bytes each
		return c.take(8)
	default:
		return c.take(4)
	}
}

// codepage is the charset of a Windows code page.
func codepage(b []byte) string {
	if len(b) < 4 {
		return ""
	}
	return pageOf(int(binary.LittleEndian.Uint32(b)))
}

func firstOf(p map[uint16]string, ids ...uint16) string {
	for _, id := range ids {
		if p[id] != "" {
			return p[id]
		}
	}
	return ""
}
