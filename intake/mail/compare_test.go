package mail

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
)

// TestOracles holds the text of every torture message against the file that its project
// expects, else against the better of two other parsers, which is the one that reads
// more. At least 97 in a hundred must be equal; the others stand in testdata/torture.md
// with the reason, no more and no fewer.
func TestOracles(t *testing.T) {
	files := messageFiles(t)
	known := differing(t)
	var differ []string
	seen := 0
	for _, path := range files {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		wire := onWire(raw)
		start := time.Now()
		got := decode(t, wire)
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s took %v", filepath.Base(path), took)
		}
		seen++
		if agrees(got, path, []byte(wire)) {
			continue
		}
		name := strings.TrimPrefix(path, tortures+"/")
		differ = append(differ, name)
		if !slices.Contains(known, name) {
			t.Errorf("%s reads otherwise, and testdata/torture.md doesn't say why", name)
		}
	}
	for _, name := range known {
		if !slices.Contains(differ, name) {
			t.Errorf("%s reads the same by now: testdata/torture.md needn't name it", name)
		}
	}
	t.Logf("%d messages, %d differ", seen, len(differ))
	if 100*len(differ) > 3*seen {
		t.Errorf("%d of %d differ, more than 3 in a hundred", len(differ), seen)
	}
}

// differing are the messages that torture.md names.
func differing(t *testing.T) (out []string) {
	t.Helper()
	doc, err := os.ReadFile("testdata/torture.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(string(doc), -1) {
		out = append(out, m[1])
	}
	return out
}

// agrees says whether the texts that a message's project expects are all there, or, where
// it expects none, everything that the better of the other parsers reads.
func agrees(got *taken, path string, raw []byte) bool {
	texts, _ := filepath.Glob(strings.TrimSuffix(path, ".msg") + "_decoded_*.txt")
	if len(texts) > 0 && strings.HasSuffix(path, ".msg") {
		for _, text := range texts {
			want, err := os.ReadFile(text)
			if err != nil || !holds(got, want) {
				return false
			}
		}
		return true
	}
	best := ""
	for _, o := range oracles() {
		if text, ok := o.read(raw); ok && len(letters(text)) > len(best) {
			best = letters(text)
		}
	}
	return strings.Contains(letters(got.report.Words.Text), best)
}

// letters is a text without its spaces and line ends, which parsers treat in their own
// ways.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || r == '\uFEFF' || r == '\u200b' {
			return -1
		}
		return r
	}, s)
}
