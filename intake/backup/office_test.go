package backup_test

import (
	"io"
	"time"
)

func a2026() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// watched is looked at with every write, watchedAt with every read.
type watched struct {
	io.Writer
	look func(int)
}

func (w watched) Write(p []byte) (int, error) { w.look(len(p)); return w.Writer.Write(p) }

type watchedAt struct {
	io.ReaderAt
	look func(int)
}

func (w watchedAt) ReadAt(p []byte, off int64) (int, error) {
	w.look(len(p))
	return w.ReaderAt.ReadAt(p, off)
}
