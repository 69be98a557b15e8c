package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/go-cmp/cmp"
)

// TestTwiceTheSame makes one architecture's release in two folders.
func TestTwiceTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("links the whole program twice")
	}
	t.Setenv("SOURCE_DATE_EPOCH", "1780000000")
	first, second := t.TempDir(), filepath.Join(t.TempDir(), "another", "place")
	copyTree(t, first, "../..")
	copyTree(t, second, first)
	var archives, sums [2][]byte
	for i, root := range []string{first, second} {
		r := release{root: root, out: t.TempDir(), version: "v0.0.1-test", archs: []string{"amd64"}}
		if err := r.make(t.Context()); err != nil {
			t.Fatal(err)
		}
		archives[i] = read(t, filepath.Join(r.out, "tipline-v0.0.1-test-linux-amd64.tar.gz"))
		sums[i] = read(t, filepath.Join(r.out, "SHA256SUMS"))
	}
	if !bytes.Equal(archives[0], archives[1]) {
		t.Error("the same tree gave two different archives")
	}
	sum := sha256.Sum256(archives[0])
	want := hex.EncodeToString(sum[:]) + "  tipline-v0.0.1-test-linux-amd64.tar.gz\n"
	if got := string(sums[0]); got != want {
		t.Errorf("SHA256SUMS holds %q, want %q", got, want)
	}
	checkArchive(t, archives[0], first)
}

// copyTree copies what a release is made of.
func copyTree(t *testing.T, to, from string) {
	t.Helper()
	for _, folder := range []string{"cmd", "configs", "crypto", "intake", "web"} {
		if err := os.CopyFS(filepath.Join(to, folder), os.DirFS(filepath.Join(from, folder))); err != nil {
			t.Fatal(err)
		}
	}
	names := []string{"go.mod", "go.sum"}
	for _, f := range fromRoot {
		if !strings.Contains(f[1], "/") {
			names = append(names, f[1])
		}
	}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(to, name), read(t, filepath.Join(from, name)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// checkArchive wants what an office without network needs, and no trace of the
// folder it was made in.
func checkArchive(t *testing.T, packed []byte, root string) {
	t.Helper()
	files := unpack(t, packed)
	const top = "tipline-v0.0.1-test-linux-amd64/"
	for _, name := range []string{"tipline", "LICENSE", "THIRD-PARTY-LICENSES.txt", "README.md", "INSTALL.md", "安装说明.md", "sbom.cdx.json",
		"deploy/tipline.service", "deploy/tipline.example.yaml"} {
		if len(files[top+name]) == 0 {
			t.Errorf("the archive lacks %s", name)
		}
	}
	code := files[top+"tipline"]
	if !bytes.HasPrefix(code, []byte("\x7fELF")) || bytes.Contains(code, []byte("ld-linux")) {
		t.Error("tipline is no static ELF program")
	}
	for name, body := range files {
		if bytes.Contains(body, []byte(root+"/")) {
			t.Errorf("%s names the folder it was made in", name)
		}
	}
	if bom := string(files[top+"sbom.cdx.json"]); !strings.Contains(bom, "pkg:golang/filippo.io/age@v") {
		t.Error("the bill of materials lacks a module of the binary")
	}
}

func unpack(t *testing.T, packed []byte) map[string][]byte {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	if !zip.ModTime.IsZero() || zip.Name != "" {
		t.Errorf("the gzip header tells name %q and time %v", zip.Name, zip.ModTime)
	}
	out := map[string][]byte{}
	for r := tar.NewReader(zip); ; {
		h, err := r.Next()
		if err == io.EOF {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		if h.Uid != 0 || h.Gid != 0 {
			t.Errorf("%s belongs to %d:%d", h.Name, h.Uid, h.Gid)
		}
		if out[h.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

func TestArchiveIsSortedAndDated(t *testing.T) {
	date := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	var one, two bytes.Buffer
	a, b := entry{name: "a", body: []byte("x")}, entry{name: "b", executable: true}
	if err := writeTar(&one, "top", []entry{a, b}, date); err != nil {
		t.Fatal(err)
	}
	if err := writeTar(&two, "top", []entry{b, a}, date); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("the order in which files are found changes the archive")
	}
	type header struct {
		Name string
		Mode int64
		Date time.Time
	}
	var got []header
	for r := tar.NewReader(&one); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		got = append(got, header{h.Name, h.Mode, h.ModTime.UTC()})
	}
	if diff := cmp.Diff([]header{{"top/a", 0o644, date}, {"top/b", 0o755, date}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestBillOfMaterials(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Path: "tipline"},
		Deps:     []*debug.Module{{Path: "example.org/b", Version: "v1.0.0", Sum: "h1:b"}, {Path: "example.org/a", Version: "v2.0.0", Sum: "h1:a"}},
		Settings: []debug.BuildSetting{{Key: "GOARCH", Value: "arm64"}, {Key: "-ldflags", Value: "-X /a/path"}}}
	text, err := billOfMaterials(info, "v1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	var bom cdx.BOM
	if err := cdx.NewBOMDecoder(bytes.NewReader(text), cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
		t.Fatal(err)
	}
	if bom.SpecVersion != cdx.SpecVersion1_6 || bom.SerialNumber != "" || bom.Metadata.Timestamp != "" {
		t.Errorf("version %v, serial %q, time %q", bom.SpecVersion, bom.SerialNumber, bom.Metadata.Timestamp)
	}
	want := []string{"pkg:golang/example.org/a@v2.0.0", "pkg:golang/example.org/b@v1.0.0", "pkg:golang/std@1.26.0"}
	if diff := cmp.Diff([]cdx.Dependency{{Ref: "pkg:golang/tipline@v1.2.3", Dependencies: &want}}, *bom.Dependencies); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]cdx.Property{{Name: "go.build.GOARCH", Value: "arm64"}}, *bom.Metadata.Component.Properties); diff != "" {
		t.Error(diff)
	}
}

func TestVersionsAreNamed(t *testing.T) {
	for _, version := range []string{"", "dev", "1.2.0", "v1.2", "v01.2.3", "v1.2.3 -X", "v1.2.3/../x"} {
		r := release{root: "../..", out: t.TempDir(), version: version}
		if err := r.make(t.Context()); err == nil || !strings.Contains(err.Error(), "must look like v1.2.0") {
			t.Errorf("version %q: %v", version, err)
		}
	}
}
