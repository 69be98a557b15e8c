package main

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"golang.org/x/time/rate"
)

// wechat is the browser inside WeChat on an Android phone.
const wechat = "Mozilla/5.0 (Linux; Android 10; V2034A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/107.0.5304.141 Mobile Safari/537.36 " +
	"XWEB/5169 MMWEBSDK/20230405 MicroMessenger/8.0.35.2360(0x2800235D) WeChat/arm64 Weixin NetType/2G Language/zh_CN ABI/arm64"

// complaints collects what a page says on the console.
func (b *tab) complaints() func() []string {
	b.t.Helper()
	var mu sync.Mutex
	var said []string
	err := chromedp.Listen(b.Context, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := ev.(type) {
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
				said = append(said, e.Entry.Text)
			}
		case *runtime.EventExceptionThrown:
			said = append(said, e.ExceptionDetails.Text)
		}
	})
	if err != nil {
		b.t.Fatal(err)
	}
	call(b, log.Enable, cdp.Empty{})
	call(b, runtime.Enable, cdp.Empty{})
	return func() []string { mu.Lock(); defer mu.Unlock(); return said }
}

// bigPhoto is a JPEG of four megabytes, most of it in comments, as a camera's
// maker notes are.
func bigPhoto(t *testing.T) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 3200, 2400))
	for y := range 2400 {
		for x := range 3200 {
			img.Set(x, y, color.RGBA{uint8(x / 13), uint8(y / 10), uint8((x + y) / 22), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	out := append([]byte{}, b.Bytes()[:2]...)
	for len(out) < 4<<20 {
		out = append(append(out, 0xFF, 0xFE, 0xFF, 0xFE), bytes.Repeat([]byte("maker note "), 5958)[:0xFFFC]...)
	}
	out = append(out, b.Bytes()[2:]...)
	path := filepath.Join(t.TempDir(), "IMG_2024.jpg")
	if err := os.WriteFile(path, out, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// slowLink leads to a server and carries 50 kbit/s each way once slow is set.
func slowLink(t *testing.T, to string, slow *atomic.Bool) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	const bytesPerSecond, packet = 50_000 / 8, 1400
	up, down := rate.NewLimiter(bytesPerSecond, packet), rate.NewLimiter(bytesPerSecond, packet)
	carry := func(dst, src net.Conn, pace *rate.Limiter) {
		defer dst.Close()
		b := make([]byte, packet)
		for {
			n, err := src.Read(b)
			if slow.Load() && pace.WaitN(t.Context(), n) != nil {
				return
			}
			if _, werr := dst.Write(b[:n]); err != nil || werr != nil {
				return
			}
		}
	}
	go func() {
		for {
			near, err := ln.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				continue
			}
			go carry(far, near, up)
			go carry(near, far, down)
		}
	}()
	return ln.Addr().String()
}

// TestWordsGoFirst sends a report with a photo of 4 MB from a phone on 50 kbit/s:
// the receipt is there within ten seconds, and the photo follows by itself.
func TestWordsGoFirst(t *testing.T) {
	in := install(t, generousLimits...)
	in.start()
	b := newTab(t, 360, true)
	call(b, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: wechat})
	said := b.complaints()
	var link atomic.Bool
	addr := slowLink(t, in.public, &link)
	b.do(chromedp.Navigate("http://"+addr+"/report?lang=en"),
		chromedp.SendKeys(chromedp.CSS(`textarea[name=text]`), "村北基本农田上正在打地基"),
		chromedp.Click(chromedp.CSS(`button.lang[lang=zh-CN]`)), chromedp.WaitVisible(chromedp.CSS(`html[lang=zh-CN] #text`)),
		chromedp.SetUploadFiles(chromedp.CSS(`input[name=files]`), []string{bigPhoto(t)}))
	link.Store(true)
	begin := time.Now()
	b.do(chromedp.Click(chromedp.CSS(`button.big`)), chromedp.WaitVisible(chromedp.CSS(`#receipt`)))
	took := time.Since(begin)
	t.Logf("the receipt took %.1f s at 50 kbit/s", took.Seconds())
	if took > 10*time.Second {
		t.Errorf("the receipt took %v", took)
	}
	receipt := b.text("#receipt")
	b.shot("words-first")
	b.do(chromedp.WaitVisible(chromedp.CSS(`.queue .good`)))
	t.Logf("the photo was there after %.1f s", time.Since(begin).Seconds())
	b.shot("photo-sent")
	b.fits("the receipt with a photo", 360)
	status, talk := in.look(receipt)
	if status != 200 || len(talk.Messages) != 1 {
		t.Errorf("under the receipt: %d, %d messages", status, len(talk.Messages))
	}
	if got := said(); len(got) > 0 {
		t.Errorf("the console says %q", got)
	}
	b.homely(addr)
}

// TestPhotosAfterWithoutScript adds a photo under a receipt with script off, after
// a warning about the words, on a wide screen and in English, which was chosen when the
// form was filled in.
func TestPhotosAfterWithoutScript(t *testing.T) {
	in := install(t, generousLimits...)
	in.start()
	b := newTab(t, 1280, false)
	photo := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(photo, []byte("a note\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Navigate("http://"+in.public+"/report?lang=zh-CN"),
		chromedp.SendKeys(chromedp.CSS(`textarea[name=text]`), "My name is Wang, call 138 1234 5678"),
		chromedp.SendKeys(chromedp.CSS(`input[name=map]`), "https://uri.amap.com/marker?position=115.0678,34.4321\r"), // Enter sends nothing
		chromedp.SetUploadFiles(chromedp.CSS(`input[name=files]`), []string{photo}),
		chromedp.Click(chromedp.CSS(`button.lang[lang=en]`)), chromedp.WaitVisible(chromedp.CSS(`html[lang=en] #photos .note`)),
		chromedp.Submit(chromedp.CSS(`textarea[name=text]`)),
		chromedp.WaitVisible(chromedp.CSS(`#hints`)))
	if said := b.text("#hints"); !strings.Contains(said, "telephone number") || !strings.Contains(said, "name") {
		t.Errorf("the warning says %q", said)
	}
	b.shot("warning")
	b.do(chromedp.Click(chromedp.CSS(`#hints button`)), chromedp.WaitVisible(chromedp.CSS(`#receipt`)))
	receipt := b.text("#receipt")
	b.do(chromedp.Click(chromedp.CSS(`button.lang[lang=zh-CN]`)), chromedp.WaitVisible(chromedp.CSS(`html[lang=zh-CN] #receipt`)))
	if got := b.text("#receipt"); got != receipt {
		t.Errorf("in Chinese the receipt is %q", got)
	}
	b.shot("filed-wide")
	b.do(chromedp.SetUploadFiles(chromedp.CSS(`input[name=files]`), []string{photo}), chromedp.Submit(chromedp.CSS(`.upload input[name=files]`)),
		chromedp.WaitVisible(chromedp.CSS(`.note.good`)))
	b.shot("status-wide")
	if _, talk := in.look(receipt); len(talk.Messages) != 1 {
		t.Errorf("%d messages under the receipt", len(talk.Messages))
	}
	b.homely(in.public)
}

// TestPoorLine sends without a signal: what was typed stays, and goes when the signal is
// back. One step back doesn't lose the receipt, and a file that is too large doesn't travel.
func TestPoorLine(t *testing.T) {
	in := install(t, append(generousLimits, "TIPLINE_FILES_MAX_BYTES=1048576")...)
	in.start()
	b := newTab(t, narrow, true)
	signal := func(there bool) {
		call(b, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Offline: !there, DownloadThroughput: -1, UploadThroughput: -1}}})
	}
	send := func(form string) chromedp.Action[chromedp.Void] {
		return chromedp.Click(chromedp.CSS(form + ` > .doors button`))
	}
	b.visit(in.public, "/report", "zh-CN")
	b.do(chromedp.SendKeys(chromedp.CSS(`#text`), "村北耕地"), chromedp.SendKeys(chromedp.CSS(`#address`), "水渠北边\r"))
	if at, err := chromedp.Run(b, chromedp.Evaluate[string](`document.activeElement.id`)); at != "map" {
		t.Errorf("Enter goes on to %q, %v", at, err)
	}
	signal(false)
	b.do(send("#report"), chromedp.WaitVisible(chromedp.CSS(`.lost`)))
	b.shot("lost")
	b.accessible("a lost signal", everyRule)
	if typed, err := chromedp.Run(b, chromedp.Value(chromedp.CSS(`#text`))); typed != "村北耕地" || !strings.Contains(b.text(".lost"), "网络断了") {
		t.Errorf("without a signal the form holds %q, %v", typed, err)
	}
	signal(true)
	b.do(send("#report"), chromedp.WaitVisible(chromedp.CSS(`output#receipt`)))
	receipt := b.text("output#receipt")
	b.do(chromedp.NavigateBack())
	if got := b.text("output#receipt"); got != receipt {
		t.Errorf("a step back leaves the receipt for %q", got)
	}
	video := filepath.Join(t.TempDir(), "VID_1.mp4")
	if err := os.WriteFile(video, make([]byte, 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.SetUploadFiles(chromedp.CSS(`#files`), []string{video}), chromedp.WaitVisible(chromedp.CSS(`.queue .bad`)))
	if said := b.text(".queue .bad"); !strings.Contains(said, "1 MB") {
		t.Errorf("a file that is too large: %q", said)
	}
	b.do(chromedp.Submit(chromedp.CSS(`form.doors button`)), chromedp.WaitVisible(chromedp.CSS(`#add`)), chromedp.SendKeys(chromedp.CSS(`#text`), "还有"))
	signal(false)
	b.do(send("#add"), chromedp.WaitVisible(chromedp.CSS(`.lost`)))
	signal(true)
	b.do(send("#add"), chromedp.WaitVisible(chromedp.CSS(`.note.good`)))
	if _, talk := in.look(receipt); len(talk.Messages) != 1 || len(in.ledger()) > 1 {
		t.Errorf("%d messages under the receipt, %d tips", len(talk.Messages), len(in.ledger()))
	}
	if slices.ContainsFunc(b.seen, func(u string) bool { return strings.HasSuffix(u, "/receipt/files") }) {
		t.Error("a file that is too large was sent")
	}
}

// TestRightToLeft files a report in a language written from right to left, on a
// narrow phone and without script; every page of a draft language is studied.
func TestRightToLeft(t *testing.T) {
	in := install(t, append(generousLimits, `TIPLINE_LANGUAGES=["zh-CN","en","ar","ug","zh-TW"]`)...)
	in.start()
	b := newTab(t, 360, true)
	for _, lang := range []string{"ar", "ug", "zh-TW"} {
		for _, path := range []string{"/", "/report", "/receipt", "/channels", "/privacy", "/accessibility"} {
			b.do(chromedp.Navigate("http://" + in.public + path + "?lang=" + lang))
			b.fits(path+" "+lang, 360)
			b.accessible(path+" "+lang, everyRule)
			b.shot("draft" + strings.ReplaceAll(path, "/", "-") + "-" + lang)
		}
	}
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.do(chromedp.Navigate("http://"+in.public+"/report?lang=ug"),
		chromedp.SendKeys(chromedp.CSS(`textarea[name=text]`), "كەنتنىڭ شىمالىدا يەر كولاۋاتىدۇ"),
		chromedp.Submit(chromedp.CSS(`textarea[name=text]`)), chromedp.WaitVisible(chromedp.CSS(`#receipt`)))
	b.fits("the receipt", 360)
	b.shot("draft-filed-ug")
	if status, _ := in.look(b.text("#receipt")); status != 200 {
		t.Errorf("the receipt opens with %d", status)
	}
}
