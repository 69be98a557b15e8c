package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tipline/configs"
	"tipline/intake"
	"tipline/intake/blob"
	"tipline/intake/store"
)

// TestOrphansOfASpoolElsewhere: a desk that doesn't see the intakes' spool takes no file for an orphan: its tip may wait
// there, or have been set aside.
func TestOrphansOfASpoolElsewhere(t *testing.T) {
	t.Parallel()
	dir, now := t.TempDir(), time.Date(2026, 10, 8, 7, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	st, err := store.Open(t.Context(), store.Options{Path: filepath.Join(dir, "tips.db"), Loc: time.UTC, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	blobs, err := blob.Open(filepath.Join(dir, blobFolder), blob.Options{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	defer blobs.Close()
	tip := intake.NewID()
	w, err := blobs.Create(tip, intake.CompartmentOriginals)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 2*blob.Inline)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	now = now.AddDate(0, 0, 3)
	p := &program{house: &house{office: &office{cfg: configs.Default(), dir: dir, loc: time.UTC, now: clock}, store: st, blobs: blobs}, does: deskOnly}
	p.cfg.Spool.Enabled = true
	there := func() bool {
		b, err := blobs.Open(tip, intake.CompartmentOriginals)
		if err == nil {
			err = b.Close()
		} else if errors.Is(err, intake.ErrNotFound) {
			return false
		}
		if err != nil {
			t.Fatal(err)
		}
		return true
	}
	if err := p.collectOrphans(t.Context()); !errors.Is(err, errSpoolElsewhere) || !there() {
		t.Fatalf("without the spool in sight: %v, kept %v", err, there())
	}
	if err := os.MkdirAll(filepath.Join(dir, spoolFolder, "1"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := p.collectOrphans(t.Context()); err != nil || there() {
		t.Errorf("beside an empty spool: %v, kept %v", err, there())
	}
}
