package database_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"tipline/intake/database"
	"tipline/intake/servertest"
)

// schema is one of n migrations, each a table.
func schema(n int64) database.Schema {
	files := fstest.MapFS{}
	for i, name := range []string{"", "00001_a.sql", "00002_b.sql", "00003_c.sql"} {
		if i > 0 && int64(i) <= n {
			text := &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE t" + string(rune('0'+i)) + " (x TEXT);\n-- +goose Down\nDROP TABLE t" + string(rune('0'+i)) + ";\n")}
			files["sqlite/"+name], files["postgres/"+name] = text, text
		}
	}
	return database.Schema{Files: files, Table: "v", Version: n, Before: database.CopyBefore("", "v")}
}

func opened(t *testing.T, path string) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), database.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func migrate(t *testing.T, db *database.DB, n int64) {
	t.Helper()
	if err := db.Migrate(t.Context(), schema(n)); err != nil {
		t.Fatal(err)
	}
}

var longAgo = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// A migration that fails leaves what came before it, says so, and goes on where it
// stopped once it is mended. Starts in between keep the copy that one goes back to.
func TestStuck(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tipline.db")
	db := opened(t, path)
	migrate(t, db, 1)
	if _, err := db.Write.Exec(`CREATE TABLE t3 (in_its_way TEXT)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), schema(3)); err == nil || !strings.Contains(err.Error(), "from 1 to 2 and no further") {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), schema(3)); err == nil || !strings.Contains(err.Error(), "nothing was changed") {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + ".before-1"); err != nil {
		t.Errorf("the copy to go back to is gone after another start: %v", err)
	}
	for _, c := range []struct {
		meanwhile string
		do        func() error
		again     bool
	}{
		{"nothing", func() error { return nil }, false},
		{"a row by the older program", func() error { _, err := db.Write.Exec(`INSERT INTO t1 VALUES ('x')`); return err }, true},
		{"the copy was cut short", func() error { return os.Truncate(path+".before-2", 5_000) }, true},
	} {
		if err := c.do(); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path+".before-2", time.Time{}, longAgo); err != nil {
			t.Fatal(err)
		}
		if err := db.Migrate(t.Context(), schema(3)); err == nil {
			t.Fatal("a table stands in the way")
		}
		if info, err := os.Stat(path + ".before-2"); err != nil || !info.ModTime().Equal(longAgo) != c.again {
			t.Errorf("%s, and the copy is written again: %v, want %v (%v)", c.meanwhile, !c.again, c.again, err)
		}
	}
	if left, err := filepath.Glob(path + ".before-*.part"); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
	if _, err := db.Write.Exec(`DROP TABLE t3`); err != nil {
		t.Fatal(err)
	}
	migrate(t, db, 3)
}

// A database is copied before it changes, and the older program can go on with
// the copy; the changed one it refuses.
func TestCopyBefore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tip line?.db")
	db := opened(t, path)
	migrate(t, db, 1)
	if _, err := db.Write.Exec(`INSERT INTO t1 VALUES ('kept')`); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + ".before-0"); err == nil {
		t.Fatal("a new database was copied")
	}
	migrate(t, db, 2)
	info, err := os.Stat(path + ".before-1")
	if err != nil || info.Mode() != 0o600 {
		t.Fatal(info, err)
	}
	if err := db.Migrate(t.Context(), schema(1)); !errors.Is(err, database.ErrNewer) {
		t.Fatalf("the older program says %v", err)
	}
	old := opened(t, path+".before-1")
	migrate(t, old, 1)
	var got string
	if err := old.Read.QueryRow(`SELECT x FROM t1`).Scan(&got); err != nil || got != "kept" {
		t.Fatal(got, err)
	}
	migrate(t, db, 3)
	if _, err := os.Stat(path + ".before-2"); err != nil {
		t.Error(err)
	}
}

// Several programs that start at once leave one copy, of the older schema.
func TestCopyBeforeSideBySide(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tips.db")
	migrate(t, opened(t, path), 1)
	var wait sync.WaitGroup
	for range 4 {
		db := opened(t, path)
		wait.Go(func() {
			if err := db.Migrate(t.Context(), schema(2)); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	var n int64
	if err := opened(t, path+".before-1").Read.QueryRow(`SELECT MAX(version_id) FROM v`).Scan(&n); err != nil || n != 1 {
		t.Fatal(n, err)
	}
}

// On PostgreSQL one of them makes the copy while the others wait, and a copy that fails changes nothing.
func TestBeforeSideBySide(t *testing.T) {
	url, err := servertest.StartPostgres(t).Database()
	if err != nil {
		t.Fatal(err)
	}
	var copies atomic.Int64
	var full atomic.Bool
	before := func(context.Context) error {
		copies.Add(1)
		if full.Load() {
			return errors.New("no space left")
		}
		return nil
	}
	start := func(n int64) error {
		db, err := database.Open(t.Context(), database.Options{URL: url, Before: before})
		if err != nil {
			return err
		}
		defer db.Close()
		return db.Migrate(t.Context(), schema(n))
	}
	if err := start(1); err != nil || copies.Load() != 0 {
		t.Fatalf("a new database: %v, %d copies", err, copies.Load())
	}
	full.Store(true)
	if err := start(2); err == nil || !strings.Contains(err.Error(), "it was not changed: no space left") {
		t.Fatal(err)
	}
	if err := start(1); err != nil {
		t.Fatalf("it was changed without a copy: %v", err)
	}
	full.Store(false)
	copies.Store(0)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			if err := start(3); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if copies.Load() != 1 {
		t.Errorf("%d copies", copies.Load())
	}
}

// Without room for a copy nothing is changed.
func TestCopyBeforeFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tips.db")
	db := opened(t, path)
	migrate(t, db, 1)
	s := schema(2)
	if err := os.Mkdir(path+".before-1", 0o700); err != nil { // the name is taken
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path+".before-1", "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), s); err == nil {
		t.Fatal("it was changed without a copy")
	}
	if err := db.Check(t.Context(), schema(1)); err != nil {
		t.Fatal(err)
	}
}
