package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSiteFiles(t *testing.T) {
	o := &office{dir: t.TempDir()}
	if got, err := o.siteFiles(); err != nil || len(got) != 0 {
		t.Fatalf("without a folder: %v, %v", got, err)
	}
	folder := filepath.Join(o.dir, "site")
	for _, name := range []string{"logo.svg", "voice.zh-CN.mp3"} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := o.siteFiles(); err != nil || string(got["logo.svg"]) != "logo.svg" || len(got) != 2 {
		t.Errorf("%v, %v", got, err)
	}
	if err := os.WriteFile(filepath.Join(folder, "other.js"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := o.siteFiles(); err == nil || !strings.Contains(err.Error(), "other.js") {
		t.Errorf("a file that isn't known: %v", err)
	}
}
