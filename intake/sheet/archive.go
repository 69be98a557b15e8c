package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
)

// archive is a workbook's file with its parts in the order of their names: excelize
// writes the sheets in any order.
type archive struct {
	to    io.Writer
	parts map[string]*bytes.Buffer
}

// Create begins a part.
func (a *archive) Create(name string) (io.Writer, error) {
	b := &bytes.Buffer{}
	a.parts[name] = b
	return b, nil
}

// AddFS isn't asked for.
func (*archive) AddFS(fs.FS) error { return errors.ErrUnsupported }

// Close writes all parts.
func (a *archive) Close() error {
	z := zip.NewWriter(a.to)
	for _, name := range slices.Sorted(maps.Keys(a.parts)) {
		w, err := z.Create(name)
		if err != nil {
			return err
		}
		if _, err := a.parts[name].WriteTo(w); err != nil {
			return err
		}
	}
	return z.Close()
}
