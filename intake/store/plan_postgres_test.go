package store

import (
	"strings"
	"testing"
	"time"

	"tipline/intake/servertest"
)

// TestPostgresNeverSorts: with as little known of the rows as in a new installation, and
// walking and sorting made dear, PostgreSQL takes the index that a filter leads to.
func TestPostgresNeverSorts(t *testing.T) {
	server := servertest.StartPostgres(t)
	url, err := server.Database()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), Options{URL: url, Loc: time.UTC, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	tx, err := s.read.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	for _, set := range []string{"enable_seqscan", "enable_bitmapscan", "enable_sort"} {
		if _, err := tx.ExecContext(t.Context(), "SET LOCAL "+set+" = off"); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range leads() {
		c.filter.Desk, c.filter.Today = "d", "2026-03-01"
		query, args, err := listQuery(c.filter, nil, 51)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := tx.QueryContext(t.Context(), "EXPLAIN "+query, args...)
		out, err := collect(rows, err, func(row scanner) (step string, err error) { return step, row.Scan(&step) })
		if err != nil {
			t.Fatal(err)
		}
		if plan := strings.Join(out, "; "); !strings.Contains(plan, "using "+c.index+" ") || strings.Contains(plan, "Sort") {
			t.Errorf("%+v: %s", c.filter, plan)
		}
	}
}
