package store_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tipline/intake/store"
)

// A table is in a backup or is left out on purpose; none is forgotten.
func TestTablesAreAll(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "tips.db"))
	rows, err := s.Database().Read.QueryContext(t.Context(), `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var have []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		have = append(have, name)
	}
	schema, err := store.Schema()
	if err != nil || rows.Err() != nil {
		t.Fatal(err, rows.Err())
	}
	want := append(store.Short(), schema.Table)
	for _, table := range store.Tables() {
		want = append(want, table.Name)
	}
	slices.Sort(want)
	if d := cmp.Diff(want, have); d != "" {
		t.Fatalf("a table is neither copied nor left out (- known, + there):\n%s", d)
	}
}
