package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// ask evaluates a script in the page.
func ask[T any](b *tab, script string) T {
	b.t.Helper()
	v, err := chromedp.Run(b, chromedp.Evaluate[T](script))
	if err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
	return v
}

// wants waits until a script says true.
func (b *tab) wants(script string) {
	b.t.Helper()
	if ok, err := chromedp.Run(b, chromedp.Poll[bool](script)); err != nil || !ok {
		b.t.Fatalf("not reached: %s: %v", script, err)
	}
}

// TestPicturesInABrowser turns and magnifies a photo by keyboard, and comes back to where
// it was opened. Without a script the photo is a link to itself.
func TestPicturesInABrowser(t *testing.T) {
	t.Parallel()
	in := install(t, generousLimits...)
	in.start()
	in.photoReport("村北基本农田上正在打地基")
	tip := in.urgent()
	b := newTab(t, wide, true)
	b.enter(in, "li", handlerPass)
	b.do(chromedp.Navigate("http://"+in.desk+"/tips/"+tip), chromedp.WaitVisible(chromedp.CSS(`.files img`)), chromedp.Focus(chromedp.CSS(`.files a`)),
		chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS(`#viewer[open] .turned img`)))
	const size = `document.querySelector(".turned").clientWidth + "x" + document.querySelector(".turned").clientHeight`
	b.wants(`document.querySelector(".turned img").complete`)
	b.shot("desk-viewer")
	if got := ask[string](b, size); got != "640x480" {
		t.Errorf("the photo is shown %s large", got)
	}
	b.accessible("the viewer", everyRule)
	b.do(chromedp.KeyEvent("r"))
	if got := ask[string](b, `document.querySelector(".turned img").style.transform`); !strings.Contains(got, "rotate(90deg)") {
		t.Errorf("turned: %s", got)
	}
	b.wants(`document.querySelector(".turned").clientWidth * 4 <= document.querySelector(".turned").clientHeight * 3 + 4`)
	before := ask[float64](b, `document.querySelector(".turned").clientHeight`)
	b.do(chromedp.KeyEvent("+"))
	if after := ask[float64](b, `document.querySelector(".turned").clientHeight`); after < before*1.2 {
		t.Errorf("magnified from %.0f to %.0f px", before, after)
	}
	b.size(narrow)
	b.shot("desk-viewer-narrow")
	b.accessible("the viewer on a phone", everyRule)
	b.size(wide)
	b.do(chromedp.KeyEvent(kb.Escape))
	b.wants(`!document.querySelector("#viewer").open && document.activeElement.matches(".files a")`)

	plain := newTab(t, wide, false)
	plain.enter(in, "li", handlerPass)
	plain.do(chromedp.Navigate("http://"+in.desk+"/tips/"+tip), chromedp.WaitVisible(chromedp.CSS(`.files a`)))
	link := ask[string](plain, `document.querySelector(".files a").getAttribute("href")`)
	resp, err := in.login("li", handlerPass).Get("http://" + in.desk + link)
	if err != nil {
		t.Fatal(err)
	}
	if readAll(t, resp); resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "image/jpeg" || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("the photo alone: %d, %v", resp.StatusCode, resp.Header)
	}
	b.homely(in.desk)
}

// stop is a place where Tab comes to rest.
type stop struct {
	Name            string
	Ring            float64 // width of the outline in px
	Shown           bool
	Before, Skipped bool // it stands before the last one in the document; it is the skip link
}

// TestTabInABrowser goes through the tip's page and the inbox by Tab alone: the skip link
// comes first and works, every stop is seen and ringed, and they follow the document.
func TestTabInABrowser(t *testing.T) {
	t.Parallel()
	in := install(t, generousLimits...)
	in.start()
	in.photoReport("村北基本农田上正在打地基")
	tip := in.urgent()
	b := newTab(t, wide, true)
	b.enter(in, "li", handlerPass)
	for _, width := range []int64{wide, narrow} {
		for _, path := range []string{"/", "/tips/" + tip, "/tips/new"} {
			b.size(width)
			b.do(chromedp.Navigate("http://"+in.desk+path), chromedp.WaitReady(chromedp.CSS(`footer`)))
			ask[bool](b, `document.activeElement.blur(), window.last = null, true`)
			b.tabThrough(path)
		}
	}
}

func (b *tab) tabThrough(path string) {
	b.t.Helper()
	many := ask[int](b, `[...document.querySelectorAll("a[href],button,input:not([type=hidden]),select,textarea,summary")].filter((e) => e.checkVisibility() && !e.closest("dialog")).length`)
	if n := ask[int](b, `document.querySelectorAll("[tabindex]:not([tabindex='0'])").length`); n != 0 {
		b.t.Errorf("%s: %d elements stand out of the document's order", path, n)
	}
	// After the page was sent there, an autofocus may have moved the start: begin at the top.
	b.do(chromedp.Evaluate[chromedp.Void](`document.body.tabIndex = -1, document.body.focus(), document.body.removeAttribute("tabindex")`))
	seen := 0
	for range many + 5 {
		b.do(chromedp.KeyEvent(kb.Tab))
		s := ask[stop](b, `(() => { const e = document.activeElement, r = e.getBoundingClientRect(), c = getComputedStyle(e), last = window.last; window.last = e;
			return {Name: e.tagName + "." + e.className + "#" + e.id, Ring: c.outlineStyle === "none" ? 0 : parseFloat(c.outlineWidth), Shown: r.width > 0 && r.height > 0 && r.bottom > 0 && r.top < innerHeight && r.left >= 0,
				Before: !!last && last !== document.body && !!(last.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_PRECEDING), Skipped: e.matches(".skip")}; })()`)
		if strings.HasPrefix(s.Name, "BODY") {
			break
		}
		if seen++; seen == 1 && !s.Skipped {
			b.t.Errorf("%s begins with %s, not with the skip link", path, s.Name)
		}
		if s.Ring < 2 || !s.Shown || s.Before {
			b.t.Errorf("%s: %+v", path, s)
		}
	}
	if seen < many/2 {
		b.t.Errorf("%s: Tab came to %d of %d places", path, seen, many)
	}
}
