package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestHeaderInABrowser: with three languages and a member of many roles the head of the pages keeps its words
// whole and fits, also where a browser makes text twice as large; the desk's ways stand in one row where there is room.
func TestHeaderInABrowser(t *testing.T) {
	t.Parallel()
	in := placeOn(t, t.TempDir(), `TIPLINE_LANGUAGES=["zh-CN","en","zh-TW"]`)
	in.init("wanghaiyan:handler,supervisor,auditor,administrator", "zhao:custodian")
	in.start()
	b := newTab(t, wide, true)
	b.enter(in, "wanghaiyan", handlerPass)
	for host, path := range map[string]string{in.desk: "/account", in.public: "/"} {
		for _, lang := range []string{"zh-CN", "en", "zh-TW"} {
			for _, width := range []int64{zoomed, narrow, 768, wide} {
				b.size(width)
				b.visit(host, path, lang)
				where := fmt.Sprintf("%s-%s-%d", map[bool]string{true: "desk", false: "public"}[host == in.desk], lang, width)
				b.fits(where, width)
				b.shot(where)
				rows, err := chromedp.Run(b, chromedp.Evaluate[int](`new Set([...document.querySelectorAll(".console nav a")].map(a => a.offsetTop)).size`))
				if err != nil || width == wide && rows > 1 {
					t.Errorf("%s: the ways stand in %d rows: %v", where, rows, err)
				}
				if _, err := chromedp.Run(b, chromedp.Evaluate[string](`document.documentElement.style.fontSize = "200%"`)); err != nil {
					t.Fatal(err)
				}
				if width > zoomed {
					b.within(where+"-large", width)
					b.apart(where + "-large")
				}
				b.shot(where + "-large")
			}
		}
	}
	b.scheme("dark")
	b.accessible("the account in the dark", contrastRule)
}
