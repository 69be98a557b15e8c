package page

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The oldest browser that everything works in is Chromium 86, which the office browsers of
// Windows 7 machines are built on. What came later is either not used or only adds to what
// is there without it.
var tooNew = map[string]*regexp.Regexp{
	".css": regexp.MustCompile(`@(layer|container|scope|starting-style)\b|color-mix\(|light-dark\(|oklch\(|:is\(|:where\(|aspect-ratio:|[{;]inset:|\d[dsl]v[hw]\b|subgrid|overflow:clip|[{;](translate|rotate|scale):|[{;}]\s*&`),
	".js": regexp.MustCompile(`\.at\(|structuredClone|Object\.(hasOwn|groupBy)|\.findLast|randomUUID|\.to(Sorted|Reversed|Spliced)|AbortSignal\.(timeout|any)|static \{|checkVisibility|popover|\binert\b|` +
		`(querySelector(All)?|closest|matches|\$\$?)\([^)]*:(has|is|where)\(`),
	".html": regexp.MustCompile(`<search|\b(popover|inert|onbeforetoggle)\b`),
}

func TestBrowserFloor(t *testing.T) {
	files := 0
	for _, pattern := range []string{"assets/*", "templates/*", "../desk/assets/*", "../desk/templates/*", "../public/assets/*", "../public/templates/*"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if later := tooNew[filepath.Ext(name)]; later != nil {
				files++
				if m := later.FindString(string(text)); m != "" {
					t.Errorf("%s uses %q, which Chromium 86 doesn't know", name, m)
				}
			}
			if filepath.Ext(name) == ".css" {
				hasAlone(t, name, string(text))
			}
		}
	}
	if files < 20 {
		t.Errorf("only %d files were looked at", files)
	}
}

// hasAlone wants :has() (Chromium 105) in rules of its own: one selector that isn't known
// takes the whole rule away.
func hasAlone(t *testing.T, name, css string) {
	t.Helper()
	css = regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(css, "")
	for _, rule := range regexp.MustCompile(`[^{}]*:has\([^{}]*\{`).FindAllString(css, -1) {
		for selector := range strings.SplitSeq(strings.TrimSuffix(rule, "{"), ",") {
			if !strings.Contains(selector, ":has(") {
				t.Errorf("%s: %q stands with :has() in one rule", name, selector)
			}
		}
	}
}
