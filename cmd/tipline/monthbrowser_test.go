package main

import (
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestMonthInABrowser is a handler's work on the invented office: clues of the county's own
// sheet, a call with somebody's number where a parcel's belongs, a closed parcel that a new
// tip is about, spam that was kept long enough, which two destroy together, and a key that is changed.
func TestMonthInABrowser(t *testing.T) {
	t.Parallel()
	in := placeOn(t, t.TempDir(), generousLimits...)
	pass := invented(in.run("sample", "--tips", "40", "--days", "31", "--seed", "7"))
	in.start()
	b := newTab(t, wide, true)
	b.enter(in, "li", pass["li"])
	in.bringsClues(b)
	in.mistakesANumber(b)
	in.opensAParcelAgain(b)
	in.destroysSpam(b, pass)
	in.sealsAnew(b, pass["li"])
	b.homely(in.desk)
	in.run("doctor")
	if out := in.run("audit", "verify"); !strings.Contains(out, "unbroken") {
		t.Errorf("%s", out)
	}
}

// bringsClues says which column of a sheet is which, keeps that under a name, and imports.
func (in *instance) bringsClues(b *tab) {
	in.t.Helper()
	sheet := filepath.Join(in.t.TempDir(), "交办.csv")
	write(in.t, sheet, "序,要点,哪个村,来源\n1,【样例】村北耕地上新建大棚房,胡堂村,上级交办\n2,【样例】渠边耕地堆放砂石,李尧村,上级交办\n")
	b.do(chromedp.Navigate("http://"+in.desk+"/import"), chromedp.SendKeys(chromedp.CSS(`#batch-clues`), "十一月交办"), chromedp.SetUploadFiles(chromedp.CSS(`#file-clues`), []string{sheet}),
		chromedp.Submit(chromedp.CSS(`#file-clues`)), chromedp.WaitVisible(chromedp.CSS(`details[open] select[aria-labelledby=c1]`)))
	b.looks(in, "import-unmapped", "/import/preview")
	b.do(chromedp.Navigate("http://"+in.desk+"/import/preview"), chromedp.SetValue(chromedp.CSS(`select[aria-labelledby=c0]`), "key"), chromedp.SetValue(chromedp.CSS(`select[aria-labelledby=c1]`), "text"),
		chromedp.SetValue(chromedp.CSS(`select[aria-labelledby=c2]`), "place"), chromedp.SetValue(chromedp.CSS(`select[aria-labelledby=c3]`), "source"), chromedp.SendKeys(chromedp.CSS(`#name`), "县交办表"),
		chromedp.Click(chromedp.CSS(`button[value=map]`)), chromedp.WaitVisible(chromedp.CSS(`button[value=import]`)), chromedp.Click(chromedp.CSS(`button[value=import]`)), chromedp.WaitVisible(chromedp.CSS(`.note.good`)))
	if said, maps := b.text(".note.good"), b.text("#map-clues"); !strings.Contains(said, "2") || !strings.Contains(maps, "县交办表") {
		in.t.Errorf("it says %q and keeps %q", said, maps)
	}
}

// mistakesANumber keys a call in with a telephone number in the parcel's field.
func (in *instance) mistakesANumber(b *tab) {
	in.t.Helper()
	b.studies("desk-keyin-personal", func(lang string) {
		b.visit(in.desk, "/tips/new", lang)
		b.do(chromedp.SetValue(chromedp.CSS(`textarea[name=text]`), "来电反映耕地上堆了砂石"), chromedp.SetValue(chromedp.CSS(`#parcel`), "138 0013 8000"), chromedp.Submit(chromedp.CSS(`#parcel`)),
			chromedp.WaitVisible(chromedp.CSS(`.alert a[href="#parcel"]`)))
	})
	b.do(chromedp.Clear(chromedp.CSS(`#parcel`)), chromedp.Submit(chromedp.CSS(`#parcel`)), chromedp.WaitVisible(chromedp.CSS(`#receipt`)))
}

// opensAParcelAgain reports a parcel of a batch that is closed, and opens it from the tip.
func (in *instance) opensAParcelAgain(b *tab) {
	in.t.Helper()
	known := map[string]bool{}
	for id := range in.ledger() {
		known[id] = true
	}
	b.do(chromedp.Navigate("http://"+in.desk+"/parcels?state=concluded"), chromedp.WaitVisible(chromedp.CSS(`.parcellist a.id`)))
	number := strings.TrimSpace(b.text(".parcellist a.id"))
	in.report(url.Values{"text": {"【样例】围墙拆了半截又砌起来了"}, "category": {"false_rectification"}, "place": {"411422207203"}, "parcel": {number}})
	tip := in.tipOf(known)
	b.looks(in, "parcel-closed", "/tips/"+tip)
	b.do(chromedp.Navigate("http://"+in.desk+"/tips/"+tip), chromedp.SetValue(chromedp.CSS(`.reopen select`), "relapse"), chromedp.Click(chromedp.CSS(`.reopen button`)),
		chromedp.WaitVisible(chromedp.CSS(`.tiphead .l-relapse`)), chromedp.WaitVisible(chromedp.CSS(`.note.good`)))
	if steps := b.text("[aria-labelledby=steps]"); !strings.Contains(steps, tip[:8]) {
		in.t.Errorf("the parcel's history doesn't tell why: %q", steps)
	}
}

// destroysSpam asks for what was kept long enough, all of it, and lets another approve.
func (in *instance) destroysSpam(b *tab, pass map[string]string) {
	in.t.Helper()
	known := map[string]bool{}
	for id := range in.ledger() {
		known[id] = true
	}
	li, spam, receipts := in.login("li", pass["li"]), []string{}, []string{}
	for _, text := range []string{"低息贷款，加微信", "代开发票", "中奖通知"} {
		receipts = append(receipts, in.report(url.Values{"text": {text}}))
		tip := in.tipOf(known)
		li.act("/tips/"+tip+"/state", url.Values{"state": {"spam"}, "reason": {"advertising"}})
		spam = append(spam, tip)
	}
	for _, tip := range spam {
		until(in.t, 10*time.Second, "the ledger has what was decided", func() bool { return in.disposed(tip) == "spam" })
	}
	in.aged(spam...)
	b.looks(in, "spam-old", "/retention")
	b.do(chromedp.Navigate("http://"+in.desk+"/retention"), chromedp.Click(chromedp.CSS(`form[action$="/retention/spam"] button`)), chromedp.WaitVisible(chromedp.CSS(`#asked + article .note`)))
	b.looks(in, "spam-asked", "/retention")
	s := newTab(in.t, wide, true)
	s.enter(in, "sun", pass["sun"])
	s.looks(in, "spam-waits", "/retention")
	s.do(chromedp.Navigate("http://"+in.desk+"/retention"), chromedp.Click(chromedp.CSS(`button[value=approve]`)), chromedp.WaitVisible(chromedp.CSS(`.paper table.every`)))
	for _, tip := range spam {
		if !strings.Contains(s.text(".paper table.every"), tip) {
			in.t.Errorf("the certificate doesn't name %s", tip)
		}
	}
	for _, receipt := range receipts {
		if status, _ := in.look(receipt); status != 404 {
			in.t.Errorf("the receipt of destroyed spam: %d", status)
		}
	}
	s.homely(in.desk)
}

// sealsAnew changes the desk's key and presses until nothing is left that the old one opens.
func (in *instance) sealsAnew(b *tab, passphrase string) {
	in.t.Helper()
	in.stop()
	in.run(append([]string{"keys", "rotate", "--role", "handler"}, in.as("li", passphrase)...)...)
	in.start()
	b.enter(in, "li", passphrase)
	b.looks(in, "keys-older", "/retention#keys")
	b.do(chromedp.Navigate("http://"+in.desk+"/retention"), chromedp.Click(chromedp.CSS(`form[action$="/retention/keys/1"] button`)),
		chromedp.WaitVisible(chromedp.CSS(`form[action$="/retention/keys/1"] code`)))
	b.looks(in, "keys-over", "/retention#keys")
}
