package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"filippo.io/age"

	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/database"
)

// The files with names of their own.
const (
	aboutFile    = "about.json"
	manifestFile = "manifest.json"
)

// chunk is how many bytes of rows a file holds, about.
const chunk = 1 << 20

// Source is the installation to copy. All of it may be at work.
type Source struct {
	Program      string
	Day          intake.Date
	Tips, Ledger Database
	// Blobs opens a container's file, or returns [intake.ErrNotFound].
	Blobs func(tip, compartment string) (intake.Blob, error)
	Keys  map[string][]byte // content of the key files, by name
	// Epoch names the file of an epoch and seals to it; the file is durable by then. nil
	// leaves the grants as they are: such a backup opens without a file beside it.
	Epoch func(role string, version int64) (file string, to *age.HybridRecipient, err error)
	Tell  func(Progress) // nil: nobody listens
}

// Write writes a backup, sealed to every recipient. It returns the manifest in
// it; a file that is missing is named there and is no error. After an error dst
// holds what never opens.
func Write(ctx context.Context, dst io.Writer, s Source, to ...*age.HybridRecipient) (Manifest, error) {
	sealed, err := seal.NewWriter(dst, place, to...)
	if err != nil {
		return Manifest{}, err
	}
	if s.Tell == nil {
		s.Tell = func(Progress) {}
	}
	w := &writer{Source: s, archive: newArchive(sealed)}
	layout := 1
	if s.Epoch != nil {
		layout = epochLayout
	}
	w.m = Manifest{About: About{layout, s.Program, s.Day, Schemas{s.Tips.Schema.Version, s.Ledger.Schema.Version}},
		Rows: map[string]int64{}, Missing: []string{}}
	if err := s.Tips.snapshot(ctx, func(q *sql.Tx) error { return w.write(ctx, q) }); err != nil {
		return w.m, err
	}
	return w.m, sealed.Close()
}

// snapshot reads as of one moment.
func (d Database) snapshot(ctx context.Context, read func(*sql.Tx) error) error {
	return d.DB.Snapshot(ctx, func(q *sql.Tx) error {
		var n int // the moment is that of the first look
		if err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+d.Schema.Table).Scan(&n); err != nil {
			return err
		}
		return read(q)
	})
}

// Mark tells what the tables hold from what they held at another time: eight hex digits, of how many rows
// each table has. Whatever is done leaves a row, of the record if no other, and the record loses none; a STOP by text alone doesn't.
func (s Source) Mark(ctx context.Context) (string, error) {
	sum := sha256.New()
	for _, d := range []Database{s.Tips, s.Ledger} {
		for _, t := range d.there() {
			n, err := d.DB.Count(ctx, t.Name)
			if err != nil {
				return "", err
			}
			fmt.Fprintln(sum, t.Name, n)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:4]), nil
}

// writer makes one backup.
type writer struct {
	Source
	archive *archive
	m       Manifest
	at      Progress

	listed []Epoch
	locks  map[Epoch]*age.HybridRecipient // by role and version alone
}

func (w *writer) write(ctx context.Context, tips *sql.Tx) error {
	if err := w.json(aboutFile, w.m.About); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(w.Keys)) {
		if err := w.archive.file("keys/"+name, int64(len(w.Keys[name])), bytes.NewReader(w.Keys[name])); err != nil {
			return err
		}
	}
	if err := w.epochs(ctx, tips); err != nil {
		return err
	}
	if err := w.facts(ctx, tips); err != nil {
		return err
	}
	if err := w.blobs(ctx, tips); err != nil {
		return err
	}
	if err := w.tips(ctx, tips); err != nil {
		return err
	}
	if err := w.ledger(ctx, tips); err != nil {
		return err
	}
	return w.end()
}

func (w *writer) json(name string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return w.archive.file(name, int64(len(text)), bytes.NewReader(text))
}

// facts are what the manifest says beside counts.
func (w *writer) facts(ctx context.Context, q *sql.Tx) error {
	head, err := auditHead(ctx, q)
	if err != nil {
		return err
	}
	w.m.Audit = head
	return q.QueryRowContext(ctx, `SELECT COUNT(*) FROM custody WHERE view IS NOT NULL`).Scan(&w.m.Views)
}

// querier is a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func auditHead(ctx context.Context, q querier) (h Head, err error) {
	err = q.QueryRowContext(ctx, `SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1`).Scan(&h.Seq, &h.Hash)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return h, err
}

