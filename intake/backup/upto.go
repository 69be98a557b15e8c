package backup

import (
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// upTo are migrations without those that came after a backup was made.
type upTo struct {
	fs.FS
	version int64
}

// ReadDir satisfies [fs.ReadDirFS].
func (u upTo) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(u.FS, name)
	return slices.DeleteFunc(all, func(e fs.DirEntry) bool { return !e.IsDir() && u.later(e.Name()) }), err
}

// later says whether a migration's number, with which its name begins, is above
// the version.
func (u upTo) later(name string) bool {
	number, _, _ := strings.Cut(path.Base(name), "_")
	v, err := strconv.ParseInt(number, 10, 64)
	return err != nil || v > u.version
}
