package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestTransferInABrowser: a handler moves a tip to the county's desk by clicks, its answer
// there waits for the identity, a custodian of the township hands that over, and the
// county's sends it. The county's pager rings, and the township knows of nothing any more.
func TestTransferInABrowser(t *testing.T) {
	t.Parallel()
	g, county := startGateway(t), startGateway(t)
	in := placeOn(t, t.TempDir(), append(g.env(t, "none"), `TIPLINE_DESKS=["county"]`,
		`TIPLINE_ALERTS_DESKS=[{"desk":"county","webhook":{"url":"`+county.URL+`/pager","secret":"whsec_c2VjcmV0"}}]`)...)
	in.init("li:handler", "wang:custodian", "chen:handler@county", "xu:custodian@county")
	in.start()
	receipt := in.report(url.Values{"text": {"县里的工地连夜强行毁麦"}, "name": {"张三"}, "phone": {"13900000000"}, "reply": {"contact"}, "urgent": {"1"}, "place": {"411422207203"}})
	tip := in.onlyTip()

	b := newTab(t, 1280, true)
	b.enter(in, "li", handlerPass)
	b.do(chromedp.Navigate("http://"+in.desk+"/tips/"+tip), chromedp.WaitVisible(chromedp.CSS(`.triage`)), chromedp.KeyEvent("t"), chromedp.WaitVisible(chromedp.CSS(`#why`)))
	b.shot("desk-transfer-zh-CN-wide")
	b.do(chromedp.SendKeys(chromedp.CSS(`#why`), "属于县里直接管的工地"), chromedp.Submit(chromedp.CSS(`#why`)), chromedp.WaitVisible(chromedp.CSS(`.empty`)))

	c := newTab(t, 1280, true)
	c.enter(in, "chen", secondPass)
	c.looks(in, "moved", "/tips/"+tip)
	c.do(chromedp.Navigate("http://"+in.desk+"/tips/"+tip), chromedp.WaitVisible(chromedp.CSS(`#identity .note`)),
		chromedp.SendKeys(chromedp.CSS(`#text`), "您反映的问题县里已经受理。"), chromedp.Submit(chromedp.CSS(`#text`)), chromedp.WaitVisible(chromedp.CSS(`.bubble.desk`)))
	x := newTab(t, 1280, true)
	x.enter(in, "xu", fourthPass)
	x.do(chromedp.Navigate("http://"+in.desk+"/dispatch"), chromedp.WaitVisible(chromedp.CSS(`.refusal`)))
	if shown := x.text(".refusal"); !strings.Contains(shown, "交接之后") {
		t.Errorf("the answer stands as %q", shown)
	}

	b.enter(in, "wang", custodianPass)
	b.looks(in, "handover", "/custody")
	b.do(chromedp.Navigate("http://"+in.desk+"/custody"), chromedp.WaitVisible(chromedp.CSS(`form[action$=handover]`)),
		chromedp.Click(chromedp.CSS(`form[action$=handover] button`)), chromedp.WaitNotPresent(chromedp.CSS(`form[action$=handover]`)))
	x.do(chromedp.Navigate("http://"+in.desk+"/dispatch"), chromedp.WaitVisible(chromedp.CSS(`.together button`)), chromedp.Click(chromedp.CSS(`.together button`)),
		chromedp.WaitVisible(chromedp.CSS(`.empty`)))
	if texts := g.sent(); len(texts) != 1 || texts[0].Get("mobile") != "8613900000000" {
		t.Errorf("the gateway got %v", texts)
	}
	until(t, 30*time.Second, "the county's pager rings", func() bool { return len(county.rung()) > 0 })
	until(t, 10*time.Second, "the row leaves the township's ledger", func() bool { return len(in.ledger()) == 0 })
	for at, want := range map[string]bool{"main": false, "county": true} {
		for _, format := range []string{"json", "csv"} {
			if out := in.run("ledger", "export", "--format", format, "--desk", at); strings.Contains(out, tip) != want {
				t.Errorf("the export of %s as %s holds it: %v", at, format, !want)
			}
		}
		if out := in.run("doctor", "--desk", at); strings.Contains(out, tip) || !strings.Contains(out, map[bool]string{true: "received 1", false: "received 0"}[want]) {
			t.Errorf("the reconciliation of %s: %s", at, out)
		}
	}
	li := in.login("li", handlerPass)
	for _, path := range []string{"/", "/ledger", "/deadlines", "/reviews"} {
		if _, page := li.get(path); strings.Contains(page, tip[:8]) {
			t.Errorf("%s names what left", path)
		}
	}
	if status, _ := li.get("/tips/" + tip); status != http.StatusNotFound {
		t.Errorf("the tip opens: %d", status)
	}
	if _, talk := in.look(receipt); talk.State != "received" || len(talk.Messages) != 1 || talk.Messages[0].Text != "您反映的问题县里已经受理。" {
		t.Errorf("under the receipt: %+v", talk)
	}
	b.homely(in.desk)
	c.homely(in.desk)
}
