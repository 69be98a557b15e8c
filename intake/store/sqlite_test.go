package store_test

import (
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"tipline/intake/store"
	"tipline/intake/store/storetest"
)

func TestSQLite(t *testing.T) {
	defer goleak.VerifyNone(t)
	storetest.Run(t, func(t *testing.T, o store.Options) *store.Store {
		o.Path = filepath.Join(t.TempDir(), "tip line?.db")
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
