package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWordsThatArentText: a letter that an editor saved in GBK or UTF-16 isn't sent as signs that nobody can read.
func TestWordsThatArentText(t *testing.T) {
	zh, err := speakIn("zh-CN")
	if err != nil {
		t.Fatal(err)
	}
	for text, fine := range map[string]bool{"稻田": true, "": true, "\xb5\xbe\xcc\xef": false, "a\x00b\x00": false, "{\"text\":\"\xff\"}": false} {
		file := filepath.Join(t.TempDir(), "letter")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readWords(file, terminal{})
		if fine && (err != nil || got != text) || !fine && (err == nil || got != "" || !strings.Contains(zh.error(err), "请另存为 UTF-8")) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
		if _, err := readKeyed(file, terminal{}); err == nil {
			t.Errorf("%q is keyed in", text)
		}
	}
}
