package store_test

import (
	"errors"
	"path/filepath"
	"testing"

	"tipline/intake"
)

// TestBeginningsThatNeverEnd: a gateway that sends beginnings alone is asked to come back before it fills the disk, and is
// heard again once some are put together.
func TestBeginningsThatNeverEnd(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "tips.db"))
	run := func(query string) {
		t.Helper()
		if _, err := s.Database().Write.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	run(`INSERT INTO waiting (grp, number, total, tag, sealed) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
		SELECT CAST('group ' || i AS BLOB), 1, 2, CAST('tag ' || i AS BLOB), x'00' FROM n`)
	part := intake.WaitingPart{Group: []byte("another"), Number: 1, Of: 2, Tag: []byte("another"), On: "2026-03-01", Sealed: []byte("sealed")}
	_, err := s.Await(t.Context(), part)
	if limited, ok := errors.AsType[*intake.LimitedError](err); !ok || limited.RetryAfter != intake.PartWait {
		t.Errorf("beside 20,000 that wait: %v", err)
	}
	run(`DELETE FROM waiting WHERE grp = CAST('group 7' AS BLOB)`)
	if _, err := s.Await(t.Context(), part); err != nil {
		t.Errorf("beside one less: %v", err)
	}
}
