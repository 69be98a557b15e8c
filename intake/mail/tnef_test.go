package mail

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// packed is one attribute of a winmail.dat.
func packed(level byte, id uint32, data string) string {
	b := binary.LittleEndian.AppendUint32([]byte{level}, id)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	return string(b) + data + "\x00\x00"
}

// winmail is a mail with a winmail.dat of attributes.
func winmail(attributes ...string) string {
	whole := "\x78\x9f\x3e\x22\x01\x00" + strings.Join(attributes, "")
	return "Subject: x\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		base64.StdEncoding.EncodeToString([]byte(whole)) + "\r\n"
}

// TestTNEF: files and text come out of a winmail.dat; one that is cut off gives what is
// there.
func TestTNEF(t *testing.T) {
	file := packed(2, tnefAttachData, strings.Repeat("picture", 2000))
	title := packed(2, 0x00018010, "a.jpg\x00")
	body := packed(1, tnefBody, "the field behind the school\x00")
	for name, c := range map[string]struct {
		raw   string
		files int
		flags []string
		text  string
	}{
		"two files and a text": {winmail(body, packed(2, 0x00069002, "x"), file, title, packed(2, tnefAttachData, "two")), 2, []string{"tnef:2"}, "x\n\nthe field behind the school"},
		"nothing":              {winmail(packed(1, 0x00089006, "v")), 0, []string{"tnef:0"}, "x"},
		"cut":                  {winmail(body, file[:9000]), 1, []string{"damaged", "tnef:1"}, "x\n\nthe field behind the school"},
		"a length that lies":   {winmail(packed(2, tnefAttachData, "two"), "\x02\x0f\x80\x06\x00\xff\xff\xff\xffabc"), 2, []string{"damaged", "tnef:2"}, "x"},
		"no winmail.dat":       {"Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\nhello", 1, []string{"tnef:0"}, ""},
	} {
		got := decode(t, c.raw)
		slices.Sort(got.report.Flags)
		if len(got.files) != c.files || !slices.Equal(got.report.Flags, c.flags) || got.report.Words.Text != c.text {
			t.Errorf("%s: %d files, %v, %q", name, len(got.files), got.report.Flags, got.report.Words.Text)
		}
	}
}

// prop is one property of a list: of a type, with an id and its bytes.
func prop(kind, id uint16, value string) string {
	b := binary.LittleEndian.AppendUint16(nil, kind)
	b = binary.LittleEndian.AppendUint16(b, id)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(value)))
	return string(b) + value + strings.Repeat("\x00", -len(value)&3)
}

func props(list ...string) string {
	return string(binary.LittleEndian.AppendUint32(nil, uint32(len(list)))) + strings.Join(list, "")
}

func wide(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}

// TestTNEFNames: files get the names that stand before or behind their bytes, the long one
// if there is one, and the text comes out of the properties, once.
func TestTNEFNames(t *testing.T) {
	begin := packed(2, tnefAttachBegin, "x")
	fixed := "\x0b\x00\x01\x0e\x01\x00\x00\x00" // a boolean
	named := "\x1e\x00\x01\x80" + strings.Repeat("g", 16) + "\x01\x00\x00\x00" + "\x06\x00\x00\x00a\x00b\x00c\x00\x00\x00" + prop(0, 0, "named")[4:]
	raw := winmail(packed(1, tnefCodepage, "\xa8\x03\x00\x00\x00\x00\x00\x00"), // 936
		packed(1, tnefProperties, props(fixed, named, prop(mapiWide, mapiBody, wide("村北有人挖沙")))),
		begin, packed(2, tnefAttachTitle, "\xcd\xbc.jpg\x00"), packed(2, tnefAttachData, "one"),
		begin, packed(2, tnefAttachData, "two"), packed(2, tnefAttachTitle, "b~1.txt\x00"), packed(2, tnefAttachProps, props(prop(mapiWide, mapiLongName, wide("a long name.txt")))),
		begin, packed(2, tnefAttachData, "three"))
	got := decode(t, raw)
	var names []string
	for i, f := range got.files {
		if later, ok := got.report.Renamed[i]; ok {
			f.name = later
		}
		names = append(names, f.name)
	}
	if !slices.Equal(names, []string{"图.jpg", "a long name.txt", "winmail.dat"}) || got.report.Words.Text != "x\n\n村北有人挖沙" {
		t.Errorf("%q, %q, %v", names, got.report.Words.Text, got.report.Flags)
	}
	plain := multipart("mixed", part("text/plain", "the same\r\nwords"), "Content-Type: application/ms-tnef\r\n\r\n"+"\x78\x9f\x3e\x22\x01\x00"+packed(1, tnefBody, "the same words\x00"))
	if got := decode(t, plain); strings.Count(got.report.Words.Text, "the same") != 1 {
		t.Errorf("the text stands there twice: %q", got.report.Words.Text)
	}
	for name, list := range map[string]string{"many": "\xff\xff\xff\xff", "long": props("\x1e\x00\x00\x10\x01\x00\x00\x00\xff\xff\xff\xffx"), "values": props("\x02\x10\x00\x10\xff\xff\xff\xff")} {
		if got := decode(t, winmail(packed(1, tnefProperties, list))); got.report.Words.Text != "x" || slices.Contains(got.report.Flags, FlagFault) {
			t.Errorf("%s: %q, %v", name, got.report.Words.Text, got.report.Flags)
		}
	}
}
