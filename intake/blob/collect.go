package blob

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"
	"time"
)

// Collect removes what crashes left over: containers whose whole day lies
// olderThan back, when they were never finished or no tip has them. known tells whether
// a tip has that file, named as for [Dir.Open]; an error of it
// keeps the file and ends the collection. Take a day or more, so that no tip is
// still under way.
func (d *Dir) Collect(ctx context.Context, olderThan time.Duration, known func(tip, file string) (bool, error)) (removed int, err error) {
	before := d.now().Add(-olderThan)
	err = fs.WalkDir(d.root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if gone(err) {
			return nil
		}
		if err != nil || e.IsDir() {
			return errors.Join(err, context.Cause(ctx))
		}
		info, err := e.Info()
		if gone(err) {
			return nil
		}
		if err != nil {
			return err
		}
		orphan, err := d.orphan(name, info.ModTime(), before, known)
		if err != nil || !orphan {
			return err
		}
		if err := d.root.Remove(name); err != nil && !gone(err) {
			return err
		}
		removed++
		return nil
	})
	return removed, err
}

// gone says whether a file went away while we looked: another process collects,
// or the container got its name.
func gone(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// orphan says whether a file belongs to no tip and won't any more. What has
// another name than ours is left alone.
func (d *Dir) orphan(name string, modified, before time.Time, known func(tip, file string) (bool, error)) (bool, error) {
	if d.midnight(modified).AddDate(0, 0, 1).After(before) {
		return false, nil // its day isn't over long enough
	}
	folder, base := path.Split(name)
	if folder == temp+"/" {
		return true, nil
	}
	tip, compartment, _ := strings.Cut(base, ".")
	if want, err := fileName(tip, compartment); err != nil || want != name {
		return false, nil
	}
	kept, err := known(tip, compartment)
	return !kept && err == nil, err
}
