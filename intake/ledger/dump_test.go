package ledger_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tipline/intake/database"
	"tipline/intake/ledger"
)

// None of the ledger's tables is forgotten in a backup.
func TestTablesAreAll(t *testing.T) {
	db, err := database.Open(t.Context(), database.Options{Path: filepath.Join(t.TempDir(), "ledger.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	l, err := ledger.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := ledger.Schema()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{schema.Table}
	for _, table := range ledger.Tables() {
		want = append(want, table.Name)
	}
	slices.Sort(want)
	var have []string
	rows, err := l.Database().Read.QueryContext(t.Context(), `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		have = append(have, name)
	}
	if d := cmp.Diff(want, have); d != "" || rows.Err() != nil {
		t.Fatalf("a table isn't copied (- known, + there):\n%s %v", d, rows.Err())
	}
}
