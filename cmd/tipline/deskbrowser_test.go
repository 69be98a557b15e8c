package main

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// enter logs a member in.
func (b *tab) enter(in *instance, member, passphrase string) {
	b.t.Helper()
	b.do(chromedp.Navigate("http://"+in.desk+"/login"),
		chromedp.SendKeys(chromedp.CSS(`input[name=member]`), member),
		chromedp.SendKeys(chromedp.CSS(`input[name=passphrase]`), passphrase),
		chromedp.Submit(chromedp.CSS(`input[name=member]`)),
		chromedp.WaitVisible(chromedp.CSS(`nav`)))
}

// fieldPhoto is a JPEG of 640 by 480 pixels.
func fieldPhoto(t *testing.T) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for y := range 480 {
		for x := range 640 {
			img.Set(x, y, color.RGBA{uint8(90 + y/6), uint8(120 + x/8), 60, 255})
		}
	}
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, img, nil); err != nil {
		t.Fatal(err)
	}
	return photo.Bytes()
}

// photoReport files a web report with a photo and returns its receipt.
func (in *instance) photoReport(text string) string {
	in.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for k, v := range map[string]string{"text": text, "category": "housing_on_farmland", "place": "411422207201", "address": "村北水渠东边", "subject": "某施工队",
		"name": "张三", "phone": "13900000000", "urgent": "1"} {
		_ = w.WriteField(k, v)
	}
	for _, f := range []struct {
		name    string
		content []byte
	}{{"现场.jpg", fieldPhoto(in.t)}, {"合同.pdf", []byte("%PDF-1.4\n%binary\n")}} {
		p, _ := w.CreateFormFile("files", f.name)
		_, _ = p.Write(f.content)
	}
	_ = w.Close()
	resp, err := http.Post("http://"+in.public+"/report", w.FormDataContentType(), &body)
	if err != nil {
		in.t.Fatal(err)
	}
	page := readAll(in.t, resp)
	m := receiptOutput.FindStringSubmatch(page)
	if m == nil {
		in.t.Fatalf("%d\n%s", resp.StatusCode, page)
	}
	return m[1]
}

// TestHandlerInABrowser reads, decides and answers a tip by keyboard and mouse,
// keys one in, and looks at every page in both languages on both screens.
func TestHandlerInABrowser(t *testing.T) {
	t.Parallel()
	in := install(t, generousLimits...)
	in.run("sample", "--tips", "30")
	in.start()
	receipt := in.photoReport("村北基本农田上正在打地基，已经堆了砖，听说要盖三层楼。\n晚上也在施工。\u202e隐藏")
	b := newTab(t, 1280, true)
	b.enter(in, "li", handlerPass)
	tip := in.urgent()
	li := in.login("li", handlerPass)
	li.act("/tips/"+tip+"/identity", url.Values{"reason": {"需要当面核实位置"}})

	b.do(chromedp.Navigate("http://"+in.desk+"/tips/"+tip), chromedp.WaitVisible(chromedp.CSS(`.words .said`)))
	words := b.text(".words .said")
	if !strings.Contains(words, "盖三层楼") || !strings.Contains(words, "U+202E") {
		t.Errorf("the words are shown as %q", words)
	}
	loaded, err := chromedp.Run(b, chromedp.Poll[bool](`document.querySelector(".files img").naturalWidth === 640`))
	if err != nil || !loaded {
		t.Errorf("the photo isn't shown: %v", err)
	}
	b.looks(in, "tip", "/tips/"+tip)

	// Decide by keyboard: the digit opens it.
	b.do(chromedp.Navigate("http://"+in.desk+"/tips/"+tip), chromedp.WaitVisible(chromedp.CSS(`.triage`)),
		chromedp.KeyEvent("3"), chromedp.WaitVisible(chromedp.CSS(`#s-accepted`)),
		chromedp.SendKeys(chromedp.CSS(`#s-accepted`), "村北打地基"), chromedp.Submit(chromedp.CSS(`#s-accepted`)), chromedp.WaitVisible(chromedp.CSS(`.tiphead .s-accepted`)),
		chromedp.SendKeys(chromedp.CSS(`#messages textarea`), "已经受理，转自然资源部门核查。"), chromedp.Submit(chromedp.CSS(`#messages textarea`)),
		chromedp.WaitVisible(chromedp.CSS(`.bubble.desk`)))
	if _, a := in.look(receipt); a.State != "accepted" || len(a.Messages) != 1 {
		t.Errorf("the receipt shows %+v", a)
	}

	// Back from a tip the inbox is as narrow as it was, and j goes on from the tip one had read.
	const row = `[...document.querySelectorAll("[data-tip]")].indexOf(document.activeElement)`
	b.do(chromedp.Navigate("http://"+in.desk+"/?channel=web"), chromedp.WaitVisible(chromedp.CSS(`.tips a`)), chromedp.KeyEvent("j"), chromedp.KeyEvent("j"))
	at := ask[int](b, row)
	b.do(chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS(`.triage`)), chromedp.KeyEvent("u"), chromedp.WaitVisible(chromedp.CSS(`.tips a`)), chromedp.KeyEvent("j"))
	if back, query := ask[int](b, row), ask[string](b, `location.search`); back != at+1 || query != "?channel=web" {
		t.Errorf("back from tip %d j leads to %d, and the inbox is narrowed to %q", at, back, query)
	}

	b.do(chromedp.Navigate("http://"+in.desk+"/tips/new"), chromedp.WaitVisible(chromedp.CSS(`textarea[name=text]`)),
		chromedp.SendKeys(chromedp.CSS(`textarea[name=text]`), "来电反映大棚里盖了房子"))
	until(t, 15*time.Second, "the draft is kept", func() bool { return strings.Contains(b.text("[data-saved]"), "草稿") })
	b.do(chromedp.Submit(chromedp.CSS(`textarea[name=text]`)), chromedp.WaitVisible(chromedp.CSS(`#receipt`)))
	if r := strings.ReplaceAll(b.text("#receipt"), " ", ""); len(r) != 24 {
		t.Errorf("the keyed-in receipt is %q", r)
	}
	b.looks(in, "inbox", "/")
	b.looks(in, "keyin", "/tips/new")
	b.looks(in, "ledger", "/ledger")
	b.looks(in, "audit", "/audit")
	b.looks(in, "passphrase", "/passphrase")

	w := newTab(t, 1280, true)
	w.enter(in, "wang", custodianPass)
	w.looks(in, "custody", "/custody")
	w.do(chromedp.Navigate("http://"+in.desk+"/custody"), chromedp.Click(chromedp.CSS(`form[action$=approve] button`)), chromedp.WaitVisible(chromedp.CSS(`.empty`)))
	li.get("/tips/" + tip + "/identity")
	if status, page := li.get("/tips/" + tip + "/identity"); status != http.StatusOK || !strings.Contains(page, "13900000000") {
		t.Errorf("the approved identity: %d", status)
	}
	b.homely(in.desk)
	w.homely(in.desk)
}

// urgent is the tip that is urgent and has two files.
func (in *instance) urgent() (tip string) {
	in.t.Helper()
	until(in.t, 10*time.Second, "the tip in the ledger", func() bool {
		for id, r := range in.ledger() {
			if r.Urgent && r.Files == 2 {
				tip = id
			}
		}
		return tip != ""
	})
	return tip
}
