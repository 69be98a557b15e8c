package database_test

import (
	"context"
	"database/sql"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"tipline/intake/database"
	"tipline/intake/servertest"
)

// A server that is set up to end statements soon doesn't end those of who copies all of it, nor a migration's.
func TestPatient(t *testing.T) {
	url, err := servertest.StartPostgres(t).Database()
	if err != nil {
		t.Fatal(err)
	}
	for _, patient := range []bool{false, true} {
		db, err := database.Open(t.Context(), database.Options{URL: url, Patient: patient})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Write.Exec(`ALTER ROLE CURRENT_USER SET statement_timeout = '1s'`); err != nil {
			t.Fatal(err)
		}
		for _, c := range []*sql.DB{db.Write, db.Read} {
			var timeout string
			if err := c.QueryRow(`SHOW statement_timeout`).Scan(&timeout); err != nil || (timeout == "0") != patient || timeout == "1s" {
				t.Errorf("patient %v: %s, %v", patient, timeout, err)
			}
		}
		if err := db.Scrub(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// A server that keeps silent is waited for once: pgx reads again behind a wait that was too long.
func TestSilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		c, began := database.Impatient(near), time.Now()
		for range 2 {
			if _, err := c.Read(make([]byte, 1)); !database.Away(err) {
				t.Error(err)
			}
		}
		if took := time.Since(began); took != 15*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// A name server that keeps silent doesn't make who waits for the database wait for its own patience, twice.
func TestSilentNames(t *testing.T) {
	names := net.DefaultResolver
	defer func() { net.DefaultResolver = names }()
	synctest.Test(t, func(t *testing.T) {
		net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
			c, _ := net.Pipe()
			return c, nil
		}}
		began := time.Now()
		_, err := database.Open(t.Context(), database.Options{URL: "postgres://a:b@tips-db/tipline"})
		if took := time.Since(began); err == nil || took > 7*time.Second {
			t.Errorf("after %v: %v", took, err)
		}
	})
}
