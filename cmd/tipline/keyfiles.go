package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tipline/crypto/keyring"
	"tipline/crypto/pseudonym"
	"tipline/crypto/receipt"
	"tipline/crypto/waiting"
)

// Names inside the data folder.
const (
	databaseFile = "tipline.db"
	blobFolder   = "blobs"
	pepperFile   = "keys/receipt.pepper"
	tagsFile     = "keys/tags.key"
	pinsFile     = "keys/pins"
)

// errNotSetUp names the way out.
var errNotSetUp = errors.New("this data folder isn't set up yet: run `tipline init --data DIR --member NAME:handler --member NAME:custodian`, or `tipline up` at a terminal")

// secrets are the keys that stand in files of their own, never in the database:
// without them a stolen database can't be searched.
type secrets struct {
	pepper receipt.Pepper
	tags   pseudonym.Key
	// waiting follows from tags: what it seals is gone within minutes, and so are they
	// from a backup.
	waiting waiting.Key
	pins    keyring.Pins
}

// readSecrets loads what makeSecrets wrote.
func readSecrets(dir string) (s secrets, err error) {
	pepper, err := os.ReadFile(filepath.Join(dir, pepperFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, errNotSetUp
	}
	if err != nil {
		return s, err
	}
	if s.pepper, err = receipt.ParsePepper(strings.TrimSpace(string(pepper))); err != nil {
		return s, fmt.Errorf("%s: %w: restore it from a backup; without it no receipt opens", pepperFile, err)
	}
	tags, err := os.ReadFile(filepath.Join(dir, tagsFile))
	if err != nil {
		return s, fmt.Errorf("%s: %w: restore it from a backup", tagsFile, err)
	}
	if s.tags, err = pseudonym.ParseKey(strings.TrimSpace(string(tags))); err != nil {
		return s, fmt.Errorf("%s: %w: restore it from a backup", tagsFile, err)
	}
	if s.waiting, err = waiting.NewKey(s.tags); err != nil {
		return s, err
	}
	f, err := os.Open(filepath.Join(dir, pinsFile))
	if err != nil {
		return s, fmt.Errorf("%s: %w: restore it from a backup", pinsFile, err)
	}
	defer f.Close()
	s.pins, err = keyring.ParsePins(f)
	return s, err
}

// makeSecrets writes fresh key files. They are readable by the owner alone.
func makeSecrets(dir string, pins keyring.Pins) error {
	if err := os.MkdirAll(filepath.Join(dir, "keys"), 0o700); err != nil {
		return err
	}
	var b strings.Builder
	if _, err := pins.WriteTo(&b); err != nil {
		return err
	}
	for name, text := range map[string]string{
		pinsFile: b.String(), tagsFile: pseudonym.NewKey().Encode() + "\n", pepperFile: receipt.NewPepper().Encode() + "\n",
	} {
		if err := writeNew(filepath.Join(dir, name), text); err != nil {
			return err
		}
	}
	return nil
}

// privateFolder makes a folder, or takes one that is there, for its owner alone.
func privateFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.Chmod(dir, 0o700)
}

// writeNew writes a file that must not exist, and waits for the disk.
func writeNew(name, text string) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
