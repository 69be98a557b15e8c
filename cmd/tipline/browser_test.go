package main

import (
	"context"
	"flag"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// tab is one page of a real browser, which must never ask another origin for
// anything.
type tab struct {
	context.Context
	t    *testing.T
	mu   sync.Mutex
	seen []string
}

// newTab opens a page of a width in CSS pixels; without script when js is false.
func newTab(t *testing.T, width int64, js bool) *tab {
	t.Helper()
	path := findBrowser(t)
	home := browserHome(t)
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(home), chromedp.Env("TMPDIR="+home), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-sync", true), chromedp.Flag("lang", "zh-CN"), chromedp.Flag("accept-lang", "zh-CN"))
	alloc, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	ctx, cancel := chromedp.NewContext(alloc)
	ctx, late := context.WithTimeout(ctx, 6*time.Minute)
	t.Cleanup(func() { late(); cancel(); stop() })
	b := &tab{Context: ctx, t: t}
	err := chromedp.Listen(ctx, func(ev any) {
		if e, ok := ev.(*network.EventRequestWillBeSent); ok {
			b.mu.Lock()
			b.seen = append(b.seen, e.Request.URL)
			b.mu.Unlock()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	call(b, network.Enable, network.EnableParams{})
	b.size(width)
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !js})
	return b
}

// browserHome is a folder for all a browser leaves behind. Its path is short, as that of the
// browser's socket in it has to be.
func browserHome(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "tab-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func findBrowser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("no browser: .ci/tools installs Chromium")
	}
	t.Skip("no browser: run make tools")
	return ""
}

// size makes the screen so many CSS pixels wide.
func (b *tab) size(width int64) {
	b.t.Helper()
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 800, DeviceScaleFactor: 1, Mobile: width < 600})
}

// call sends one command of the browser's protocol.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	r, err := chromedp.Call(b, command, params)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// do takes steps, which a busy machine ends within a minute or two; what waits longer waits for ever.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b, 2*time.Minute)
	defer stop()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// text is what an element shows.
