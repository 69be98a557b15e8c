package backup

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
)

// sumsSize is how many bytes of sums a file of them holds.
const sumsSize = 1 << 20

// sums are the checksums of an archive's files, as one running checksum: the
// memory for a million files is that for one.
type sums struct{ total hash.Hash }

func newSums() sums { return sums{sha256.New()} }

// add notes a file and returns its line.
func (s sums) add(name string, sum []byte) string {
	line := hex.EncodeToString(sum) + "  " + name + "\n"
	io.WriteString(s.total, line)
	return line
}

func (s sums) String() string { return hex.EncodeToString(s.total.Sum(nil)) }

// archive writes the tar stream.
type archive struct {
	tar   *tar.Writer
	sums  sums
	lines bytes.Buffer // of sums not yet written
	n     int          // files of sums
}

func newArchive(w io.Writer) *archive { return &archive{tar: tar.NewWriter(w), sums: newSums()} }

// file writes a file of size bytes and notes its sum.
func (a *archive) file(name string, size int64, content io.Reader) error {
	if err := a.tar.WriteHeader(header(name, size)); err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(a.tar, sum), content)
	if err != nil {
		return err
	}
	if n != size {
		return fmt.Errorf("%s has %d bytes, not %d", name, n, size)
	}
	a.lines.WriteString(a.sums.add(name, sum.Sum(nil)))
	if a.lines.Len() < sumsSize {
		return nil
	}
	return a.flush()
}

// flush writes the sums so far.
func (a *archive) flush() error {
	if a.lines.Len() == 0 {
		return nil
	}
	a.n++
	err := a.plain(fmt.Sprintf("sums/%06d", a.n), a.lines.Bytes())
	a.lines.Reset()
	return err
}

// plain writes a file without a sum of its own.
func (a *archive) plain(name string, content []byte) error {
	if err := a.tar.WriteHeader(header(name, int64(len(content)))); err != nil {
		return err
	}
	_, err := a.tar.Write(content)
	return err
}

// header has no time and no owner: they'd tell of the machine.
func header(name string, size int64) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600}
}

// unarchive reads the tar stream back, file by file.
type unarchive struct {
	tar  *tar.Reader
	sums sums
	size int64 // of the file at hand
}

func newUnarchive(r io.Reader) *unarchive { return &unarchive{tar: tar.NewReader(r), sums: newSums()} }

// next is the next file's name, "" at the end.
func (u *unarchive) next() (string, error) {
	h, err := u.tar.Next()
	if errors.Is(err, io.EOF) {
		return "", nil
	}
	if err != nil {
		return "", unreadable(err)
	}
	if h.Typeflag != tar.TypeReg {
		return "", damaged("%q is no file", h.Name)
	}
	u.size = h.Size
	return h.Name, nil
}

// read hands the file at hand to use, which reads it to its end, and notes its sum.
func (u *unarchive) read(name string, use func(io.Reader) error) error {
	sum := sha256.New()
	if err := use(io.TeeReader(source{u.tar}, sum)); err != nil {
		return err
	}
	if !strings.HasPrefix(name, "sums/") && name != manifestFile {
		u.sums.add(name, sum.Sum(nil))
	}
	return nil
}

// source marks the errors of the file that is read.
type source struct{ r io.Reader }

func (s source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = unreadable(err)
	}
	return n, err
}
