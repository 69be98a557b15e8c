package blob

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tipline/intake"
)

// TestOnTheDiskBeforeTheRow: the file's bytes, the folder it comes to, its name; where one of them can't be brought to the
// disk, Commit says so and Abort leaves nothing.
func TestOnTheDiskBeforeTheRow(t *testing.T) {
	steps := []string{"the bytes", "the folder", "the name"}
	for fails := range len(steps) + 1 {
		root, tip := t.TempDir(), strings.Repeat("ab", 16)
		d, err := Open(root, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var synced []string
		d.toDisk = func(f *os.File) error {
			name, err := filepath.Rel(root, f.Name())
			_, stands := os.Stat(filepath.Join(root, "ab", tip+"."+intake.CompartmentClean))
			switch {
			case filepath.Dir(name) == temp && stands != nil:
				synced = append(synced, steps[0])
			case name == "." && stands != nil:
				synced = append(synced, steps[1])
			case name == "ab" && stands == nil:
				synced = append(synced, steps[2])
			default:
				t.Errorf("%s went to the disk out of turn", name)
			}
			if len(synced) == fails {
				err = os.ErrDeadlineExceeded
			}
			return errors.Join(err, f.Sync())
		}
		w, err := d.Create(tip, intake.CompartmentClean)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(bytes.Repeat([]byte("x"), 3*Inline)); err != nil {
			t.Fatal(err)
		}
		_, err = w.Commit()
		if fails == 0 && (err != nil || !slices.Equal(synced, steps)) {
			t.Errorf("%v: to the disk went %q", err, synced)
		}
		if fails > 0 && (!errors.Is(err, os.ErrDeadlineExceeded) || !slices.Equal(synced, steps[:fails])) {
			t.Errorf("failing at %d: %v, to the disk went %q", fails, err, synced)
		}
		if err := w.Abort(); err != nil {
			t.Error(err)
		}
		for _, pattern := range []string{"ab/*", temp + "/*"} {
			if left, _ := filepath.Glob(filepath.Join(root, pattern)); len(left) > 0 {
				t.Errorf("failing at %d: left over: %v", fails, left)
			}
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}
