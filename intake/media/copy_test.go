package media

import (
	"bytes"
	"errors"
	"hash/crc32"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestHowTheBytesArriveMakesNoDifference(t *testing.T) {
	for name, data := range map[string][]byte{
		"jpeg": dirtyJPEG(t, 6), "png": afterIHDR(drawing(t, noise(40, 40, 1)), secrets()...),
		"text": []byte(complaint), "gb": []byte(encoded(t, "GB18030")), "pdf": []byte("%PDF-1.7\n" + canary),
	} {
		want, wantOut := clean(t, data)
		for way, src := range map[string]io.Reader{
			"one byte": iotest.OneByteReader(bytes.NewReader(data)), "halves": iotest.HalfReader(bytes.NewReader(data)),
			"data with EOF": iotest.DataErrReader(bytes.NewReader(data)),
		} {
			var out bytes.Buffer
			got, err := Copy(src, func(string) (io.Writer, error) { return &out, nil })
			if diff := cmp.Diff(want, got); err != nil || diff != "" || !bytes.Equal(out.Bytes(), wantOut) {
				t.Errorf("%s, %s: %v %s", name, way, err, diff)
			}
		}
	}
}

func TestTheCopysTypeIsAnnounced(t *testing.T) {
	for want, data := range map[string][]byte{
		"image/jpeg": photo(t, 9, 9, 1), "image/png": drawing(t, noise(9, 9, 1)), "text/plain; charset=utf-8": []byte(complaint),
	} {
		_, err := Copy(bytes.NewReader(data), func(got string) (io.Writer, error) {
			if got != want {
				t.Errorf("%s, want %s", got, want)
			}
			return io.Discard, nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestErrorsOfTheSourceComeThrough(t *testing.T) {
	broken := errors.New("the line went down")
	for name, data := range map[string][]byte{
		"jpeg": dirtyJPEG(t, 6), "png": afterIHDR(drawing(t, noise(9, 9, 1)), secrets()...),
		"text": []byte(complaint), "utf-16": []byte(encoded(t, "UTF-16LE")), "pdf": []byte("%PDF-1.7\n"),
	} {
		for n := 0; n <= len(data); n += 1 + n/20 {
			src := io.MultiReader(bytes.NewReader(data[:n]), iotest.ErrReader(broken))
			r, err := Copy(src, func(string) (io.Writer, error) { return io.Discard, nil })
			if err != broken || r.Clean || r.Size != int64(n) {
				t.Fatalf("%s after %d bytes: %+v, %v", name, n, r, err)
			}
		}
	}
}

type failing struct {
	after int
	err   error
}

func (f *failing) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, f.err
	}
	return len(p), nil
}

func TestErrorsOfTheWriterComeThrough(t *testing.T) {
	full := errors.New("the disk is full")
	for name, data := range map[string][]byte{
		"jpeg": photo(t, 200, 200, 1), "png": drawing(t, noise(200, 200, 1)), "text": []byte(strings.Repeat(complaint, 900)),
	} {
		for _, after := range []int{0, 5000, len(data) - 1} {
			r, err := Copy(bytes.NewReader(data), func(string) (io.Writer, error) { return &failing{after, full}, nil })
			if err != full || r.Clean {
				t.Errorf("%s after %d bytes: %+v, %v", name, after, r, err)
			}
		}
		if r, err := Copy(bytes.NewReader(data), func(string) (io.Writer, error) { return nil, full }); err != full || r.Clean {
			t.Errorf("%s can't be opened: %+v, %v", name, r, err)
		}
	}
}

// endless repeats a piece.
type endless struct {
	piece []byte
	at    int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.piece[e.at:])
	e.at = (e.at + n) % len(e.piece)
	return n, nil
}

func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	const size = 200 << 20
	piece := bytes.Repeat([]byte("entropy \xFF\x00"), 800)
	many := func() io.Reader { return io.LimitReader(&endless{piece: piece}, size) }
	plain := drawing(t, noise(9, 9, 1))
	sum := crc32.NewIEEE()
	if _, err := io.Copy(sum, io.MultiReader(strings.NewReader("IDAT"), many())); err != nil {
		t.Fatal(err)
	}
	for name, src := range map[string]io.Reader{
		"jpeg":     io.MultiReader(strings.NewReader(greyHead(0xC0, 8, 8)+scanHead(0, 63)), many(), strings.NewReader("\xFF\xD9")),
		"png":      io.MultiReader(bytes.NewReader(plain[:33]), strings.NewReader("\x0C\x80\x00\x00IDAT"), many(), bytes.NewReader(sum.Sum(nil)), strings.NewReader(chunk("IEND", ""))),
		"trailing": io.MultiReader(bytes.NewReader(photo(t, 9, 9, 1)), many()),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			r, err := Copy(src, func(string) (io.Writer, error) { return io.Discard, nil })
			runtime.ReadMemStats(&after)
			if err != nil || !r.Clean || r.Size < size {
				t.Fatalf("%+v, %v", r, err)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 128<<10 {
				t.Errorf("%d bytes of memory", used)
			}
		})
	}
}
