package store_test

import (
	"testing"

	"tipline/intake/servertest"
	"tipline/intake/store"
	"tipline/intake/store/storetest"
)

// TestPostgres runs the same suite on a real server.
func TestPostgres(t *testing.T) {
	server := servertest.StartPostgres(t)
	storetest.Run(t, func(t *testing.T, o store.Options) *store.Store {
		var err error
		if o.URL, err = server.Database(); err != nil {
			t.Fatal(err)
		}
		s, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		return s
	})
}
