package database_test

import (
	"strings"
	"testing"

	"tipline/intake/database"
	"tipline/intake/servertest"
)

func TestTogether(t *testing.T) {
	url, err := servertest.StartPostgres(t).Database()
	if err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(t.Context(), database.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Write.Exec(`CREATE TABLE r (k TEXT PRIMARY KEY)`); err != nil {
		t.Fatal(err)
	}
	const add = `INSERT INTO r (k) VALUES ($1) ON CONFLICT (k) DO NOTHING`
	put := func(k string) database.Statement { return database.Statement{Query: add, Args: []any{k}} }
	claim := func(k string) database.Statement {
		return database.Statement{Query: add, Args: []any{k}, Claims: true}
	}
	for _, c := range []struct {
		all   []database.Statement
		whole bool
		rows  string
	}{
		{nil, true, ""},
		{[]database.Statement{put("a"), claim("b")}, true, "ab"},
		{[]database.Statement{put("a"), claim("c")}, true, "abc"},
		{[]database.Statement{put("d"), claim("b"), put("e")}, false, "abc"},
		{[]database.Statement{claim("d"), claim("d")}, false, "abc"},
		{[]database.Statement{put("d"), {Query: `INSERT INTO r (k) VALUES ($1)`, Args: []any{"a"}}}, false, "abc"},
		{[]database.Statement{put("d"), {Query: `no SQL`}}, false, "abc"},
		{[]database.Statement{claim("d")}, true, "abcd"},
	} {
		err := db.Together(t.Context(), c.all)
		if (err == nil) != c.whole {
			t.Errorf("%v: %v", c.all, err)
		}
		var rows string
		if err := db.Read.QueryRow(`SELECT COALESCE(STRING_AGG(k, '' ORDER BY k), '') FROM r`).Scan(&rows); err != nil || rows != c.rows {
			t.Errorf("%v: rows %q, want %q, %v", c.all, rows, c.rows, err)
		}
	}
	if err := db.Together(t.Context(), []database.Statement{claim("a")}); err == nil || strings.Contains(err.Error(), "a)") {
		t.Errorf("a claim that failed tells its value: %v", err)
	}
}

func TestTogetherIsNoSQLite(t *testing.T) {
	db := opened(t, t.TempDir()+"/t.db")
	if db.Pipelines() || db.Together(t.Context(), nil) == nil {
		t.Error("SQLite took statements together")
	}
}
