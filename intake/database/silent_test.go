package database_test

import (
	"context"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"tipline/intake/database"
)

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
