package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"filippo.io/age"
	"pgregory.net/rapid"
)

// refused says that err is one that a damaged file may give. A changed stanza is a file to somebody else.
func refused(err error) bool { return errors.Is(err, ErrSealed) || errors.Is(err, ErrKey) }

func TestAnyFlippedBitIsRefused(t *testing.T) {
	id := newKey(t)
	sealed := mustSeal(t, ctx(), []byte("a field beside the river"), id.Recipient())
	header := bytes.Index(sealed, []byte("\n---")) + 4 + 1 + 43 + 1 // "---", a space, the MAC, a line end
	flip := func(bit int) error {
		changed := bytes.Clone(sealed)
		changed[bit/8] ^= 1 << (bit % 8)
		_, err := OpenBytes(changed, ctx(), id)
		return err
	}
	for bit := range 8 * (header + 16) { // and the nonce
		if err := flip(bit); !refused(err) {
			t.Fatalf("bit %d of the header: %v", bit, err)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		bit := rapid.IntRange(8*header, 8*len(sealed)-1).Draw(rt, "bit")
		if err := flip(bit); !errors.Is(err, ErrSealed) {
			rt.Fatalf("bit %d of the body: %v", bit, err)
		}
	})
}

func TestAnyCutOrAddedByteIsRefused(t *testing.T) {
	id := newKey(t)
	// Longer than a chunk, so that cuts at a chunk's border are among them.
	sealed := mustSeal(t, ctx(), bytes.Repeat([]byte("x"), 200_000), id.Recipient())
	for n := 0; n < len(sealed); n += 1 + n/40 {
		if _, err := OpenBytes(sealed[:n], ctx(), id); !refused(err) {
			t.Fatalf("cut to %d of %d bytes: %v", n, len(sealed), err)
		}
	}
	body := len(sealed) % (chunkSize + 16)
	for name, changed := range map[string][]byte{
		"last byte":  sealed[:len(sealed)-1],
		"last chunk": sealed[:len(sealed)-body],
		"added":      append(bytes.Clone(sealed), 0),
		"twice":      append(bytes.Clone(sealed), sealed...),
	} {
		if _, err := OpenBytes(changed, ctx(), id); !refused(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAChangeInTheMiddleEndsTheReadAndHandsOutNothingOfIt(t *testing.T) {
	id := newKey(t)
	content := bytes.Repeat([]byte("0123456789abcdef"), 20_000)
	sealed := mustSeal(t, ctx(), content, id.Recipient())
	sealed[len(sealed)/2] ^= 1
	r, err := Open(bytes.NewReader(sealed), int64(len(sealed)), ctx(), id)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if !errors.Is(err, ErrSealed) || !bytes.HasPrefix(content, got) || len(got) > len(content)/2 {
		t.Errorf("read %d bytes, %v", len(got), err)
	}
}

// forge makes a valid age file around any plaintext, as whoever knows the recipient can.
func forge(t testing.TB, plaintext string, to *age.HybridRecipient) []byte {
	t.Helper()
	var dst bytes.Buffer
	w, err := age.Encrypt(&dst, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, plaintext); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return dst.Bytes()
}

// forgeries are plaintexts that are not of the format, for the context ctx().
func forgeries() map[string]string {
	line := string(ctx().line())
	whole := func(total, length int, pad string) string {
		return line + "abc" + strings.Repeat(pad, total-len(line)-3-lengthSize) + fmt.Sprintf("%0*d", lengthSize, length)
	}
	end := func(digits string) string { return whole(minTotal, 3, "\x00")[:minTotal-lengthSize] + digits }
	return map[string]string{
		"empty":                "",
		"short":                line + "abc" + "00000000000000000003",
		"one byte short":       whole(minTotal-1, 3, "\x00"),
		"one byte long":        whole(minTotal+1, 3, "\x00"),
		"next size":            whole(int(padded(minTotal+1)), 3, "\x00"),
		"padding not zero":     whole(minTotal, 3, "\x01"),
		"length too small":     whole(minTotal, 2, "\x00"),
		"length over the end":  whole(minTotal, minTotal, "\x00"),
		"length takes itself":  whole(minTotal, minTotal-len(line)-lengthSize+1, "\x00"),
		"length negative":      end("-0000000000000000003"),
		"length with a sign":   end("+0000000000000000003"),
		"length with spaces":   end("                   3"),
		"length underlined":    end("0000000000000000_003"),
		"length in hex":        end("0x000000000000000003"),
		"length over 63 bits":  end("99999999999999999999"),
		"length full of zeros": end(strings.Repeat("\x00", lengthSize)),
	}
}

func TestForgedPlaintextsAreRefused(t *testing.T) {
	id := newKey(t)
	for name, plaintext := range forgeries() {
		if _, err := OpenBytes(forge(t, plaintext, id.Recipient()), ctx(), id); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: %v, want ErrSealed", name, err)
		}
	}
	for name, line := range map[string]string{
		"another version": "tipline/2 0123456789abcdef report text inward\n",
		"a carriage":      "tipline/1 0123456789abcdef report text inward\r\n",
		"two spaces":      "tipline/1  0123456789abcdef report text inward\n",
		"a word more":     "tipline/1 0123456789abcdef report text inward x\n",
	} {
		plaintext := line + strings.Repeat("\x00", minTotal-len(line)-lengthSize) + strings.Repeat("0", lengthSize)
		if _, err := OpenBytes(forge(t, plaintext, id.Recipient()), ctx(), id); !errors.Is(err, ErrContext) {
			t.Errorf("%s: %v, want ErrContext", name, err)
		}
	}
}

// failing is a source whose reads fail from an offset on.
type failing struct {
	data []byte
	from int64
}

func (f failing) ReadAt(b []byte, off int64) (int, error) {
	if off+int64(len(b)) > f.from {
		return 0, os.ErrDeadlineExceeded
	}
	return bytes.NewReader(f.data).ReadAt(b, off)
}

func TestTroubleOfTheSourceIsNoDamage(t *testing.T) {
	id := newKey(t)
	sealed := mustSeal(t, ctx(), bytes.Repeat([]byte("x"), 300_000), id.Recipient())
	for _, from := range []int64{0, 100, 3000, 100_000, int64(len(sealed)) - 1} {
		_, err := Open(failing{sealed, from}, int64(len(sealed)), ctx(), id)
		if !errors.Is(err, os.ErrDeadlineExceeded) || refused(err) {
			t.Errorf("a source that fails at %d: %v", from, err)
		}
	}
}

func TestTroubleOfTheDestinationIsNeverAFile(t *testing.T) {
	to := []*age.HybridRecipient{newKey(t).Recipient()}
	content := bytes.Repeat([]byte("x"), 300_000)
	var whole bytes.Buffer
	if w, err := NewNestedWriter(&whole, ctx(), to, to); err != nil || copyAndClose(w, content) != nil {
		t.Fatal(err)
	}
	for _, room := range []int64{0, 10, 2000, 100_000, int64(whole.Len()) - 1} {
		w, err := NewNestedWriter(&limited{room}, ctx(), to, to)
		if err == nil {
			err = copyAndClose(w, content)
		}
		if !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("with room for %d bytes: %v", room, err)
		}
	}
}

// copyAndClose closes even after a failure, as a careless caller may; the failure must come out again.
func copyAndClose(w io.WriteCloser, content []byte) error {
	_, _ = io.Copy(w, iotest.OneByteReader(bytes.NewReader(content[:100])))
	_, _ = w.Write(content[100:])
	return w.Close()
}

// limited is a disk that fills up.
type limited struct{ room int64 }

func (l *limited) Write(p []byte) (int, error) {
	if l.room -= int64(len(p)); l.room < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

// TestACloseThatFailedFailsForGood: the padding crosses into a second chunk, and the disk is full for one write alone; a
// second Close must not complete a file with a hole in it.
func TestACloseThatFailedFailsForGood(t *testing.T) {
	to := newKey(t).Recipient()
	content := bytes.Repeat([]byte("x"), chunkSize-len(ctx().line())-1)
	for bad := 0; ; bad++ {
		dst := &hiccup{}
		w, err := NewWriter(dst, ctx(), to)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
		dst.fails = dst.writes + bad
		if err := w.Close(); err == nil {
			if bad < 2 {
				t.Errorf("Close wrote %d times: the padding doesn't cross", bad)
			}
			return
		}
		if err := w.Close(); err == nil {
			t.Errorf("a second Close completes what lost its write %d", bad)
		}
	}
}

// hiccup is a disk that takes all but one write.
type hiccup struct{ writes, fails int }

func (h *hiccup) Write(p []byte) (int, error) {
	if h.writes++; h.fails > 0 && h.writes == h.fails+1 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestAClosedWriterTakesNoMore(t *testing.T) {
	w, err := NewWriter(io.Discard, ctx(), newKey(t).Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("x")); !errors.Is(err, errClosed) {
		t.Errorf("a write after Close: %v", err)
	}
	if err := w.Close(); !errors.Is(err, errClosed) {
		t.Errorf("a second Close: %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	// From disk: every worker process must know the same one good file.
	id := testKey(f, "desk.key")
	good, err := os.ReadFile("testdata/short.age")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good, int64(len(good)))
	f.Add(good[:100], int64(1<<40))
	f.Add([]byte("age-encryption.org/v1\n"), int64(-1))
	for _, plaintext := range forgeries() {
		sealed := forge(f, plaintext, id.Recipient())
		f.Add(sealed, int64(len(sealed)))
	}
	f.Fuzz(func(t *testing.T, sealed []byte, size int64) {
		r, err := Open(bytes.NewReader(sealed), size, ctx(), id)
		if err != nil {
			if !refused(err) && !errors.Is(err, ErrContext) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		if !bytes.Equal(sealed[:size], good) {
			t.Fatalf("opened %d bytes that were never sealed", r.Size())
		}
	})
}
