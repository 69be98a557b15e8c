package main

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"io"
	"mime/multipart"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	tiplineSeal "tipline/crypto/seal"
)

// seal pads to 4 KiB and seals.
func seal(text []byte, to ...age.Recipient) ([]byte, error) {
	padded := make([]byte, (len(text)/4096+1)*4096)
	copy(padded, text)
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to...)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(padded); err != nil {
		return nil, err
	}
	return b.Bytes(), w.Close()
}

func (s *same) nested(text []byte) ([]byte, error) {
	inner, err := seal(text, s.custodian)
	if err != nil {
		return nil, err
	}
	return seal(inner, s.desk)
}

// reporterKey is a key from a seed; age keeps the encoding it needs to itself, so
// ours is used for that one step.
func reporterKey(seed []byte) (string, error) {
	var b [32]byte
	k, err := hkdf.Key(sha256.New, seed, nil, "reporter", len(b))
	if err != nil {
		return "", err
	}
	copy(b[:], k)
	id, err := tiplineSeal.IdentityFromSeed(b)
	if err != nil {
		return "", err
	}
	return id.Recipient().String(), nil
}

// takeParts seals every file into one container of originals (two layers) and
// one of copies, and makes both durable.
func (s *same) takeParts(m *multipart.Reader, id string, fields map[string]string) (files int, err error) {
	originals, err := os.CreateTemp(s.dir, "o")
	if err != nil {
		return 0, err
	}
	defer discard(originals)
	copies, err := os.CreateTemp(s.dir, "c")
	if err != nil {
		return 0, err
	}
	defer discard(copies)
	for {
		p, err := m.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, err
		}
		if p.FileName() == "" {
			var b strings.Builder
			if _, err := io.Copy(&b, p); err != nil {
				return 0, err
			}
			fields[p.FormName()] = b.String()
			continue
		}
		files++
		if err := s.takeFile(p, originals, copies); err != nil {
			return 0, err
		}
	}
	if err := syncTo(originals, filepath.Join(s.dir, id+".originals")); err != nil {
		return 0, err
	}
	return files, syncTo(copies, filepath.Join(s.dir, id+".clean"))
}

func (s *same) takeFile(src io.Reader, originals, copies io.Writer) error {
	outer, err := age.Encrypt(originals, s.desk)
	if err != nil {
		return err
	}
	inner, err := age.Encrypt(outer, s.custodian)
	if err != nil {
		return err
	}
	clean, err := age.Encrypt(copies, s.desk)
	if err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(inner, clean, sum), src); err != nil {
		return err
	}
	return errors.Join(inner.Close(), outer.Close(), clean.Close())
}

// syncTo makes a temporary file durable under its name.
func syncTo(f *os.File, name string) error {
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func discard(c io.Closer) { _ = c.Close() }
