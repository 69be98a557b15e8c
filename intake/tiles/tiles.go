// Package tiles reads map pictures that an office keeps on its own machine: a folder
// of Z/X/Y.png (or jpg, webp), or one MBTiles file (github.com/mapbox/mbtiles-spec,
// 1.3). Nothing of it asks the network.
package tiles

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ErrNone says that there is no picture of a place at a zoom.
var ErrNone = errors.New("no such tile")

// most is the largest picture that is read, in bytes.
const most = 2 << 20

// Source is where pictures come from. Close ends it.
type Source struct {
	dir *os.Root
	db  *sql.DB
}

// Open opens a folder, or a file that ends in .mbtiles. The process needs the driver
// "sqlite" for the latter.
func Open(path string) (*Source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		root, err := os.OpenRoot(path)
		return &Source{dir: root}, err
	}
	if !strings.EqualFold(filepath.Ext(path), ".mbtiles") {
		return nil, fmt.Errorf("%s is neither a folder nor an .mbtiles file", path)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: abs, RawQuery: "mode=ro&immutable=1"}).String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(2)
	var n int
	if err := db.QueryRow(`SELECT COUNT(*) FROM (SELECT 1 FROM tiles LIMIT 1)`).Scan(&n); err != nil {
		return nil, errors.Join(fmt.Errorf("%s holds no tiles: %w", path, err), db.Close())
	}
	return &Source{db: db}, nil
}

// Close ends the source.
func (s *Source) Close() error {
	if s.db != nil {
		return s.db.Close()
	}
	return s.dir.Close()
}

// Tile is the picture at column x and row y of a zoom, rows counted from the north, with
// its content type. What is no picture is [ErrNone].
func (s *Source) Tile(ctx context.Context, zoom, x, y int) (picture []byte, contentType string, err error) {
	if zoom < 0 || zoom > 30 || x < 0 || y < 0 || x >= 1<<zoom || y >= 1<<zoom {
		return nil, "", ErrNone
	}
	if s.db != nil {
		// MBTiles counts rows from the south.
		err = s.db.QueryRowContext(ctx, `SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ? AND length(tile_data) <= ?`,
			zoom, x, 1<<zoom-1-y, most).Scan(&picture)
		if errors.Is(err, sql.ErrNoRows) {
			err = ErrNone
		}
	} else {
		picture, err = s.file(zoom, x, y)
	}
	if err != nil {
		return nil, "", err
	}
	switch contentType = http.DetectContentType(picture); contentType {
	case "image/png", "image/jpeg", "image/webp":
		return picture, contentType, nil
	}
	return nil, "", ErrNone // a vector tile, or no tile at all
}

func (s *Source) file(zoom, x, y int) ([]byte, error) {
	name := strconv.Itoa(zoom) + "/" + strconv.Itoa(x) + "/" + strconv.Itoa(y)
	for _, ext := range []string{".png", ".jpg", ".jpeg", ".webp"} {
		f, err := s.dir.Open(name + ext)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		picture, err := io.ReadAll(io.LimitReader(f, most))
		return picture, errors.Join(err, f.Close())
	}
	return nil, ErrNone
}
