package media

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// compound is a file of MS-CFB whose first stream begins with first, and whose directory holds a name.
func compound(first []byte, name string) []byte {
	b := make([]byte, 512, 40<<10)
	copy(b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	b = append(b, first...)
	b = append(b, make([]byte, 33_000-len(b))...)
	b = append(b, utf16LE(name)...)
	return append(b, make([]byte, 2000)...)
}

// record is a workbook's (MS-XLS, 2.1.4).
func record(kind, size int) []byte {
	b := binary.LittleEndian.AppendUint16(nil, uint16(kind))
	return append(binary.LittleEndian.AppendUint16(b, uint16(size)), make([]byte, size)...)
}

func rar5(blocks ...string) []byte {
	out := "Rar!\x1a\x07\x01\x00"
	for _, b := range blocks {
		out += "CRC!" + string(rune(len(b))) + b
	}
	return []byte(out)
}

// TestLocked: what a password locks is told from what only has no clean copy, however slowly it comes.
func TestLocked(t *testing.T) {
	files := map[string][]byte{
		"plain.doc":           compound([]byte("\xec\xa5\xc1\x00\x00\x00\x00\x00\x00\x00\x00\x12"), "WordDocument"),
		"locked.doc":          compound([]byte("\xec\xa5\xc1\x00\x00\x00\x00\x00\x00\x00\x00\x13"), "WordDocument"),
		"plain.xls":           compound(append(record(0x809, 16), record(0x42, 2)...), "Workbook"),
		"locked.xls":          compound(append(record(0x809, 16), record(0x2f, 54)...), "Workbook"),
		"locked.docx":         compound(nil, "EncryptedPackage"),
		"plain.ole":           compound(nil, "Contents"),
		"plain5.rar":          rar5("\x01\x00\x00", "\x02\x02\x05abcde"),
		"locked5.rar":         rar5("\x01\x00\x00", "\x02\x03\x04\x05ab\x03\x01xx"),
		"plain5 extra.rar":    rar5("\x01\x00\x00", "\x02\x03\x04\x05ab\x03\x02xx"),
		"lockedhead5.rar":     rar5("\x04\x00\x00"),
		"plain4.rar":          []byte("Rar!\x1a\x07\x00CC\x73\x00\x00\x0d\x00\x00\x00\x00\x00\x00\x00CC\x74\x00\x80\x20\x00rest"),
		"locked4.rar":         []byte("Rar!\x1a\x07\x00CC\x73\x00\x00\x0d\x00\x00\x00\x00\x00\x00\x00CC\x74\x04\x80\x20\x00rest"),
		"lockedhead4.rar":     []byte("Rar!\x1a\x07\x00CC\x73\x80\x00\x0d\x00\x00\x00\x00\x00\x00\x00rest"),
		"plain short.7z":      []byte("7z\xbc\xaf\x27\x1c\x00\x04"),
		"plain beyond.7z":     append([]byte("7z\xbc\xaf\x27\x1c\x00\x04CRC!"), bytes.Repeat([]byte{0xff}, 40)...),
		"plain empty":         nil,
		"plain signature.rar": []byte("Rar!\x1a\x07\x01\x00"),
	}
	kept, err := filepath.Glob("testdata/locked/*")
	if err != nil || len(kept) < 5 {
		t.Fatalf("%d files, %v", len(kept), err)
	}
	for _, path := range kept {
		if strings.HasSuffix(path, ".pdf") {
			continue // package pdf's
		}
		if files[filepath.Base(path)], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	for name, b := range files {
		for _, src := range []io.Reader{bytes.NewReader(b), iotest.OneByteReader(bytes.NewReader(b))} {
			r, err := Copy(src, func(string) (io.Writer, error) { return io.Discard, nil })
			if want := strings.HasPrefix(name, "locked"); err != nil || (r.Reason == ReasonLocked) != want || r.Size != int64(len(b)) {
				t.Errorf("%s: %+v, %v", name, r, err)
			}
		}
	}
}

// FuzzLocked: no file makes it panic or take much.
func FuzzLocked(f *testing.F) {
	kept, _ := filepath.Glob("testdata/locked/*")
	for _, path := range kept {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(rar5("\x01\x00\x00", "\x02\x03\x04\x05ab\x03\x01xx"))
	f.Add(compound(append(record(0x809, 16), record(0x2f, 54)...), "Workbook"))
	f.Fuzz(func(t *testing.T, b []byte) {
		isLocked(b[:min(len(b), headSize)], b, int64(len(b)), false)
	})
}
