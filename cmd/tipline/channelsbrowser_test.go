package main

import (
	"bytes"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// TestChannelsInABrowser: what intake counted is on the desk's page, in `doctor` and on
// no more than that; the sheet of channels names them all.
func TestChannelsInABrowser(t *testing.T) {
	t.Parallel()
	in := install(t, append(generousLimits, `TIPLINE_SMS=[{"name":"city","provider":"aliyun","secret":"k3y","number":"10690001","send":{"url":"http://127.0.0.1:1","user":"u","secret":"s","sign":"s","template":"t","variables":["a={state}"]}},{"name":"signed","provider":"android","secret":"k3y"}]`,
		`TIPLINE_MAIL=[{"name":"box","provider":"imap","host":"127.0.0.1:1","user":"tips@example.org","secret":"x","address":"tips@example.org"}]`)...)
	in.start()
	call := func(path, body string) int {
		resp, err := http.Post("http://"+in.public+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	call("/hooks/sms/city?key=k3y", `[{"phone_number":"13800000000","content":"村北耕地上正在打地基","sequence_id":1},{"phone_number":3,"content":{}}]`)
	call("/hooks/sms/city?key=wrong", `[]`)
	call("/hooks/sms/signed", `{"event":"sms:received"}`)
	until(t, 20*time.Second, "the acknowledgement that can't be sent", func() bool { return strings.Contains(in.log(), "could not be handed to its gateway") })
	in.stop()
	for _, want := range []string{"sms/city: last 20", "2 in 7 days; turned away: signature 1 (check secret and url); not sent: unreachable 1", "sms/signed: nothing within three months", "box: "} {
		if out := in.run("doctor"); !strings.Contains(out, want) {
			t.Errorf("doctor lacks %q:\n%s", want, out)
		}
	}
	in.start()
	until(t, 20*time.Second, "the mailbox's failure", func() bool { return strings.Contains(in.run("doctor"), "can't be reached") })
	b := newTab(t, wide, true)
	b.enter(in, "li", handlerPass)
	b.looks(in, "channels", "/channels")
	for _, want := range []string{"city", "The signature is wrong", "Acknowledgements and notices that couldn't be sent", "can't be reached"} {
		if !strings.Contains(b.text("#main"), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	b.do(chromedp.Click(chromedp.CSS(`a[href*=poster]`)), chromedp.WaitVisible(chromedp.CSS(`.poster`)))
	if poster := b.text(".poster"); !strings.Contains(poster, "10690001") || !strings.Contains(poster, "tips@example.org") {
		t.Errorf("the sheet lacks a channel: %s", poster)
	}
	b.shot("channel-sheet")
	for _, code := range []string{".poster svg.qr", ".small-card svg.qr"} {
		if got := b.printedCode(code); got != "http://"+in.public+"/" {
			t.Errorf("the printed code %s reads %q", code, got)
		}
	}
}

// TestRereadInABrowser: a text that a wrong format left unread is asked for, refused, asked for
// again, approved and read, once the configuration is right; each step is looked at.
func TestRereadInABrowser(t *testing.T) {
	t.Parallel()
	read := func(format string) string {
		return `TIPLINE_SMS=[{"name":"town","provider":"custom","secret":"k3y","custom":{"format":"` + format + `","fields":{"id":"msgid","from":"mobile","text":"msg"}}}]`
	}
	in := install(t, append(generousLimits, read("json"))...)
	in.start()
	resp, err := http.PostForm("http://"+in.public+"/hooks/sms/town?key=k3y", url.Values{"msgid": {"1"}, "mobile": {"13800000000"}, "msg": {"村北耕地上正在打地基"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	li, wang := newTab(t, wide, true), newTab(t, wide, true)
	li.enter(in, "li", handlerPass)
	wang.enter(in, "wang", custodianPass)
	li.do(chromedp.Navigate("http://"+in.desk+"/channels"), chromedp.Click(chromedp.CSS(`a[href*="#identity"]`)), chromedp.WaitVisible(chromedp.CSS(`#reread`)))
	at, err := chromedp.Run(li, chromedp.Location())
	if err != nil {
		t.Fatal(err)
	}
	_, tip, _ := strings.Cut(at, "/tips/")
	tip, _, _ = strings.Cut(tip, "?")
	tip, _, _ = strings.Cut(tip, "#")
	at = "http://" + in.desk + "/tips/" + tip
	ask := func(reason string) {
		li.do(chromedp.Navigate(at), chromedp.WaitVisible(chromedp.CSS(`#identity summary`)), chromedp.Click(chromedp.CSS(`#identity summary`)), chromedp.WaitVisible(chromedp.CSS(`#reason`)),
			chromedp.SendKeys(chromedp.CSS(`#reason`), reason), chromedp.Submit(chromedp.CSS(`#reason`)), chromedp.WaitNotPresent(chromedp.CSS(`#reason`)))
	}
	step := func(name, want string) {
		t.Helper()
		li.looks(in, "reread-"+name, "/tips/"+tip)
		if got := li.text("#reread"); !strings.Contains(got, want) {
			t.Errorf("%s: the page says %q", name, got)
		}
	}
	ask("格式改好了")
	step("asked", "A custodian has to approve")
	wang.looks(in, "reread-custody", "/custody")
	wang.do(chromedp.Navigate("http://"+in.desk+"/custody"), chromedp.Click(chromedp.CSS(`article summary`)), chromedp.WaitVisible(chromedp.CSS(`form[action$=refuse] input[name=reason]`)),
		chromedp.SendKeys(chromedp.CSS(`form[action$=refuse] input[name=reason]`), "请先核对格式"), chromedp.Submit(chromedp.CSS(`form[action$=refuse] input[name=reason]`)), chromedp.WaitVisible(chromedp.CSS(`.empty`)))
	step("refused", "A custodian refused")
	in.stop()
	in.env = append(in.env, read("form"))
	in.start()
	li.enter(in, "li", handlerPass)
	wang.enter(in, "wang", custodianPass)
	ask("格式核对过了")
	wang.do(chromedp.Navigate("http://"+in.desk+"/custody"), chromedp.Click(chromedp.CSS(`form[action$=approve] button`)), chromedp.WaitVisible(chromedp.CSS(`.empty`)))
	step("open", "can be read again now")
	li.do(chromedp.Click(chromedp.CSS(`#reread button`)), chromedp.WaitVisible(chromedp.CSS(`.bubble`)))
	step("done", "It was read again later")
	if got := li.text("#messages"); !strings.Contains(got, "村北耕地上正在打地基") {
		t.Errorf("what was read isn't shown: %s", got)
	}
	li.homely(in.desk)
}

// printedCode reads the QR code that an element is on paper, as a phone reads what a
// printer of 192 dots an inch makes of it. Its modules have a third of a millimetre at least.
func (b *tab) printedCode(selector string) string {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	defer call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
	box, err := chromedp.Run(b, chromedp.Evaluate[[]float64](`(e => { const r = e.getBoundingClientRect(); return [r.x + scrollX, r.y + scrollY, r.width, r.height, e.viewBox.baseVal.width]; })(document.querySelector("`+selector+`"))`))
	if err != nil || len(box) != 5 {
		b.t.Fatalf("%s: %v, %v", selector, box, err)
	}
	const inch = 25.4
	if module := box[2] / 96 * inch / box[4]; module < 0.33 {
		b.t.Errorf("%s: a module has %.2f mm on paper", selector, module)
	}
	beyond := true
	shot := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &beyond, Clip: &page.Viewport{X: box[0], Y: box[1], Width: box[2], Height: box[3], Scale: 2}})
	img, err := png.Decode(bytes.NewReader(shot.Data))
	if err != nil {
		b.t.Fatal(err)
	}
	dots, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		b.t.Fatal(err)
	}
	read, err := qrcode.NewQRCodeReader().Decode(dots, nil)
	if err != nil {
		b.t.Fatalf("%s can't be read: %v", selector, err)
	}
	return read.GetText()
}
