package blob

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
)

// errEnded: the container is committed or aborted already.
var errEnded = errors.New("the container has ended")

// writer makes one container. Its buffer holds what isn't in the file yet: all of
// a small container, and never more than [Inline] of a large one.
type writer struct {
	dir     *Dir
	name    string  // where the container will stand
	buf     *[]byte // nil once the container has ended
	file    *os.File
	temp    string // where it stands until then, "" while it is small
	flushed int64
	stands  bool // under its name
}

// Write takes the container's next bytes.
func (w *writer) Write(p []byte) (n int, err error) {
	if w.buf == nil {
		return 0, errEnded
	}
	for len(p) > 0 {
		if len(*w.buf) == cap(*w.buf) {
			if err := w.flush(); err != nil {
				return n, err
			}
		}
		k := min(len(p), cap(*w.buf)-len(*w.buf))
		*w.buf = append(*w.buf, p[:k]...)
		p, n = p[k:], n+k
	}
	return n, nil
}

// flush empties the buffer into the file, which is made when it is first needed.
func (w *writer) flush() error {
	if w.file == nil {
		name := path.Join(temp, rand.Text())
		f, err := w.dir.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		w.file, w.temp = f, name
	}
	n, err := w.file.Write(*w.buf)
	w.flushed += int64(n)
	*w.buf = (*w.buf)[:copy(*w.buf, (*w.buf)[n:])]
	return err
}

// Offset is how many bytes the container has.
func (w *writer) Offset() int64 {
	if w.buf == nil {
		return w.flushed
	}
	return w.flushed + int64(len(*w.buf))
}

// Truncate forgets everything from offset on.
func (w *writer) Truncate(offset int64) error {
	switch {
	case w.buf == nil:
		return errEnded
	case offset < 0 || offset > w.Offset():
		return fmt.Errorf("container has %d bytes, none at %d", w.Offset(), offset)
	case offset >= w.flushed:
		*w.buf = (*w.buf)[:offset-w.flushed]
		return nil
	}
	if err := w.file.Truncate(offset); err != nil {
		return err
	}
	if _, err := w.file.Seek(offset, io.SeekStart); err != nil {
		return err
	}
	*w.buf, w.flushed = (*w.buf)[:0], offset
	return nil
}

// Commit makes the container durable. A small one comes back; of a large one the
// file and its name have reached the disk. After an error, Abort.
func (w *writer) Commit() (inline []byte, err error) {
	if w.buf == nil {
		return nil, errEnded
	}
	if w.file == nil {
		inline = append(make([]byte, 0, len(*w.buf)), *w.buf...)
		w.release()
		return inline, nil
	}
	if err := w.finish(); err != nil {
		return nil, err
	}
	w.release()
	return nil, w.place()
}

// finish brings the bytes and the day to the disk.
func (w *writer) finish() error {
	if err := w.flush(); err != nil {
		return err
	}
	if err := w.dir.date(w.temp); err != nil {
		return err
	}
	return w.dir.toDisk(w.file)
}

// place gives the file its name, durably.
func (w *writer) place() error {
	if err := w.close(); err != nil {
		return err
	}
	folder := path.Dir(w.name)
	if err := w.dir.folder(folder); err != nil {
		return err
	}
	if err := w.dir.root.Rename(w.temp, w.name); err != nil {
		return err
	}
	w.temp, w.stands = "", true
	if err := w.dir.date(folder); err != nil {
		return err
	}
	return w.dir.sync(folder)
}

// Abort throws the container away, also a committed one.
func (w *writer) Abort() error {
	w.release()
	errs := []error{w.close()}
	if w.temp != "" {
		errs = append(errs, w.remove(w.temp))
		w.temp = ""
	}
	if w.stands {
		errs = append(errs, w.remove(w.name))
		w.stands = false
	}
	return errors.Join(errs...)
}

func (w *writer) remove(name string) error {
	if err := w.dir.root.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (w *writer) close() error {
	if w.file == nil {
		return nil
	}
	err := w.file.Close()
	w.file = nil
	return err
}

// release gives the buffer back for the next container.
func (w *writer) release() {
	if w.buf != nil {
		w.flushed += int64(len(*w.buf))
		*w.buf = (*w.buf)[:0]
		w.dir.buffers.Put(w.buf)
		w.buf = nil
	}
}
