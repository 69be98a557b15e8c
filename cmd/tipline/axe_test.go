package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
)

// axeSource is axe-core, which .ci/tools puts into a folder that git ignores.
var axeSource = sync.OnceValues(func() (string, error) {
	text, err := os.ReadFile(filepath.Join("..", "..", ".ci", "node_modules", "axe-core", "axe.min.js"))
	return string(text), err
})

// violation is one rule that a page breaks, and where.
type violation struct {
	ID, Help string
	Nodes    []struct {
		Target         []any
		FailureSummary string
	}
}

func (v violation) String() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s: %s", v.ID, v.Help)
	for i, n := range v.Nodes[:min(3, len(v.Nodes))] {
		fmt.Fprintf(&s, "\n  %d of %d: %v\n    %s", i+1, len(v.Nodes), n.Target, strings.ReplaceAll(n.FailureSummary, "\n", "\n    "))
	}
	return s.String()
}

// everyRule are WCAG 2.2 A and AA and what axe counts as good practice; a colour scheme
// changes nothing but the contrast.
const (
	everyRule    = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`
	contrastRule = `["color-contrast"]`
)

// accessible wants axe to find nothing on the page that stands there.
func (b *tab) accessible(where, rules string) {
	b.t.Helper()
	b.hasAxe()
	found, err := chromedp.Run(b, chromedp.Evaluate[[]violation](
		`axe.run({resultTypes: ["violations"], runOnly: `+rules+`}).then((r) => r.violations)`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", where, err)
	}
	for _, v := range found {
		b.t.Errorf("%s: %v", where, v)
	}
}

// hasAxe puts axe into the page, once; the page's own policy doesn't hold for a debugger.
func (b *tab) hasAxe() {
	b.t.Helper()
	if there, err := chromedp.Run(b, chromedp.Evaluate[bool](`typeof axe === "object"`)); err != nil || there {
		if err != nil {
			b.t.Fatal(err)
		}
		return
	}
	axe, err := axeSource()
	if errors.Is(err, fs.ErrNotExist) {
		if os.Getenv("CI") != "" {
			b.t.Fatal("axe-core is missing: run make tools, which has npm install it")
		}
		b.t.Skip("axe-core is missing: run make tools, which has npm install it")
	}
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := chromedp.Run(b, chromedp.Evaluate[bool](axe+";true")); err != nil {
		b.t.Fatal(err)
	}
}
