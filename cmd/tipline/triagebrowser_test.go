package main

import (
	"net/url"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tipOf is the tip that a receipt's report became: the newest row of the ledger that
// wasn't there before.
func (in *instance) tipOf(known map[string]bool) (tip string) {
	in.t.Helper()
	until(in.t, 10*time.Second, "the tip in the ledger", func() bool {
		for id := range in.ledger() {
			if !known[id] {
				tip = id
			}
		}
		return tip != ""
	})
	known[tip] = true
	return tip
}

// disposed is a tip's disposition in the ledger, "" without one.
func (in *instance) disposed(tip string) string {
	if d := in.ledger()[tip].Disposition; d != nil {
		return *d
	}
	return ""
}

// send presses a decision's key and Ctrl+Enter.
func (b *tab) send(key string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(key), chromedp.WaitVisible(chromedp.CSS(`.triage details[open]`)), chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
}

// TestTriageInABrowser: two handlers triage to the ledger with two keys, refuse with
// a second look, merge and take apart, and look at every page of it.
func TestTriageInABrowser(t *testing.T) {
	t.Parallel()
	in := placeOn(t, t.TempDir(), append([]string{"TIPLINE_REFUSAL_REVIEW=before"}, generousLimits...)...)
	in.init("li:handler", "wang:custodian", "zhao:handler")
	in.run("sample", "--tips", "30")
	in.start()
	known := map[string]bool{}
	until(t, 10*time.Second, "the samples in the ledger", func() bool { return len(in.ledger()) >= 25 })
	for id := range in.ledger() {
		known[id] = true
	}
	file := func(text string) (receipt, tip string) {
		receipt = in.report(url.Values{"text": {text}, "category": {"housing_on_farmland"}, "place": {"411422207203"}, "parcel": {"图斑 31"}, "subject": {"某施工队"}})
		return receipt, in.tipOf(known)
	}
	_, accepted := file("村北基本农田上正在打地基，已经堆了砖。")
	refusedReceipt, refused := file("邻居家的宅基地比我家大两尺，要求重新量。")
	mergedReceipt, merged := file("村北那块地又开始砌墙了，还是那个施工队。")

	b := newTab(t, 1280, true)
	b.enter(in, "li", handlerPass)
	open := func(b *tab, tip string) {
		b.do(chromedp.Navigate("http://"+in.desk+"/tips/"+tip), chromedp.WaitVisible(chromedp.CSS(`.triage`)))
	}
	open(b, accepted)
	b.send("3")
	b.do(chromedp.WaitVisible(chromedp.CSS(`.tiphead .s-accepted`)))
	until(t, 10*time.Second, "the disposition in the ledger", func() bool { return in.disposed(accepted) == "accepted" })

	open(b, refused)
	b.send("4")
	b.do(chromedp.WaitVisible(chromedp.CSS(`.tiphead .s-reviewing`)))
	if _, a := in.look(refusedReceipt); a.State != "reviewing" || len(a.Messages) != 0 {
		t.Errorf("the receipt shows %+v before the second look", a)
	}
	b.looks(in, "waiting", "/tips/"+refused)
	z := newTab(t, 1280, true)
	z.enter(in, "zhao", secondPass)
	z.looks(in, "reviews", "/reviews")
	z.do(chromedp.Navigate("http://"+in.desk+"/reviews"), chromedp.Click(chromedp.CSS(`input[value=confirm]`)), chromedp.Click(chromedp.CSS(`.together button`)),
		chromedp.WaitVisible(chromedp.CSS(`.empty`)))
	if _, a := in.look(refusedReceipt); a.State != "declined" || len(a.Messages) != 1 {
		t.Errorf("the receipt shows %+v", a)
	}
	until(t, 10*time.Second, "the refusal in the ledger", func() bool { return in.disposed(refused) == "declined" })

	b.looks(in, "similar", "/tips/"+merged)
	open(b, merged)
	b.do(chromedp.KeyEvent("7"), chromedp.WaitVisible(chromedp.CSS(`.into`)), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS(`.tiphead .s-merged`)))
	if _, a := in.look(mergedReceipt); a.State != "merged" || len(a.Messages) != 0 || len(a.Due) != 0 {
		t.Errorf("the receipt shows %+v", a)
	}
	b.looks(in, "merged", "/tips/"+merged)
	b.looks(in, "merged-into", "/tips/"+accepted)
	b.do(chromedp.Navigate("http://"+in.desk+"/tips/"+merged), chromedp.Click(chromedp.CSS(`form[action$=unmerge] button`)), chromedp.WaitVisible(chromedp.CSS(`.tiphead .s-received`)))
	until(t, 10*time.Second, "taken apart in the ledger", func() bool { return in.disposed(merged) == "" })

	open(b, merged)
	b.do(chromedp.SendKeys(chromedp.CSS(`#inside-text`), "与图斑 31 的旧案核对一下。"), chromedp.Submit(chromedp.CSS(`#inside-text`)), chromedp.WaitVisible(chromedp.CSS(`.slipnote`)),
		chromedp.SendKeys(chromedp.CSS(`#text`), "已责成某施工队停工"), chromedp.Submit(chromedp.CSS(`#text`)), chromedp.WaitVisible(chromedp.CSS(`.alert`)))
	b.shot("desk-echo-zh-CN-wide")
	b.looks(in, "triage-inbox", "/")
	b.do(chromedp.Navigate("http://"+in.desk+"/?urgent=1"), chromedp.SendKeys(chromedp.CSS(`#view`), "紧急的"), chromedp.Submit(chromedp.CSS(`#view`)), chromedp.WaitVisible(chromedp.CSS(`.views`)))
	b.looks(in, "view", "/?urgent=1")
	b.homely(in.desk)
	z.homely(in.desk)
}

// TestHeldInABrowser chooses all that a page holds and marks it as spam in one press.
func TestHeldInABrowser(t *testing.T) {
	t.Parallel()
	in := install(t, "TIPLINE_LIMITS_ORIGIN_SOFT_PER_HOUR=1")
	in.start()
	for range 4 {
		in.report(url.Values{"text": {"村北在打地基"}, "category": {"housing_on_farmland"}, "place": {"411422207203"}})
	}
	b := newTab(t, 1280, true)
	b.enter(in, "li", handlerPass)
	b.looks(in, "held", "/?lane=held")
	b.do(chromedp.Navigate("http://"+in.desk+"/?lane=held"), chromedp.Click(chromedp.CSS(`[data-all] input`)), chromedp.Click(chromedp.CSS(`button[value=spam]`)),
		chromedp.WaitVisible(chromedp.CSS(`[role=status].note`)))
	b.homely(in.desk)
}
