package spool

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"syscall"
	"time"
)

// Folders beside the waiting files.
const (
	temp    = "tmp"
	damaged = "damaged"
	refused = "refused"
)

// folder is the spool's place on the disk, for one process alone.
type folder struct {
	root *os.Root
	lock *os.File // the folder itself; the kernel lets go of it when the process dies
	loc  *time.Location
	now  func() time.Time
	sync func(*os.File) error // brings a file, or a folder's entries, to the disk
}

func openFolder(dir string, loc *time.Location, now func() time.Time) (*folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrInUse
		}
		return nil, errors.Join(err, lock.Close())
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	f := &folder{root: root, lock: lock, loc: loc, now: now, sync: (*os.File).Sync}
	if err := f.prepare(); err != nil {
		return nil, errors.Join(err, f.close())
	}
	return f, nil
}

func (f *folder) close() error { return errors.Join(f.root.Close(), f.lock.Close()) }

// prepare makes the folders and removes what was never finished.
func (f *folder) prepare() error {
	for _, name := range []string{temp, damaged, refused} {
		if err := f.root.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	left, err := fs.ReadDir(f.root.FS(), temp)
	if err != nil {
		return err
	}
	for _, e := range left {
		if err := f.root.Remove(path.Join(temp, e.Name())); err != nil {
			return err
		}
	}
	return f.settle(".")
}

// write makes a file durable under its name, or leaves nothing.
func (f *folder) write(name string, content []byte) error {
	making := path.Join(temp, rand.Text())
	if err := f.fill(making, content); err != nil {
		return errors.Join(plain(err), f.remove(making))
	}
	if err := f.root.Rename(making, name); err != nil {
		return errors.Join(plain(err), f.remove(making))
	}
	if err := f.settle("."); err != nil {
		return errors.Join(err, f.remove(name))
	}
	return nil
}

func (f *folder) fill(name string, content []byte) error {
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = f.date(name)
	}
	if err == nil {
		err = f.sync(file)
	}
	return errors.Join(err, file.Close())
}

// setAside moves a file to one of the folders, under its name.
func (f *folder) setAside(name, to string) error {
	if err := f.root.Rename(name, path.Join(to, name)); err != nil {
		return plain(err)
	}
	return errors.Join(f.settle(to), f.settle("."))
}

// remove removes a file, or finds it gone.
func (f *folder) remove(name string) error {
	if err := f.root.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return plain(err)
	}
	return nil
}

// plain is a file's error without its name, which tells the tip.
func plain(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%s a file of the spool: %w", p.Op, p.Err)
	}
	if l, ok := errors.AsType[*os.LinkError](err); ok {
		return fmt.Errorf("%s a file of the spool: %w", l.Op, l.Err)
	}
	return err
}

// settle makes a folder's entries durable; its times tell the day alone.
func (f *folder) settle(name string) error {
	if err := f.date(name); err != nil {
		return err
	}
	d, err := f.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.sync(d), d.Close())
}

func (f *folder) date(name string) error {
	y, m, d := f.now().In(f.loc).Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, f.loc)
	return f.root.Chtimes(name, day, day)
}

// found is a file of ours.
type found struct {
	name, tip string
	number    uint64
	size      int64
	day       time.Time
}

// list is our files in a folder by number; what has another name is left alone.
func list(fsys fs.FS, in string) ([]found, error) {
	entries, err := fs.ReadDir(fsys, in) // sorted by name, and so by number
	if err != nil {
		return nil, err
	}
	var out []found
	for _, e := range entries {
		number, tip, ours := parseName(e.Name())
		if !ours || !e.Type().IsRegular() {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // replayed meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("a file of the spool: %w", err)
		}
		out = append(out, found{e.Name(), tip, number, info.Size(), info.ModTime()})
	}
	return out, nil
}
