package blob

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"tipline/intake"
)

// Inline is the size up to which a container is handed back, in bytes.
const Inline = 64 << 10

// temp is the folder of containers in the making.
const temp = "tmp"

// ErrName: a tip's or a batch's id isn't 32 hex digits, or the compartment has no
// containers.
var ErrName = errors.New("not the name of a container")

// Options tell what day it is.
type Options struct {
	Loc *time.Location // the office's time zone; nil is UTC
	Now func() time.Time
}

// Dir is the folder of the containers. It is safe for several goroutines, and
// several processes may use one folder. It satisfies what intake and casework ask
// of their blobs.
type Dir struct {
	root    *os.Root
	loc     *time.Location
	now     func() time.Time
	toDisk  func(*os.File) error // a file, or a folder's entries
	buffers sync.Pool            // of *[]byte, Inline long
}

// Open opens the folder, and makes it (0700) if there is none. The caller closes it.
func Open(dir string, o Options) (*Dir, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder of the sealed files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("folder of the sealed files: %w", err)
	}
	d := &Dir{root: root, loc: o.Loc, now: o.Now, toDisk: (*os.File).Sync}
	if d.loc == nil {
		d.loc = time.UTC
	}
	if d.now == nil {
		d.now = time.Now
	}
	d.buffers.New = func() any { b := make([]byte, 0, Inline); return &b }
	if err := d.folder(temp); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return d, nil
}

// Close lets go of the folder. Containers that are open stay usable.
func (d *Dir) Close() error { return d.root.Close() }

// Create begins the container of a tip's compartment, or one that takes its place: that
// is named by the compartment, a dash and 8 hex digits. Nothing is written to the
// disk before it is larger than [Inline]. Names it doesn't know are [ErrName].
func (d *Dir) Create(tip, compartment string) (intake.BlobWriter, error) {
	name, err := fileName(tip, compartment)
	if err != nil {
		return nil, err
	}
	return &writer{dir: d, name: name, buf: d.buffers.Get().(*[]byte)}, nil
}

// Open opens a durable container that stands in its file, or returns
// [intake.ErrNotFound]. The caller closes it.
func (d *Dir) Open(tip, compartment string) (intake.Blob, error) {
	name, err := fileName(tip, compartment)
	if err != nil {
		return nil, err
	}
	f, err := d.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("container %s of tip %s: %w", compartment, tip, intake.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &file{f, info.Size()}, nil
}

// Remove deletes the file of a container for good; none is no error. Readers that
// have it open keep it until they close it.
func (d *Dir) Remove(tip, compartment string) error {
	name, err := fileName(tip, compartment)
	if err != nil {
		return err
	}
	err = d.root.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(d.date(path.Dir(name)), d.sync(path.Dir(name)))
}

// file is an open container.
type file struct {
	*os.File
	size int64
}

// Size is the container's length in bytes.
func (f *file) Size() int64 { return f.size }

// fileName is where a container stands under the root.
func fileName(tip, compartment string) (string, error) {
	of, anew, again := strings.Cut(compartment, "-")
	base, batch, added := strings.Cut(of, ".")
	if !validTip(tip) || again && !validHex(anew, 4) || added && !validTip(batch) || base != intake.CompartmentClean && base != intake.CompartmentOriginals {
		return "", ErrName
	}
	return path.Join(tip[:2], tip+"."+compartment), nil
}

func validTip(tip string) bool { return validHex(tip, 16) }

func validHex(s string, n int) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == n && hex.EncodeToString(b) == s
}

// folder makes a folder durable, or finds it there.
func (d *Dir) folder(name string) error {
	err := d.root.Mkdir(name, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(d.date("."), d.sync("."))
}

// sync makes a folder's entries durable.
func (d *Dir) sync(folder string) error {
	f, err := d.root.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.toDisk(f), f.Close())
}

// midnight is the beginning of t's day at the office.
func (d *Dir) midnight(t time.Time) time.Time {
	y, m, day := t.In(d.loc).Date()
	return time.Date(y, m, day, 0, 0, 0, 0, d.loc)
}

// date sets a file's or folder's times to today's midnight.
func (d *Dir) date(name string) error {
	day := d.midnight(d.now())
	return d.root.Chtimes(name, day, day)
}
