package seal

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"pgregory.net/rapid"
)

func TestPadded(t *testing.T) {
	for total, want := range map[int64]int64{
		1: 4096, 4095: 4096, 4096: 4096, 4097: 4352, 4352: 4352, 4353: 4608, 65535: 65536, 65536: 65536, 65537: 67584,
		1_000_000: 1_015_808, 25 << 20: 25 << 20, 25<<20 + 1: 26_738_688,
	} {
		if got := padded(total); got != want {
			t.Errorf("padded(%d) = %d, want %d", total, got, want)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		total := rapid.Int64Range(1, 1<<50).Draw(rt, "total")
		got := padded(total)
		if got < total || padded(got) != got || total > minTotal && float64(got) > 1.12*float64(total) {
			rt.Fatalf("padded(%d) = %d", total, got)
		}
	})
}

func TestShortTextsAllHaveOneSize(t *testing.T) {
	id := newKey(t)
	size := len(mustSeal(t, ctx(), nil, id.Recipient()))
	other := ctx()
	other.Tip = "t"
	for _, n := range []int{1, 1000, 4096 - lengthSize - len(ctx().line())} {
		if got := len(mustSeal(t, ctx(), make([]byte, n), id.Recipient())); got != size {
			t.Errorf("%d bytes are sealed in %d, none in %d", n, got, size)
		}
	}
	if got := len(mustSeal(t, other, nil, id.Recipient())); got != size {
		t.Errorf("a shorter tip id is sealed in %d bytes, not %d", got, size)
	}
}

func TestMemoryIsConstantHoweverLargeTheStream(t *testing.T) {
	const size = 64 << 20
	id := newKey(t)
	path := filepath.Join(t.TempDir(), "sealed.age")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	buf := make([]byte, 32<<10)
	allocated := allocation(func() {
		w, err := NewNestedWriter(f, ctx(), keys(id), keys(id))
		if err != nil {
			t.Fatal(err)
		}
		for range size / len(buf) {
			if _, err := w.Write(buf); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	})
	if allocated > 2<<20 {
		t.Errorf("sealing 64 MiB twice over allocated %d bytes in all", allocated)
	}
	live := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, peak, total := live(), uint64(0), int64(0)
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	inner, err := OpenOuter(f, info.Size(), ctx(), id)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(inner, inner.Size(), ctx(), id)
	if err != nil {
		t.Fatal(err)
	}
	for {
		n, err := r.Read(buf)
		if total += int64(n); total%(8<<20) == 0 {
			peak = max(peak, live())
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if total != size || peak > before+1<<20 {
		t.Errorf("read %d bytes; %d bytes are alive while reading, %d before", total, peak, before)
	}
	runtime.KeepAlive(r)
}

// allocation is the bytes f allocates, freed or not.
func allocation(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestManyReadOneFileAtOnce(t *testing.T) {
	id := newKey(t)
	content := make([]byte, 400_000)
	for i := range content {
		content[i] = byte(i / 251)
	}
	sealed := mustSeal(t, ctx(), content, id.Recipient())
	r, err := Open(bytes.NewReader(sealed), int64(len(sealed)), ctx(), id)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan bool)
	for start := range 8 {
		go func() {
			got := make([]byte, 100_000)
			off := start * 40_000
			_, err := r.ReadAt(got, int64(off))
			done <- err == nil && bytes.Equal(got, content[off:off+len(got)])
		}()
	}
	for range 8 {
		if !<-done {
			t.Error("a reader got other bytes")
		}
	}
}
