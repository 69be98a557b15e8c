package tiles_test

import (
	"bytes"
	"database/sql"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite"

	"tipline/intake/tiles"
)

func picture(t *testing.T, side int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestSources reads the same tile of a folder and of an MBTiles file, whose rows are
// counted from the other end, and nothing beside it.
func TestSources(t *testing.T) {
	dir, want := t.TempDir(), picture(t, 4)
	folder := filepath.Join(dir, "tiles")
	must(t, os.MkdirAll(filepath.Join(folder, "3", "6"), 0o700))
	must(t, os.WriteFile(filepath.Join(folder, "3", "6", "2.png"), want, 0o600))
	must(t, os.WriteFile(filepath.Join(folder, "3", "6", "3.png"), []byte("<svg onload=alert(1)>"), 0o600))
	must(t, os.Symlink("/etc/passwd", filepath.Join(folder, "3", "6", "4.png")))
	file := filepath.Join(dir, "town.mbtiles")
	db, err := sql.Open("sqlite", file)
	must(t, err)
	_, err = db.Exec(`CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB)`)
	must(t, err)
	for row, data := range map[int][]byte{5: want, 4: {0x1f, 0x8b, 8, 0}} {
		_, err = db.Exec(`INSERT INTO tiles VALUES (3, 6, ?, ?)`, row, data)
		must(t, err)
	}
	must(t, db.Close())
	for _, path := range []string{folder, file} {
		s, err := tiles.Open(path)
		must(t, err)
		got, kind, err := s.Tile(t.Context(), 3, 6, 2)
		if err != nil || kind != "image/png" || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes of %s, %v", path, len(got), kind, err)
		}
		for _, at := range [][3]int{{3, 6, 3}, {3, 6, 1}, {3, 8, 0}, {3, -1, 0}, {31, 0, 0}, {-1, 0, 0}} {
			if _, _, err := s.Tile(t.Context(), at[0], at[1], at[2]); !errors.Is(err, tiles.ErrNone) {
				t.Errorf("%s %v: %v", path, at, err)
			}
		}
		if got, _, err := s.Tile(t.Context(), 3, 6, 4); err == nil {
			t.Errorf("%s: a way out of the folder gives %d bytes", path, len(got))
		}
		must(t, s.Close())
	}
	for _, path := range []string{filepath.Join(dir, "none"), filepath.Join(folder, "3", "6", "2.png")} {
		if _, err := tiles.Open(path); err == nil {
			t.Errorf("%s opens", path)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
