package main

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// voices stands in for the voices of a phone, which a browser of the tests has none of: one that lives
// elsewhere, and one of its own for English.
const voices = `window.said = []; window.stopped = 0;
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
Object.defineProperty(window, 'speechSynthesis', {value: {
	getVoices: function () { return [{lang: 'zh-CN', localService: false}, {lang: 'en_US', localService: true}]; },
	speak: function (u) { said.push(u); }, cancel: function () { stopped++; }}});`

// TestReadAloud: the first page is read by a voice of the phone, from its heading to its end, and stops when
// it is told to; a voice that lives elsewhere isn't asked.
func TestReadAloud(t *testing.T) {
	t.Parallel()
	in := install(t, generousLimits...)
	in.start()
	b := newTab(t, narrow, true)
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: voices})
	b.visit(in.public, "/", "zh-CN")
	if hidden, err := chromedp.Run(b, chromedp.Evaluate[bool](`document.querySelector('[data-read]').hidden`)); err != nil || !hidden {
		t.Errorf("a voice from elsewhere is offered: %v, %v", !hidden, err)
	}
	b.visit(in.public, "/", "en")
	press := chromedp.Click(chromedp.CSS(`[data-read] button`))
	b.do(press)
	said, err := chromedp.Run(b, chromedp.Evaluate[[]string](`said.map(function (u) { return u.text })`))
	if err != nil || len(said) < 10 {
		t.Fatalf("%d pieces, %v", len(said), err)
	}
	heading := b.text("main h1")
	all := strings.Join(said, "\n")
	if !strings.Contains(all, strings.Fields(heading)[0]) || strings.Count(all, said[len(said)-1]) != 1 || strings.Contains(all, "Listen to this page") {
		t.Errorf("it reads\n%s", all)
	}
	b.do(press)
	if stopped, err := chromedp.Run(b, chromedp.Evaluate[int](`stopped`)); err != nil || stopped != 1 {
		t.Errorf("stopped %d times, %v", stopped, err)
	}
	b.homely(in.public)
}
