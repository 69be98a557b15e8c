package blob_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tipline/intake"
	"tipline/intake/blob"
)

var (
	beijing = time.FixedZone("UTC+8", 8*60*60)
	today   = time.Date(2026, 3, 1, 15, 4, 5, 6, beijing)
)

type failing interface {
	Helper()
	Fatal(args ...any)
}

func check(t failing, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB) (*blob.Dir, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "blobs")
	d, err := blob.Open(path, blob.Options{Loc: beijing, Now: func() time.Time { return today }})
	check(t, err)
	t.Cleanup(func() { d.Close() })
	return d, path
}

// files are all files below dir, with what they hold.
func files(t failing, dir string) map[string]int64 {
	t.Helper()
	out := map[string]int64{}
	check(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			name, _ := filepath.Rel(dir, path)
			out[filepath.ToSlash(name)] = info.Size()
		}
		return err
	}))
	return out
}

func create(t failing, d *blob.Dir, tip string, content []byte) intake.BlobWriter {
	t.Helper()
	w, err := d.Create(tip, intake.CompartmentClean)
	check(t, err)
	_, err = w.Write(content)
	check(t, err)
	return w
}

// Whatever is written and truncated, the container holds it, in its row or in its
// file, and nothing else is left.
func TestContainerHoldsWhatWasWritten(t *testing.T) {
	d, path := open(t)
	rapid.Check(t, func(t *rapid.T) {
		tip := intake.NewID()
		w, err := d.Create(tip, intake.CompartmentOriginals)
		check(t, err)
		var want []byte
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			if rapid.IntRange(0, 3).Draw(t, "step") == 0 {
				n := rapid.IntRange(0, len(want)).Draw(t, "truncate")
				want = want[:n]
				check(t, w.Truncate(int64(n)))
			} else {
				p := bytes.Repeat([]byte{rapid.Byte().Draw(t, "byte")}, rapid.SampledFrom([]int{0, 1, 500, 30_000, blob.Inline - 1, blob.Inline, blob.Inline + 1, 3*blob.Inline + 7}).Draw(t, "length"))
				want = append(want, p...)
				n, err := w.Write(p)
				if n != len(p) {
					t.Fatal("short write")
				}
				check(t, err)
			}
			if w.Offset() != int64(len(want)) {
				t.Fatalf("offset %d after %d bytes", w.Offset(), len(want))
			}
		}
		inline, err := w.Commit()
		check(t, err)
		got := inline
		if inline == nil {
			got = read(t, d, tip)
		} else if len(files(t, path)) != 0 {
			t.Fatal("a small container left a file")
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("%d bytes came back of %d", len(got), len(want))
		}
		check(t, w.Abort())
		if left := files(t, path); len(left) != 0 {
			t.Fatalf("left over: %v", left)
		}
	})
}

func read(t failing, d *blob.Dir, tip string) []byte {
	t.Helper()
	f, err := d.Open(tip, intake.CompartmentOriginals)
	check(t, err)
	defer f.Close()
	got, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
	check(t, err)
	return got
}

