package backup

import (
	"archive/tar"
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"

	"filippo.io/age"

	"tipline/crypto/seal"
	"tipline/intake"
)

// readAhead is how much of the file is opened at once.
const readAhead = 256 << 10

// most is the largest of the small files: keys and manifest, whose list of
// missing files grows.
const most = 64 << 20

// Target is the empty installation to fill.
type Target struct {
	Tips, Ledger Database // open, without tables or with empty ones
	Blobs        func(tip, compartment string) (intake.BlobWriter, error)
	Key          func(name string, content []byte) error
	// Epoch is the secret of an epoch, nil when that is destroyed: its grants are left out then.
	Epoch func(Epoch) (*age.HybridIdentity, error)
	Head  string         // hash the audit chain must end with; "" takes any
	Tell  func(Progress) // nil: nobody listens
}

// Read restores the size bytes of src. Everything in it is checked, and its rows
// are committed last, all at once; what Blobs and Key were given before an error
// is to be thrown away by the caller. The schemas are those of the backup
// afterwards: who opens the databases brings them up to date.
//
// Errors are [seal.ErrKey], [ErrDamaged], [ErrNewer], [ErrNotEmpty], [ErrHead], or the
// database's.
func Read(ctx context.Context, src io.ReaderAt, size int64, t Target, with ...*age.HybridIdentity) (Manifest, error) {
	plain, err := seal.Open(src, size, place, with...)
	if err != nil {
		return Manifest{}, unreadable(err)
	}
	if t.Tell == nil {
		t.Tell = func(Progress) {}
	}
	r := &reader{Target: t, archive: newUnarchive(bufio.NewReaderSize(plain, readAhead)), rows: map[string]int64{}}
	about, err := r.about()
	if err != nil {
		return Manifest{}, err
	}
	if err := about.check(t.Tips, t.Ledger); err != nil {
		return Manifest{About: about}, err
	}
	if r.load, err = begin(ctx, t, about); err != nil {
		return Manifest{About: about}, err
	}
	defer r.load.rollback() // no effect after the commit
	m, err := r.all(ctx)
	if err != nil {
		return m, err
	}
	if err := r.check(ctx, m, about); err != nil {
		return m, err
	}
	if err := r.load.index(ctx); err != nil {
		return m, err
	}
	return m, r.load.commit(ctx)
}

// unreadable tells a damaged backup from a disk that fails or a key that doesn't
// fit.
func unreadable(err error) error {
	switch {
	case errors.Is(err, seal.ErrSealed), errors.Is(err, seal.ErrContext), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, tar.ErrHeader):
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	default:
		return err
	}
}

// reader restores one backup.
type reader struct {
	Target
	archive *unarchive
	load    *load
	rows    map[string]int64
	at      Progress

	keys map[Epoch]*age.HybridIdentity // by role and version alone; nil before epochs
	left int64                         // grants of destroyed epochs
}

// about reads the first file.
func (r *reader) about() (a About, err error) {
	name, err := r.archive.next()
	if err != nil {
		return a, err
	}
	if name != aboutFile {
		return a, damaged("it begins with %q", name)
	}
	return a, r.json(name, &a)
}

func (r *reader) json(name string, v any) error {
	text, err := r.small(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return damaged("%s", name)
	}
	return nil
}

// small is the content of the file at hand.
func (r *reader) small(name string) (text []byte, err error) {
	if r.archive.size > most {
		return nil, damaged("%s has %d bytes", name, r.archive.size)
	}
	err = r.archive.read(name, func(c io.Reader) error { text, err = io.ReadAll(c); return err })
	return text, err
}

// all takes every file in turn; the manifest is the last.
func (r *reader) all(ctx context.Context) (m Manifest, err error) {
	for {
		name, err := r.archive.next()
		if err != nil {
			return m, err
		}
		if err := context.Cause(ctx); err != nil {
			return m, err
		}
		switch kind, rest, _ := strings.Cut(name, "/"); kind {
		case manifestFile:
			return m, r.manifest(&m)
		case "":
			return m, damaged("it has no manifest")
		case "keys":
			err = r.key(name, rest)
		case "blobs":
			err = r.blob(name, rest)
		case epochsFile:
			err = r.epochs(name)
		case "tips", "ledger":
			err = r.table(ctx, name)
		case "sums":
			err = r.archive.read(name, func(c io.Reader) error { _, err := io.Copy(io.Discard, c); return err })
		default:
			err = damaged("it has a file %q", name)
		}
		if err != nil {
			return m, err
		}
	}
}

// manifest reads the last file, and sees that nothing is behind it.
func (r *reader) manifest(m *Manifest) error {
	if err := r.json(manifestFile, m); err != nil {
		return err
	}
	name, err := r.archive.next()
	if err == nil && name != "" {
		err = damaged("%q stands behind its manifest", name)
	}
	return err
}

func (r *reader) key(name, file string) error {
	text, err := r.small(name)
	if err != nil {
		return err
	}
	return r.Key(file, text)
}

// blob makes a container anew; its bytes are durable afterwards.
func (r *reader) blob(name, file string) error {
	tip, compartment, _ := strings.Cut(file, ".")
	w, err := r.Blobs(tip, compartment)
	if err != nil {
		return damaged("%s: %v", name, err)
	}
	err = r.archive.read(name, func(c io.Reader) error { _, err := io.Copy(w, c); return err })
	if err == nil {
		var inline []byte
		if inline, err = w.Commit(); err == nil && inline != nil {
			err = damaged("%s is too small for a file", name)
		}
	}
	if err != nil {
		return errors.Join(err, w.Abort())
	}
	r.at.Part = "files"
	r.at.Files++
	r.at.Bytes += r.archive.size
	r.Tell(r.at)
	return nil
}

// check holds what was met against the manifest, before anything is committed.
func (r *reader) check(ctx context.Context, m Manifest, about About) error {
	if m.About != about || m.Sums != r.archive.sums.String() {
		return damaged("a checksum differs")
	}
	if m.Files != r.at.Files || m.Bytes != r.at.Bytes {
		return damaged("files: %d, and its manifest says %d", r.at.Files, m.Files)
	}
	if r.Head != "" && r.Head != m.Audit.Hash {
		return fmt.Errorf("%w: its audit chain ends with %s", ErrHead, m.Audit.Hash)
	}
	for table, n := range m.Rows {
		if r.rows[table] != n {
			return damaged("rows of %s: %d, and its manifest says %d", table, r.rows[table], n)
		}
	}
	if about.Format >= epochLayout && r.keys == nil {
		return damaged("it has no list of epochs")
	}
	loaded := m
	loaded.Rows = maps.Clone(m.Rows)
	loaded.Rows[grantsTable] -= r.left
	return r.load.check(ctx, loaded)
}
