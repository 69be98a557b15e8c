package main

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tipline/intake/servertest"
)

// smallDisk is the size of the mount that TestDiskFull fills; readiness wants
// 64 MB of it free.
const smallDisk = "size=128m"

// TestDiskFull fills the disk under load, several times: what can't be stored is
// refused, everything that was answered is there, and nothing is there twice.
func TestDiskFull(t *testing.T) {
	disk := mount(t)
	h := &harness{province: &province{instance: installOn(t, disk, append(generousLimits, smsEnv)...)}, load: newLoad(), tried: map[string]int{}}
	h.fillUp(filepath.Join(disk, "filler"), func() {
		h.waitFor("http://"+h.ops+"/readyz", http.StatusServiceUnavailable)
	}, func() {
		h.waitFor("http://"+h.ops+"/readyz", http.StatusOK)
	})
}

// TestDatabaseDiskFull does so to the disk of a database server, which refuses one statement
// then or stops altogether.
func TestDatabaseDiskFull(t *testing.T) {
	disk := mount(t)
	if err := os.Chmod(filepath.Dir(disk), 0o755); err != nil { // the server runs as a user of its own
		t.Fatal(err)
	}
	before := os.TempDir()
	t.Setenv("TMPDIR", disk)
	server := servertest.StartPostgres(t, "fsync=on", "min_wal_size=32MB", "max_wal_size=32MB")
	t.Setenv("TMPDIR", before)
	database, err := server.Database()
	if err != nil {
		t.Fatal(err)
	}
	in := install(t, append(generousLimits, smsEnv, "TIPLINE_DATABASE="+database)...)
	h := &harness{province: &province{instance: in, postgres: server}, load: newLoad(), tried: map[string]int{}}
	h.fillUp(filepath.Join(disk, "filler"), func() {}, func() {
		if server.Exec(t.Context(), "postgres", `SELECT 1`) != nil {
			server.Kill() // what is left of it
			h.must(server.Start())
		}
	})
}

// fillUp fills a disk under load three times; full and mended are what is seen to when it
// is full, and when there is room again.
func (h *harness) fillUp(filler string, full, mended func()) {
	h.instance.start()
	for range 2 {
		h.load.send(h.load.api(h.public))
	}
	h.load.send(h.load.files(h.public))
	h.load.send(h.load.sms(h.public))
	for range 3 {
		fill(h.t, filler)
		full()
		refused := h.load.refusals()
		until(h.t, 3*time.Minute, "the load meets a full disk", func() bool { return h.load.refusals() > refused+20 })
		h.must(os.Remove(filler))
		mended()
		n := h.load.count()
		until(h.t, 3*time.Minute, "reports are taken again", func() bool { return h.load.count() > n+20 })
		h.tried["disk full"]++
	}
	h.load.end()
	h.judge(3)
}

// mount is a disk of its own, and so small that it can be filled.
func mount(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, smallDisk); err != nil {
		t.Skipf("a small disk can't be mounted here (root may): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill writes until nothing more fits.
func fill(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := io.Copy(f, endless{}); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk didn't fill: %v", err)
	}
}

// endless is a file without end.
type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

// TestRoomLeft: a disk of the sealed files' own is looked at as well.
func TestRoomLeft(t *testing.T) {
	dir := mount(t)
	if err := roomLeft(dir); err != nil {
		t.Fatal(err)
	}
	blobs := filepath.Join(dir, blobFolder)
	if err := errors.Join(os.Mkdir(blobs, 0o700), syscall.Mount("tmpfs", blobs, "tmpfs", 0, "size=1m")); err != nil {
		t.Fatal(err)
	}
	if err := roomLeft(dir); err == nil || !strings.Contains(err.Error(), "make room") {
		t.Errorf("full: %v", err)
	}
	if err := syscall.Mount("tmpfs", blobs, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, "size=128m"); err != nil {
		t.Fatal(err)
	}
	if err := roomLeft(dir); err == nil || !strings.Contains(err.Error(), "only be read") {
		t.Errorf("read-only: %v", err)
	}
}
