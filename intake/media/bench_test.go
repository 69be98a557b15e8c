package media

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"testing"
)

// BenchmarkCopy compares Copy, for a photo of 256 KB and others of that size, with reading the same bytes
// and doing nothing.
func BenchmarkCopy(b *testing.B) {
	picture := afterSOI(photo(b, 632, 480, 1), exif(binary.LittleEndian, 6))
	for _, c := range []struct {
		name string
		data []byte
	}{
		{"jpeg", picture},
		{"png", drawing(b, noise(340, 340, 1))},
		{"text", []byte(strings.Repeat(complaint, 2500))},
		{"other", append([]byte("%PDF-1.7\n"), picture...)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Copy(bytes.NewReader(c.data), func(string) (io.Writer, error) { return io.Discard, nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("discard", func(b *testing.B) {
		b.SetBytes(int64(len(picture)))
		for b.Loop() {
			// Without WriterTo, as what comes from a network is.
			if _, err := io.Copy(io.Discard, struct{ io.Reader }{bytes.NewReader(picture)}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
