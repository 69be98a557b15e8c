package spool_test

import (
	"path/filepath"
	"testing"

	"tipline/intake/spool"
)

// What a gateway waits for while the database is away: two syncs.
func BenchmarkSpooled(b *testing.B) {
	s, err := spool.Open(filepath.Join(b.TempDir(), "spool"), spool.Options{Store: &database{err: errAway}, MaxBytes: 1 << 40})
	check(b, err)
	defer s.Close()
	b.ReportAllocs()
	for b.Loop() {
		a := tip("")
		a.Parts[0].Sealed = make([]byte, 16<<10)
		if _, err := s.Accept(b.Context(), a); err != nil {
			b.Fatal(err)
		}
	}
}
