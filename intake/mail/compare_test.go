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
	"unicode/utf8"
)

// TestOracles holds the text of every torture message against the file that its project
// expects, and else against the better of two other parsers, by [unreadable]: it must have all
// that that one reads. At least 97 in a hundred must; the others stand in testdata/torture.md
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

// agrees says whether the texts that a message's project expects are all there, or
// everything that one of the other parsers reads.
func agrees(got *taken, path string, raw []byte) bool {
	texts, _ := filepath.Glob(strings.TrimSuffix(path, ".msg") + "_decoded_*.txt")
	all := len(texts) > 0 && strings.HasSuffix(path, ".msg")
	for _, text := range texts {
		want, err := os.ReadFile(text)
		all = all && err == nil && holds(got, want)
	}
	if all {
		return true
	}
	var best []string
	for _, o := range oracles() {
		text, ok := o.read(raw)
		if !ok {
			continue
		}
		if len(best) > 0 && unreadable(text) < unreadable(best[0]) {
			best = nil
		}
		if len(best) == 0 || unreadable(text) == unreadable(best[0]) {
			best = append(best, text)
		}
	}
	ours := letters(got.report.Words.Text)
	return len(best) == 0 || // where the others give up, ours reads no less
		slices.ContainsFunc(best, func(text string) bool { return strings.Contains(ours, letters(text)) })
}

// unreadable counts the characters of a reading that nobody can read: bytes that are no UTF-8, what
// stands for such, controls. The reading with fewer is the better one; with as many, two are as
// good as each other.
func unreadable(s string) (n int) {
	for _, r := range s {
		if r == utf8.RuneError || unicode.IsControl(r) && !unicode.IsSpace(r) {
			n++
		}
	}
	return n
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
