package media

import (
	"bytes"
	"reflect"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

func FuzzCopy(f *testing.F) {
	f.Add(dirtyJPEG(f, 6))
	f.Add(restarted(1, 0, 1, 2))
	f.Add([]byte(greyHead(0xC2, 16, 16) + scanHead(0, 0) + "\x0F\xFF\xD9"))
	for _, plain := range drawings(f) {
		f.Add(afterIHDR(plain, secrets()[:9]...))
	}
	f.Add([]byte(complaint))
	f.Add([]byte("\xFF\xFEa\x00\r\x00"))
	f.Add([]byte("%PDF-1.7"))
	for _, r := range recordings(f) {
		f.Add(r.data)
	}
	for _, name := range []string{"doc.docx", "sheet.xlsx"} {
		f.Add(sample(f, name))
	}
	f.Add(packed(f, letter(f)))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, once := clean(t, data)
		if slow, same := cleanFrom(t, iotest.OneByteReader(bytes.NewReader(data)), len(data)); !reflect.DeepEqual(slow, r) || !bytes.Equal(once, same) {
			t.Fatalf("byte by byte it is %+v, %q; at once %+v, %q", slow, same, r, once)
		}
		if !r.Clean {
			return
		}
		if err := rescan(r.Kind, once); err != nil {
			t.Fatalf("%s: %v", r.Kind, err)
		}
		if r.Kind == Text && !utf8.Valid(once) {
			t.Fatalf("%q", once)
		}
		again, twice := clean(t, once)
		if !again.Clean || !bytes.Equal(once, twice) {
			t.Fatalf("%+v: %q became %q", again, once, twice)
		}
	})
}
