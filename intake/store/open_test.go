package store_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tipline/intake"
	"tipline/intake/database"
	"tipline/intake/store"
)

func open(t testing.TB, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestOpenMakesPrivateFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "tips.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 3 {
		t.Fatalf("%v %v", files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s has mode %v, %v", f.Name(), info.Mode(), err)
		}
	}
}

func TestOpenRefusesNewerSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tips.db")
	s := open(t, path)
	if _, err := s.Database().Write.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, database.ErrNewer) {
		t.Fatalf("ping says %v", err)
	}
	_, err := store.Open(t.Context(), store.Options{Path: path})
	if !errors.Is(err, database.ErrNewer) || !strings.Contains(err.Error(), "999") {
		t.Fatalf("error is %v", err)
	}
}

func TestOpenWithoutFolder(t *testing.T) {
	_, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "none", "tips.db")})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("error is %v", err)
	}
}

// Several processes may start on an empty folder at once, and write at once.
func TestOpenAndWriteSideBySide(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tips.db")
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			s, err := store.Open(t.Context(), store.Options{Path: path})
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			for range 25 {
				if err := s.AppendAudit(t.Context(), intake.Audit{Act: "login"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	s := open(t, path)
	rows, err := s.AuditRows(t.Context(), 0, 1000)
	if err != nil || len(rows) != 100 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	prev := ""
	for _, r := range rows {
		if r.Prev != prev || r.Hash != store.AuditHash(r) {
			t.Fatalf("row %d breaks the chain", r.Seq)
		}
		prev = r.Hash
	}
}

// A known row has a known hash, so that a chain can be checked without us.
func TestAuditHash(t *testing.T) {
	a := intake.Audit{Seq: 1, Member: "li", Act: "read"}
	b := a
	b.Member, b.Act = "lir", "ead"
	if store.AuditHash(a) == store.AuditHash(b) {
		t.Fatal("fields run into one another")
	}
	const want = "5d2b9f3b9d603226bf57a1e53106fb50c014fd6778446b33c62334ca431aaa36" // by another program
	if got := store.AuditHash(a); got != want {
		t.Fatalf("hash is %s", got)
	}
}