// blobs copies the containers that stand in files.
func (w *writer) blobs(ctx context.Context, q *sql.Tx) error {
	w.at.Part = "files"
	columns, _, err := columnsOf(ctx, q, database.Table{Name: "containers"})
	if err != nil {
		return err
	}
	file := "compartment"
	if slices.Contains(columns, "file") { // not in the tables of an older program
		file = "CASE WHEN file = '' THEN compartment ELSE file END"
	}
	rows, err := q.QueryContext(ctx, `SELECT tip, `+file+` FROM containers WHERE inline IS NULL ORDER BY tip, compartment`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var tip, compartment string
		if err := rows.Scan(&tip, &compartment); err != nil {
			return err
		}
		if err := w.blob(tip, compartment); err != nil {
			return err
		}
		w.Tell(w.at)
	}
	return rows.Err()
}

func (w *writer) blob(tip, compartment string) error {
	name := tip + "." + compartment
	b, err := w.Blobs(tip, compartment)
	if errors.Is(err, intake.ErrNotFound) {
		w.m.Missing = append(w.m.Missing, name)
		return nil
	}
	if err != nil {
		return err
	}
	w.at.Files++
	w.at.Bytes += b.Size()
	return errors.Join(w.archive.file("blobs/"+name, b.Size(), io.NewSectionReader(b, 0, b.Size())), b.Close())
}

// tips copies the store's tables.
func (w *writer) tips(ctx context.Context, q *sql.Tx) error {
	for _, t := range w.Tips.there() {
		f, err := w.begin(ctx, q, "tips", t)
		if err != nil {
			return err
		}
		if f.table == grantsTable && w.Epoch != nil {
			f.change = w.lock
		}
		if err := errors.Join(f.copy(ctx, q, nil), f.flush()); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	return nil
}

// ledger copies the ledger's tables: of the same snapshot where there is one for
// both, else of a later one, without what the tips' doesn't know.
func (w *writer) ledger(ctx context.Context, tips *sql.Tx) error {
	if w.Ledger.DB == w.Tips.DB {
		return w.ledgerTables(ctx, tips, nil)
	}
	known := func(column string, row []any) (bool, error) {
		if column != "tip" {
			return true, nil
		}
		var n int
		err := tips.QueryRowContext(ctx, `SELECT COUNT(*) FROM tips WHERE id = $1 AND lane <> 'held'`, row[0]).Scan(&n)
		return n > 0, err
	}
	return w.Ledger.snapshot(ctx, func(q *sql.Tx) error { return w.ledgerTables(ctx, q, known) })
}

func (w *writer) ledgerTables(ctx context.Context, q *sql.Tx, keep func(string, []any) (bool, error)) error {
	for _, t := range w.Ledger.there() {
		f, err := w.begin(ctx, q, "ledger", t)
		if err != nil {
			return err
		}
		if err := errors.Join(f.copy(ctx, q, keep), f.flush()); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	return nil
}

// there are the tables that the schema has by now: before an update it is an older one.
func (d Database) there() []database.Table {
	return slices.DeleteFunc(slices.Clone(d.Tables), func(t database.Table) bool { return t.Since > d.Schema.Version })
}

// end writes what remains of the sums, and the manifest.
func (w *writer) end() error {
	if err := w.archive.flush(); err != nil {
		return err
	}
	w.m.Files, w.m.Bytes, w.m.Sums = w.at.Files, w.at.Bytes, w.archive.sums.String()
	text, err := json.MarshalIndent(w.m, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(w.archive.plain(manifestFile, append(text, '\n')), w.archive.tar.Close())
}

// columnsOf are a table's columns, and what is read for them.
func columnsOf(ctx context.Context, q *sql.Tx, t database.Table) (names []string, query string, err error) {
	rows, err := q.QueryContext(ctx, `SELECT * FROM `+t.Name+` LIMIT 0`)
	if err != nil {
		return nil, "", fmt.Errorf("table %s: %w", t.Name, err)
	}
	defer rows.Close()
	if names, err = rows.Columns(); err != nil {
		return nil, "", err
	}
	read := slices.Clone(names)
	for i, name := range names {
		if other, ok := t.Instead[name]; ok {
			read[i] = other
		}
	}
	query = `SELECT ` + strings.Join(read, ", ") + ` FROM ` + t.Name
	if t.Order != "" {
		query += ` ORDER BY ` + t.Order
	}
	return names, query, rows.Err()
}
