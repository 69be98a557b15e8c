package main

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestWholeWay goes the citizen's whole way on a phone inside WeChat and on a wide screen, with
// script and without, in both languages and in one from right to left: a report with a mistake,
// its correction, the receipt, a photo after it, the desk's answer and a word back.
func TestWholeWay(t *testing.T) {
	t.Parallel()
	in := install(t, append(generousLimits, `TIPLINE_LANGUAGES=["zh-CN","en","ar","ug","zh-TW"]`)...)
	in.start()
	w := way{instance: in, li: in.login("li", handlerPass), known: map[string]bool{}, photo: filepath.Join(t.TempDir(), "field.jpg")}
	if err := os.WriteFile(w.photo, fieldPhoto(t), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, js := range []bool{false, true} {
		b := newTab(t, wide, js)
		said := b.complaints()
		for _, lang := range []string{"zh-CN", "en", "ar"} {
			for _, width := range []int64{narrow, wide} {
				w.walk(b, lang, width, js)
			}
		}
		if js {
			w.walk(b, "ug", narrow, js)
			w.walk(b, "zh-TW", narrow, js)
		}
		for _, line := range said() {
			if !strings.Contains(line, "422") { // the browser's own note of each mistake
				t.Errorf("with script %v the console says %q", js, line)
			}
		}
		b.homely(in.public)
	}
}

// way is what the walks share.
type way struct {
	*instance
	li    *browser
	known map[string]bool
	photo string
}

// walk goes the way once.
func (w way) walk(b *tab, lang string, width int64, js bool) {
	b.t.Helper()
	agent := ""
	if width == narrow {
		agent = wechat
	}
	call(b, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent})
	b.size(width)
	at := fmt.Sprintf("%s-%d-script-%v", lang, width, js)
	words, answer := "村北基本农田上正在打地基 "+at, "谢谢，请告诉我们从哪天开始的。"+at
	receipt := w.files(b, at, lang, words, width, js)
	w.adds(b, at, width, js)
	w.li.act("/tips/"+w.tipOf(w.known)+"/messages", url.Values{"text": {answer}})
	b.visit(w.public, "/receipt", lang)
	b.do(chromedp.SendKeys(chromedp.CSS(`#receipt`), receipt), chromedp.Submit(chromedp.CSS(`#receipt`)), chromedp.WaitVisible(chromedp.CSS(`.said.desk`)))
	if got := b.text(".said.desk .words"); got != answer {
		b.t.Errorf("%s: the answer reads %q", at, got)
	}
	w.looks(b, at+"-answered", width, js)
	b.do(chromedp.SendKeys(chromedp.CSS(`#text`), "上个月开始的"), chromedp.Submit(chromedp.CSS(`#text`)), chromedp.WaitVisible(chromedp.CSS(`.note.good`)))
	if _, talk := w.look(receipt); len(talk.Messages) != 3 {
		b.t.Errorf("%s: %d messages, not a photo, an answer and a word back", at, len(talk.Messages))
	}
}

// looks wants the page to fit, and on a phone with script, which axe needs, to be accessible.
func (w way) looks(b *tab, at string, width int64, js bool) {
	b.t.Helper()
	b.fits(at, width)
	b.shot(at)
	if js && width == narrow {
		b.accessible(at, everyRule)
	}
}

// files forgets what matters, finds everything kept, mends it and files the report.
func (w way) files(b *tab, at, lang, words string, width int64, js bool) (receipt string) {
	b.t.Helper()
	b.visit(w.public, "/report", lang)
	b.fits(at+" the form", width)
	b.do(chromedp.SendKeys(chromedp.CSS(`#subject`), words), chromedp.Submit(chromedp.CSS(`#subject`)), chromedp.WaitVisible(chromedp.CSS(`#summary`)))
	w.looks(b, at+"-mistake", width, js)
	kept, err := chromedp.Run(b, chromedp.Value(chromedp.CSS(`#subject`)))
	if err != nil || kept != words {
		b.t.Errorf("%s: after the mistake the subject is %q, %v", at, kept, err)
	}
	b.do(chromedp.SendKeys(chromedp.CSS(`#text`), words), chromedp.SendKeys(chromedp.CSS(`#map`), "34.4321,115.0678"), chromedp.Submit(chromedp.CSS(`#text`)),
		chromedp.WaitVisible(chromedp.CSS(`output#receipt`)))
	receipt = b.text("output#receipt")
	if len(strings.ReplaceAll(receipt, " ", "")) != 24 {
		b.t.Fatalf("%s: the receipt is %q", at, receipt)
	}
	w.looks(b, at+"-receipt", width, js)
	return receipt
}

// adds sends a photo after the words.
func (w way) adds(b *tab, at string, width int64, js bool) {
	b.t.Helper()
	b.do(chromedp.SetUploadFiles(chromedp.CSS(`.upload input[type=file]`), []string{w.photo}))
	if js {
		b.do(chromedp.WaitVisible(chromedp.CSS(`.queue .good`)))
	} else {
		b.do(chromedp.Submit(chromedp.CSS(`.upload input[type=file]`)), chromedp.WaitVisible(chromedp.CSS(`.note.good`)))
	}
	w.looks(b, at+"-photo", width, js)
}
