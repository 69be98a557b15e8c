package seal

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"filippo.io/age"
)

// BenchmarkSeal puts our sealing beside bare age on the same content, and opening beside it.
func BenchmarkSeal(b *testing.B) {
	id := newKey(b)
	for _, size := range []int{2 << 10, 1 << 20, 25 << 20} {
		content := make([]byte, size)
		b.Run(fmt.Sprintf("ours/%d", size), func(b *testing.B) {
			measure(b, content, func() (io.WriteCloser, error) { return NewWriter(io.Discard, ctx(), id.Recipient()) })
		})
		b.Run(fmt.Sprintf("age/%d", size), func(b *testing.B) {
			measure(b, content, func() (io.WriteCloser, error) { return age.Encrypt(io.Discard, id.Recipient()) })
		})
		sealed := mustSeal(b, ctx(), content, id.Recipient())
		b.Run(fmt.Sprintf("open/%d", size), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				r, err := Open(bytes.NewReader(sealed), int64(len(sealed)), ctx(), id)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func measure(b *testing.B, content []byte, open func() (io.WriteCloser, error)) {
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		w, err := open()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
