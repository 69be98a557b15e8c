package database

import (
	"path/filepath"
	"testing"
	"time"
)

// TestLogIsMovedBesideTheWriter: pages of the log get into the file before a commit has to move them, where somebody
// waits for commits, and stay in the log elsewhere.
func TestLogIsMovedBesideTheWriter(t *testing.T) {
	t.Parallel()
	for _, hurry := range []bool{true, false} {
		d, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "tips.db"), Hurry: hurry})
		if err != nil {
			t.Fatal(err)
		}
		exec := func(query string, args ...any) {
			if _, err := d.Write.ExecContext(t.Context(), query, args...); err != nil {
				t.Fatal(err)
			}
		}
		exec(`CREATE TABLE a (b BLOB)`)
		for range 30 {
			exec(`INSERT INTO a VALUES (?)`, make([]byte, 50*4096))
		}
		busy, pages, moved := -1, -1, -1
		look := func() {
			if err := d.Read.QueryRowContext(t.Context(), `PRAGMA wal_checkpoint(NOOP)`).Scan(&busy, &pages, &moved); err != nil {
				t.Fatal(err)
			}
		}
		patience := time.After(2 * time.Minute)
		tick := time.Tick(10 * time.Millisecond)
		for look(); hurry && moved < movePages; look() {
			select {
			case <-tick:
			case <-patience:
				t.Fatalf("of %d pages of the log %d were moved", pages, moved)
			}
		}
		if pages < movePages || !hurry && moved != 0 {
			t.Errorf("hurry %v: %d pages, %d of them moved", hurry, pages, moved)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}
