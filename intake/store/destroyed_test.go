package store

import (
	"path/filepath"
	"slices"
	"testing"
)

// TestDestroyedTablesAreAll: every table that knows a tip is destroyed with it, or is
// named here with the reason why not.
func TestDestroyedTablesAreAll(t *testing.T) {
	stay := map[string]string{
		"tips": "thinned", "history": "the disposition", "merges": "which tip it was put to", "transfers": "which ledger knows it", "audit": "the record",
		"outbox": "nothing is destroyed while an event waits", "destructions": "the certificate",
	}
	s, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "tips.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rows, err := s.read.QueryContext(t.Context(), `SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'tip' ORDER BY 1`)
	names, err := collect(rows, err, func(row scanner) (name string, err error) { return name, row.Scan(&name) })
	if err != nil || len(names) < 20 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if _, known := stay[name]; known == slices.Contains(destroyedTables(), name) {
			t.Errorf("%s: say whether it goes with a tip that is destroyed", name)
		}
	}
}
