package mail

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
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
