package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"filippo.io/age"

	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/backup"
)

// epochFolder holds the keys to which backups seal the grants of each epoch: NAME.to is the
// recipient, and behind it whom its secret is sealed to, NAME.key that sealed secret. No
// secret stands in clear on this machine.
const epochFolder = "keys/epochs"

// epochFile is the name of an epoch's files but for their ending: ROLE.VERSION.HASH, with a
// dash for a role's colon.
func epochFile(role string, version int64, to *age.HybridRecipient) string {
	return epochPrefix(role, version) + shortHash(to.String())
}

func epochPrefix(role string, version int64) string {
	return fmt.Sprintf("%s.%d.", strings.ReplaceAll(role, ":", "-"), version)
}

func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

// epochKeys finds or makes the keys of epochs for one backup.
type epochKeys struct {
	dir  string // the data folder's
	with string // the folder of the backup, where the secrets have to stand
	to   []*age.HybridRecipient
}

// key is the file and the recipient of an epoch. The file stands beside the backup, durably.
func (k epochKeys) key(role string, version int64) (file string, to *age.HybridRecipient, err error) {
	name, to, err := k.find(role, version)
	if err == nil && to == nil {
		name, to, err = k.make(role, version)
	}
	if err != nil {
		return "", nil, err
	}
	file = name + ".key"
	secret, err := os.ReadFile(filepath.Join(k.dir, file))
	if err != nil {
		return "", nil, err
	}
	beside := filepath.Join(k.with, file)
	if have, err := os.ReadFile(beside); err == nil && string(have) == string(secret) {
		return file, to, nil
	}
	if err := replaceFile(beside, string(secret)); err != nil {
		return "", nil, err
	}
	return file, to, nil
}

// find is the epoch's key for just these recipients, nil without one.
func (k epochKeys) find(role string, version int64) (name string, to *age.HybridRecipient, err error) {
	all, err := matching(k.dir, epochPrefix(role, version)+"*.to")
	if err != nil {
		return "", nil, err
	}
	for _, file := range all {
		lines, err := readLines(file)
		if err != nil {
			return "", nil, err
		}
		if len(lines) < 2 || lines[1] != k.readers() {
			continue
		}
		to, err := seal.ParseRecipient(lines[0])
		return strings.TrimSuffix(filepath.Base(file), ".to"), to, err
	}
	return "", nil, nil
}

// make makes it, the secret's file first: what has a recipient opens.
func (k epochKeys) make(role string, version int64) (name string, to *age.HybridRecipient, err error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return "", nil, err
	}
	secret, err := backup.SealSecret(id, k.to...)
	if err != nil {
		return "", nil, err
	}
	if err := privateFolder(k.dir); err != nil {
		return "", nil, err
	}
	to = id.Recipient()
	name = epochFile(role, version, to)
	if err := writeNew(filepath.Join(k.dir, name+".key"), string(secret)); err != nil {
		return "", nil, err
	}
	if err := writeNew(filepath.Join(k.dir, name+".to"), to.String()+"\n"+k.readers()+"\n"); err != nil {
		return "", nil, err
	}
	return name, to, syncFolder(k.dir)
}

// readers names the set of recipients that open a secret.
func (k epochKeys) readers() string {
	var all []string
	for _, r := range k.to {
		all = append(all, r.String())
	}
	slices.Sort(all)
	return shortHash(strings.Join(slices.Compact(all), " "))
}

// dropEpochs removes the files of destroyed epochs from folders.
func dropEpochs(gone []intake.GoneKey, folders ...string) (err error) {
	for _, dir := range folders {
		removed := false
		for _, k := range gone {
			for _, ending := range []string{"*.key", "*.to"} {
				files, failed := matching(dir, epochPrefix(k.Role, int64(k.Version))+ending)
				err = errors.Join(err, failed)
				for _, f := range files {
					removed = true
					if failed := os.Remove(f); failed != nil && !errors.Is(failed, fs.ErrNotExist) {
						err = errors.Join(err, failed)
					}
				}
			}
		}
		if removed {
			err = errors.Join(err, syncFolder(dir))
		}
	}
	return err
}

// matching are the files of a folder that fit a pattern; the folder's own name is none.
func matching(dir, pattern string) ([]string, error) {
	all, err := fs.Glob(os.DirFS(dir), pattern)
	for i, name := range all {
		all[i] = filepath.Join(dir, name)
	}
	return all, err
}
