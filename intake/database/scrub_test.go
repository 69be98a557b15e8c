package database

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
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

// TestScrubWaitsShortly: with a reader that stays, it gives up soon, and writers go on with their own patience.
func TestScrubWaitsShortly(t *testing.T) {
	d, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "x.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	patience := func() (ms int) {
		t.Helper()
		if err := d.Write.QueryRowContext(t.Context(), `PRAGMA busy_timeout`).Scan(&ms); err != nil {
			t.Fatal(err)
		}
		return ms
	}
	before := patience()
	if _, err := d.Write.ExecContext(t.Context(), `CREATE TABLE x (id BIGINT)`); err != nil {
		t.Fatal(err)
	}
	reader, err := d.Read.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := reader.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM x`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Write.ExecContext(t.Context(), `INSERT INTO x VALUES (1)`); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := d.Scrub(t.Context()); !errors.Is(err, ErrBusy) {
		t.Errorf("with a reader: %v", err)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("it waited for %v", took)
	}
	if after := patience(); after != before || before < 1000 {
		t.Errorf("others wait %d ms, and %d before", after, before)
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := d.Scrub(t.Context()); err != nil {
		t.Error(err)
	}
}