func TestLargeContainerTellsOnlyTheDay(t *testing.T) {
	d, path := open(t)
	tip := strings.Repeat("ab", 16)
	w := create(t, d, tip, make([]byte, blob.Inline+1))
	inline, err := w.Commit()
	check(t, err)
	if inline != nil {
		t.Fatal("a large container came back inline")
	}
	for name, mode := range map[string]fs.FileMode{"": 0o700, "tmp": 0o700, "ab": 0o700, "ab/" + tip + ".clean": 0o600} {
		info, err := os.Stat(filepath.Join(path, name))
		check(t, err)
		if info.Mode().Perm() != mode {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
		if name != "tmp" && name != "" && !info.ModTime().Equal(time.Date(2026, 3, 1, 0, 0, 0, 0, beijing)) {
			t.Errorf("%s tells the time %v", name, info.ModTime())
		}
	}
}

func TestEndedContainer(t *testing.T) {
	d, _ := open(t)
	w := create(t, d, intake.NewID(), []byte("x"))
	if w.Truncate(2) == nil || w.Truncate(-1) == nil {
		t.Error("truncated to where nothing is")
	}
	_, err := w.Commit()
	check(t, err)
	if _, err := w.Write([]byte("y")); err == nil {
		t.Error("written after the end")
	}
	if _, err := w.Commit(); err == nil {
		t.Error("committed twice")
	}
	if w.Truncate(0) == nil {
		t.Error("truncated after the end")
	}
	check(t, w.Abort())
	check(t, w.Abort())
}

func TestNames(t *testing.T) {
	d, _ := open(t)
	good := intake.NewID()
	for _, name := range [][2]string{{"", "clean"}, {"../../etc/passwd", "clean"}, {good[:31], "clean"}, {strings.ToUpper("ab" + good[2:]), "clean"},
		{good + "00", "clean"}, {good, "report"}, {good, ""}, {good, "../clean"}, {good[:30] + "/x", "clean"},
		{good, "clean-../../x"}, {good, "clean-0123456"}, {good, "clean.x"}, {good, "clean." + good + "-"}} {
		if _, err := d.Create(name[0], name[1]); !errors.Is(err, blob.ErrName) {
			t.Errorf("Create(%q): %v", name, err)
		}
		if _, err := d.Open(name[0], name[1]); !errors.Is(err, blob.ErrName) {
			t.Errorf("Open(%q): %v", name, err)
		}
	}
	if _, err := d.Open(good, intake.CompartmentClean); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("Open of none: %v", err)
	}
}

// Containers that nobody finished and those without a tip go once their whole day
// is over; a tip's never go, nor does what isn't ours.
func TestCollect(t *testing.T) {
	d, path := open(t)
	kept, orphan := intake.NewID(), intake.NewID()
	for _, tip := range []string{kept, orphan} {
		_, err := create(t, d, tip, make([]byte, blob.Inline+1)).Commit()
		check(t, err)
	}
	unfinished := create(t, d, intake.NewID(), make([]byte, 2*blob.Inline))
	check(t, os.WriteFile(filepath.Join(path, "notes.txt"), nil, 0o600))
	check(t, filepath.WalkDir(filepath.Join(path, "tmp"), func(p string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Chtimes(p, today, today))
	}))
	collect := func(now time.Time) int {
		later, err := blob.Open(path, blob.Options{Loc: beijing, Now: func() time.Time { return now }})
		check(t, err)
		defer later.Close()
		n, err := later.Collect(t.Context(), 24*time.Hour, func(tip, file string) (bool, error) { return tip == kept && file == intake.CompartmentClean, nil })
		check(t, err)
		return n
	}
	if n := collect(time.Date(2026, 3, 2, 23, 59, 59, 0, beijing)); n != 0 {
		t.Errorf("%d collected too early", n)
	}
	down := errors.New("database away")
	later, err := blob.Open(path, blob.Options{Loc: beijing, Now: func() time.Time { return today.AddDate(1, 0, 0) }})
	check(t, err)
	defer later.Close()
	if _, err := later.Collect(t.Context(), 24*time.Hour, func(string, string) (bool, error) { return false, down }); !errors.Is(err, down) {
		t.Errorf("error is %v", err)
	}
	if n := len(files(t, path)); n < 3 { // without an answer no container goes
		t.Errorf("%d files are left", n)
	}
	collect(time.Date(2026, 3, 3, 0, 0, 1, 0, beijing))
	left := files(t, path)
	if len(left) != 2 || left[kept[:2]+"/"+kept+".clean"] != blob.Inline+1 {
		t.Errorf("left: %v", left)
	}
	if _, err := unfinished.Commit(); err == nil {
		t.Error("a collected container was committed")
	}
	check(t, unfinished.Abort())
}

// The memory a container takes doesn't grow with it.
func BenchmarkContainer(b *testing.B) {
	for _, size := range []int{16 << 10, 1 << 20, 16 << 20} {
		b.Run(byteSize(size), func(b *testing.B) {
			d, _ := open(b)
			chunk := make([]byte, 16<<10)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				w, err := d.Create(intake.NewID(), intake.CompartmentClean)
				check(b, err)
				for range size / len(chunk) {
					_, err := w.Write(chunk)
					check(b, err)
				}
				_, err = w.Commit()
				check(b, err)
				check(b, w.Abort())
			}
		})
	}
}

func byteSize(n int) string {
	if n < 1<<20 {
		return "16KiB"
	}
	return map[int]string{1 << 20: "1MiB", 16 << 20: "16MiB"}[n]
}
