package store_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/blob"
	"tipline/intake/store"
)

// crashDir tells a child of the crash test where to work.
const crashDir = "TIPLINE_STORE_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		fmt.Fprintln(os.Stderr, acceptForever(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

const crashBytes = 3 * blob.Inline

// acceptForever accepts tips from several sides, each with a container in its
// file, and prints a tip's id once it is told that the tip is stored.
func acceptForever(dir string) error {
	s, d, err := both(dir)
	if err != nil {
		return err
	}
	failed, ids := make(chan error), make(chan string)
	for range 4 {
		go func() {
			for {
				id, err := acceptOne(s, d)
				if err != nil {
					failed <- err
					return
				}
				ids <- id
			}
		}()
	}
	for {
		select {
		case id := <-ids:
			fmt.Println(id)
		case err := <-failed:
			return err
		}
	}
}

func both(dir string) (*store.Store, *blob.Dir, error) {
	s, err := store.Open(context.Background(), store.Options{Path: filepath.Join(dir, "tips.db")})
	if err != nil {
		return nil, nil, err
	}
	d, err := blob.Open(filepath.Join(dir, "blobs"), blob.Options{})
	return s, d, err
}

func acceptOne(s *store.Store, d *blob.Dir) (id string, err error) {
	id = intake.NewID()
	w, err := d.Create(id, intake.CompartmentOriginals)
	if err != nil {
		return id, err
	}
	if _, err := w.Write(bytes.Repeat([]byte(id[:1]), crashBytes)); err != nil {
		return id, err
	}
	if _, err := w.Commit(); err != nil {
		return id, err
	}
	_, err = s.Accept(context.Background(), &intake.Acceptance{ReceiptTag: []byte(id), Tip: intake.Tip{ID: id, Facts: intake.Facts{Desk: "d", Lane: intake.Normal}},
		Containers: []intake.Container{{Compartment: intake.CompartmentOriginals, Streams: []intake.Stream{{Name: "raw", Length: crashBytes}}}},
		Event:      &intake.Event{ID: id, Type: intake.EventReceived, Data: intake.EventData{Tip: id, Desk: "d"}}})
	return id, err
}

// What was answered as accepted is there after kill -9, with its files, and every
// row of a tip came with it.
func TestKilledProcessKeepsWhatItAccepted(t *testing.T) {
	dir := t.TempDir()
	told := map[string]bool{}
	for range 5 {
		for _, id := range killed(t, dir) {
			told[id] = true
		}
	}
	s, d, err := both(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	defer d.Close()
	for id := range told {
		th, err := s.Thread(t.Context(), []byte(id))
		if err != nil || th.Tip.ID != id {
			t.Fatalf("tip %s was accepted and isn't there: %v", id, err)
		}
	}
	stored := 0
	for st, err := range s.Standings(t.Context(), "d") {
		if err != nil {
			t.Fatal(err)
		}
		stored++
		if !st.Waiting {
			t.Errorf("tip %s has no event", st.Tip)
		}
		complete(t, d, st.Tip)
	}
	counts, err := s.Counts(t.Context(), "d")
	if err != nil || counts.ByState[""] != stored || stored < len(told) || len(told) == 0 {
		t.Fatalf("told of %d tips, %d stored, counted %v (%v)", len(told), stored, counts, err)
	}
	orphans(t, s, d, stored)
}

func complete(t *testing.T, d *blob.Dir, id string) {
	t.Helper()
	f, err := d.Open(id, intake.CompartmentOriginals)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	content := make([]byte, f.Size())
	if _, err := f.ReadAt(content, 0); err != nil || strings.Trim(string(content), id[:1]) != "" || len(content) != crashBytes {
		t.Fatalf("container of tip %s has %d bytes or others, %v", id, len(content), err)
	}
}

// What belongs to no tip goes once its day is over; what belongs to one stays.
func orphans(t *testing.T, s *store.Store, d *blob.Dir, stored int) {
	t.Helper()
	known := func(tip, file string) (bool, error) { return s.HasFile(t.Context(), tip, file) }
	if n, err := d.Collect(t.Context(), 24*time.Hour, known); n != 0 || err != nil {
		t.Fatalf("%d of today's files collected, %v", n, err)
	}
	if _, err := d.Collect(t.Context(), -24*time.Hour, known); err != nil {
		t.Fatal(err)
	}
	kept := 0
	for st := range s.Standings(t.Context(), "d") {
		complete(t, d, st.Tip)
		kept++
	}
	if kept != stored {
		t.Fatalf("%d of %d tips complete", kept, stored)
	}
}

// killed runs a child and kills it after some tips; what it had told comes back.
func killed(t *testing.T, dir string) (told []string) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), crashDir+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	n := 3 + rand.IntN(20)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if len(lines.Text()) == 32 { // the last line may be cut
			told = append(told, lines.Text())
		}
		if len(told) == n {
			_ = child.Process.Kill() // SIGKILL
		}
	}
	if err := child.Wait(); err == nil || len(told) < n {
		t.Fatalf("the child ended by itself after %d tips: %v", len(told), err)
	}
	return told
}
