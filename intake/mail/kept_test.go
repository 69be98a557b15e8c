package mail_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/intaketest"
)

// tortures are other projects' messages; they aren't part of this tree.
const tortures = "../../../shared/testdata"

// TestTortureKept sends every torture message through the real server into the real office. Each
// is kept to the last byte, as its sealed original opens with the desk's and the custodians' key,
// and takes no more time and memory than any message may.
func TestTortureKept(t *testing.T) {
	var files []string
	_ = filepath.WalkDir(tortures, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && (strings.HasSuffix(path, ".msg") || strings.HasSuffix(path, ".raw")) {
			files = append(files, path)
		}
		return nil
	})
	if len(files) == 0 {
		t.Skip("the torture messages aren't here")
	}
	o := intaketest.Open(t)
	door := o.Door()
	filed := make(chan intake.Filed, 1)
	addr := serve(t, func(ctx context.Context, r *intake.Report) (intake.Filed, error) {
		f, err := door.Submit(ctx, r)
		filed <- f
		return f, err
	})
	copies, seen := 0, map[string]string{}
	var slowest time.Duration
	var largest uint64
	for _, path := range files {
		raw, err := os.ReadFile(path)
		intaketest.Must(t, err)
		lines := strings.ReplaceAll(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\r", "\n")
		sent := strings.ReplaceAll(strings.TrimSuffix(lines, "\n")+"\n", "\n", "\r\n")
		stuffed := strings.ReplaceAll("\r\n"+sent, "\r\n.", "\r\n..")[2:]
		runtime.GC()
		before, stop, most := heap(), make(chan struct{}), make(chan uint64)
		go func() { most <- highest(stop) }()
		began, work := time.Now(), busy()
		intaketest.Must(t, send(addr, strings.NewReader(stuffed)))
		took, worked := time.Since(began), busy()-work
		close(stop)
		used := max(<-most, before) - before
		slowest, largest = max(slowest, min(took, worked)), max(largest, used)
		if used > mostMemory || took > mostTime && worked > mostTime {
			t.Errorf("%s: %v, %v of it work, %d MB", filepath.Base(path), took, worked, used>>20)
		}
		f := <-filed
		if f.Duplicate {
			if seen[sent] == "" {
				t.Errorf("%s is taken for another message's second delivery", filepath.Base(path))
			}
			copies++
			continue
		}
		seen[sent] = path
		if got := original(t, o, f.ID); got != sent {
			t.Errorf("%s: %d bytes are kept of %d", filepath.Base(path), len(got), len(sent))
		}
	}
	if copies != 4 { // two files each, byte for byte
		t.Errorf("%d are taken for copies of others, want 4", copies)
	}
	t.Logf("%d messages, %d of them copies, slowest %v, largest %d KB", len(files), copies, slowest, largest>>10)
}

// original is a tip's raw message, as two keys open it.
func original(t *testing.T, o *intaketest.Office, tip string) string {
	t.Helper()
	containers, err := o.Store.Containers(t.Context(), tip)
	intaketest.Must(t, err)
	for _, c := range containers {
		for _, st := range c.Streams {
			if c.Compartment != intake.CompartmentOriginals || st.Name != intake.RawName {
				continue
			}
			all := c.Inline
			if all == nil {
				b, err := o.Blobs.Open(tip, c.Compartment)
				intaketest.Must(t, err)
				all = make([]byte, b.Size())
				_, err = b.ReadAt(all, 0)
				intaketest.Must(t, err)
				intaketest.Must(t, b.Close())
			}
			place := intake.PartContext(tip, intake.CompartmentOriginals, intake.RawName)
			inner, err := seal.OpenOuterBytes(bytes.Clone(all[st.Offset:st.Offset+st.Length]), place, o.Desk)
			intaketest.Must(t, err)
			raw, err := seal.OpenBytes(inner, place, o.Custodian)
			intaketest.Must(t, err)
			return string(raw)
		}
	}
	return ""
}