func (b *tab) text(selector string) string {
	b.t.Helper()
	s, err := chromedp.Run(b, chromedp.Text(chromedp.CSS(selector)))
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

// shot keeps a picture of the whole page beside the test's artefacts, where they are kept
// (go test -artifacts).
func (b *tab) shot(name string) {
	b.t.Helper()
	if f := flag.Lookup("test.artifacts"); f == nil || f.Value.String() != "true" {
		return
	}
	whole := true
	png := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &whole})
	if err := os.WriteFile(filepath.Join(b.t.ArtifactDir(), name+".png"), png.Data, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// fits wants no sideways scrolling, on a phone not of tables either whose rows become blocks there.
func (b *tab) fits(where string, width int64) {
	b.t.Helper()
	b.within(where, width)
	beside, err := chromedp.Run(b, chromedp.Evaluate[bool](`[...document.querySelectorAll(".stacked")].some(e => innerWidth < 480 && e.scrollWidth > e.clientWidth + 1)`))
	if err != nil || beside {
		b.t.Errorf("%s: a table goes on beside the screen: %v", where, err)
	}
	b.apart(where)
	b.unbroken(where)
}

// within wants no sideways scrolling.
func (b *tab) within(where string, width int64) {
	b.t.Helper()
	m := call(b, page.GetLayoutMetrics, cdp.Empty{})
	if m.CSSContentSize.Width > float64(width)+1 {
		b.t.Errorf("%s is %.0f px wide on a screen of %d", where, m.CSSContentSize.Width, width)
	}
}

// apart wants no text to stand on another. What stays in its place while a page scrolls, drawings, and
// words for the ear alone are left out.
func (b *tab) apart(where string) {
	b.t.Helper()
	over, err := chromedp.Run(b, chromedp.Evaluate[[]string](overlaps))
	if err != nil {
		b.t.Fatal(err)
	}
	if len(over) > 0 {
		b.t.Errorf("%s: texts stand on each other: %q", where, over)
	}
}

// unbroken wants no line of a heading, or of what the page's head ends in, to end within Chinese words that had room on a
// line of their own.
func (b *tab) unbroken(where string) {
	b.t.Helper()
	broken, err := chromedp.Run(b, chromedp.Evaluate[[]string](brokenHeadings))
	if err != nil {
		b.t.Fatal(err)
	}
	if len(broken) > 0 {
		b.t.Errorf("%s: a heading is broken within a word: %q", where, broken)
	}
}

const brokenHeadings = `[...document.querySelectorAll("h1, h2, h3, .console .brand > span, .brand .tie, .top nav a, .who a, .who button")].flatMap(function (h) {
	const out = [], walk = document.createTreeWalker(h, NodeFilter.SHOW_TEXT)
	for (let n; (n = walk.nextNode());) {
		for (const run of n.data.matchAll(/\p{Script=Han}{2,}/gu)) {
			const range = document.createRange()
			range.setStart(n, run.index)
			range.setEnd(n, run.index + run[0].length)
			const lines = [...range.getClientRects()].filter(function (r) { return r.width > 0 })
			const whole = lines.reduce(function (sum, r) { return sum + r.width }, 0)
			if (lines.some(function (r) { return r.top > lines[0].top + lines[0].height / 2 }) && whole < (h.clientWidth || innerWidth)) out.push(h.textContent.trim())
		}
	}
	return out
})`

const overlaps = `(function () {
	// room is what an element's ancestors let be seen of it; null is nothing.
	function room(e) {
		let l = -Infinity, r = Infinity, t = -Infinity, b = Infinity
		if (!e.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return null // in a closed fold too
		for (; e && e !== document.body; e = e.parentElement) {
			const s = getComputedStyle(e)
			if (s.position === "fixed" || s.position === "sticky" || e.tagName === "svg" || e.tagName === "SELECT") return null
			if (s.overflow === "visible" || s.display === "inline") continue
			const x = e.getBoundingClientRect()
			l = Math.max(l, x.left); r = Math.min(r, x.right); t = Math.max(t, x.top); b = Math.min(b, x.bottom)
		}
		return { l: l, r: r, t: t, b: b }
	}
	const boxes = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
	for (let n; (n = walk.nextNode());) {
		const seen = n.data.trim() && room(n.parentElement)
		if (!seen) continue
		const range = document.createRange()
		range.selectNodeContents(n)
		for (const x of range.getClientRects()) {
			const box = { n: n, l: Math.max(x.left, seen.l), r: Math.min(x.right, seen.r), t: Math.max(x.top, seen.t), b: Math.min(x.bottom, seen.b) }
			if (box.r - box.l > 2 && box.b - box.t > 2) boxes.push(box)
		}
	}
	boxes.sort(function (a, b) { return a.t - b.t })
	const found = []
	for (let i = 0; i < boxes.length && found.length < 5; i++) {
		for (let j = i + 1; j < boxes.length && boxes[j].t < boxes[i].b; j++) {
			const x = boxes[i], y = boxes[j], line = Math.min(x.b - x.t, y.b - y.t)
			// Lines that are set close share a few pixels of their height.
			if (x.n !== y.n && Math.min(x.r, y.r) - Math.max(x.l, y.l) > 4 && Math.min(x.b, y.b) - Math.max(x.t, y.t) > line / 2)
				found.push(x.n.data.trim().slice(0, 30) + " | " + y.n.data.trim().slice(0, 30))
		}
	}
	return found
})()`

// homely wants every request to have gone to one of the origins.
func (b *tab) homely(origins ...string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.seen) == 0 {
		b.t.Fatal("no request was seen")
	}
	for _, target := range b.seen {
		u, err := url.Parse(target)
		ok := err == nil && (u.Scheme == "data" || u.Scheme == "about" || u.Scheme == "blob")
		for _, o := range origins {
			ok = ok || err == nil && u.Host == o
		}
		if !ok {
			b.t.Errorf("a request left: %s", target)
		}
	}
}
