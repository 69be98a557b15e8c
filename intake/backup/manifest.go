package backup

import (
	"errors"
	"fmt"

	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/database"
)

// format is the number of the layout in the package's comment.
const format = 2

// The package's errors.
var (
	// ErrDamaged: the backup was changed, cut or isn't one.
	ErrDamaged = errors.New("the backup is damaged or was changed; take another copy of it, or an older backup")
	// ErrNewer: a newer program made the backup.
	ErrNewer = errors.New("a newer tipline made this backup; restore it with that version or a later one")
	// ErrHead: it isn't the backup whose audit head was noted.
	ErrHead = errors.New("this isn't the backup whose head was noted")
	// ErrNotEmpty: the place to restore into holds something.
	ErrNotEmpty = errors.New("the database isn't empty, and a restore never mixes; name an empty one")
)

// place is what the sealed file is bound to.
var place = seal.Context{Tip: "backup", Compartment: "backup", Part: "all", Direction: "out"}

// About begins a backup: what is needed to know whether it can be restored.
type About struct {
	Format  int         `json:"format"`
	Program string      `json:"program"`
	Day     intake.Date `json:"day"`
	Schema  Schemas     `json:"schema"`
}

// Schemas are the numbers of the newest migration.
type Schemas struct {
	Tips   int64 `json:"tips"`
	Ledger int64 `json:"ledger"`
}

// of is the number of part tips or ledger.
func (s Schemas) of(part string) int64 {
	if part == "ledger" {
		return s.Ledger
	}
	return s.Tips
}

// Manifest ends a backup: what must have been met on the way to it.
type Manifest struct {
	About
	Rows    map[string]int64 `json:"rows"` // by "tips/TABLE" or "ledger/TABLE"
	Files   int64            `json:"files"`
	Bytes   int64            `json:"bytes"`   // in the files
	Missing []string         `json:"missing"` // files whose rows are there and that weren't
	Audit   Head             `json:"audit"`
	Views   int64            `json:"views_left_out"` // opened identities
	Sums    string           `json:"sums"`           // hex SHA-256 over the lines of sums/
}

// Head is the last row of the audit chain.
type Head struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

// Database is one database with what is copied of it.
type Database struct {
	DB     *database.DB // patient, where it may be large
	Schema database.Schema
	Tables []database.Table
}

// Progress is how far a backup or a restore has come.
type Progress struct {
	Part        string // a table, or "files"
	Rows, Files int64  // altogether
	Bytes       int64  // in the files
}

// check refuses what this program doesn't know.
func (a About) check(tips, ledger Database) error {
	if a.Format > format || a.Schema.Tips > tips.Schema.Version || a.Schema.Ledger > ledger.Schema.Version {
		return fmt.Errorf("%w (it is of tipline %s, with schema %d and %d; this program knows %d and %d)", ErrNewer,
			a.Program, a.Schema.Tips, a.Schema.Ledger, tips.Schema.Version, ledger.Schema.Version)
	}
	if a.Format < 1 || a.Schema.Tips < 1 || a.Schema.Ledger < 1 {
		return fmt.Errorf("%w (about.json)", ErrDamaged)
	}
	return nil
}

// damaged names what is wrong.
func damaged(text string, args ...any) error {
	return fmt.Errorf("%w (%s)", ErrDamaged, fmt.Sprintf(text, args...))
}
