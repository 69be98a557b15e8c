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
)

// smallDisk is the size of the mount that TestDiskFull fills; readiness wants
// 64 MB of it free.
const smallDisk = "size=128m"

// TestDiskFull fills the disk under load, several times: what can't be stored is
// refused, everything that was answered is there, and nothing is there twice.
func TestDiskFull(t *testing.T) {
	disk := mount(t)
	in := installOn(t, disk, append(generousLimits, smsEnv)...)
	in.start()
	l := newLoad()
	for range 3 {
		l.send(l.api(in.public))
	}
	l.send(l.sms(in.public))
	for range 3 {
		fill(t, filepath.Join(disk, "filler"))
		in.waitFor("http://"+in.ops+"/readyz", http.StatusServiceUnavailable)
		refused := l.refusals()
		until(t, 30*time.Second, "the load meets a full disk", func() bool { return l.refusals() > refused+20 })
		if err := os.Remove(filepath.Join(disk, "filler")); err != nil {
			t.Fatal(err)
		}
		in.waitFor("http://"+in.ops+"/readyz", http.StatusOK)
		n := l.count()
		until(t, 30*time.Second, "reports are taken again", func() bool { return l.count() > n+20 })
	}
	l.end()
	h := &harness{province: &province{instance: in}, load: l, tried: map[string]int{"disk full": 3}}
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
