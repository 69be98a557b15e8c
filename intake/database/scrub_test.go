package database

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestScrub: what was deleted stands neither in the file nor in its log.
func TestScrub(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := d.Write.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`CREATE TABLE x (id BIGINT, body TEXT)`)
	for i := range 200 {
		exec(`INSERT INTO x VALUES ($1, $2)`, i, "CANARY")
	}
	exec(`INSERT INTO x VALUES ($1, $2)`, 999, "STAYS")
	exec(`DELETE FROM x WHERE id < 999`)
	if err := d.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + "-wal"} {
		b, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte("CANARY")) {
			t.Errorf("%s holds what was deleted", filepath.Base(name))
		}
		if name == path && !bytes.Contains(b, []byte("STAYS")) {
			t.Error("what stays is gone")
		}
	}
	var n int
	if err := d.Read.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM x`).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
}
