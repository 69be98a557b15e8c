package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tipline/intake"
)

// TestPublicPages studies every page a citizen may come to, also those that say what is wrong.
func TestPublicPages(t *testing.T) {
	t.Parallel()
	in := install(t, generousLimits...)
	in.start()
	b := newTab(t, wide, true)
	for name, path := range map[string]string{"home": "/", "report": "/report", "receipt": "/receipt", "privacy": "/privacy", "channels": "/channels",
		"poster": "/channels/poster?place=411422207201", "accessibility": "/accessibility", "not-found": "/nothing"} {
		b.studies("public-"+name, func(lang string) { b.visit(in.public, path, lang) })
	}
	b.studies("public-report-errors", func(lang string) {
		b.visit(in.public, "/report", lang)
		b.do(chromedp.Submit(chromedp.CSS(`textarea[name=text]`)), chromedp.WaitVisible(chromedp.CSS(`[role=alert],.alert`)))
	})
	var receipt string
	b.studies("public-filed", func(lang string) {
		b.visit(in.public, "/report", lang)
		b.do(chromedp.SendKeys(chromedp.CSS(`textarea[name=text]`), "村北基本农田上正在打地基 "+lang), chromedp.Submit(chromedp.CSS(`textarea[name=text]`)),
			chromedp.WaitVisible(chromedp.CSS(`#receipt`)))
		receipt = b.text("#receipt")
	})
	li := in.login("li", handlerPass)
	li.act("/tips/"+in.only(2)+"/messages", url.Values{"text": {"谢谢，请告诉我们大概什么时候开始的。"}})
	li.act("/tips/"+in.only(2)+"/state", url.Values{"state": {"reviewing"}})
	ask := func(digits, next string) func(string) {
		return func(lang string) {
			b.visit(in.public, "/receipt", lang)
			b.do(chromedp.SendKeys(chromedp.CSS(`input[name=receipt]`), digits), chromedp.Submit(chromedp.CSS(`input[name=receipt]`)), chromedp.WaitVisible(chromedp.CSS(next)))
		}
	}
	b.studies("public-status", ask(receipt, ".line"))
	b.studies("public-receipt-wrong", ask(strings.Repeat("1", 24), "#summary"))
	b.homely(in.public)
}

// only is a tip of the ledger, once it has n.
func (in *instance) only(n int) (tip string) {
	in.t.Helper()
	until(in.t, 10*time.Second, "the tips in the ledger", func() bool { return len(in.ledger()) >= n })
	for tip = range in.ledger() {
	}
	return tip
}

// TestDeskPages studies the pages that no other test of a browser comes to: empty ones,
// mistaken ones, and what a tip looks like in every state.
func TestDeskPages(t *testing.T) {
	t.Parallel()
	in := placeOn(t, t.TempDir(), generousLimits...)
	in.init("li:handler", "wang:custodian", "sun:supervisor,auditor")
	in.start()
	b := newTab(t, wide, true)
	b.visit(in.desk, "/login", "zh-CN")
	b.studies("desk-login-wrong", func(lang string) {
		b.visit(in.desk, "/login", lang)
		b.do(chromedp.SendKeys(chromedp.CSS(`input[name=member]`), "li"), chromedp.SendKeys(chromedp.CSS(`input[name=passphrase]`), "wrong lantern "+lang),
			chromedp.Submit(chromedp.CSS(`input[name=member]`)), chromedp.WaitVisible(chromedp.CSS(`.alert`)))
	})
	b.enter(in, "li", handlerPass)
	for name, path := range map[string]string{"inbox-empty": "/", "inbox-filtered": "/?urgent=1&category=housing_on_farmland", "held-empty": "/?lane=held", "reviews-empty": "/reviews",
		"ledger-empty": "/ledger", "not-found": "/tips/none", "forbidden": "/custody"} {
		b.looks(in, name, path)
	}
	b.studies("desk-keyin-wrong", func(lang string) {
		b.visit(in.desk, "/tips/new", lang)
		b.do(chromedp.SendKeys(chromedp.CSS(`input[name=email]`), "nobody"), chromedp.Submit(chromedp.CSS(`input[name=email]`)), chromedp.WaitVisible(chromedp.CSS(`.alert`)))
	})
	b.studies("desk-keyed", func(lang string) {
		b.visit(in.desk, "/tips/new", lang) // where the draft of the wrong one waits
		b.do(chromedp.Clear(chromedp.CSS(`input[name=email]`)), chromedp.SetValue(chromedp.CSS(`textarea[name=text]`), "来电反映大棚里盖了房子 "+lang), chromedp.Submit(chromedp.CSS(`textarea[name=text]`)), chromedp.WaitVisible(chromedp.CSS(`#receipt`)))
	})
	in.everyState(b)
	in.otherRoles()
	b.homely(in.desk)
}

// everyState studies a tip in each state that a handler or the ledger can bring it to, and
// a refused act with what was typed.
func (in *instance) everyState(b *tab) {
	in.t.Helper()
	li, known := in.login("li", handlerPass), map[string]bool{}
	for id := range in.ledger() {
		known[id] = true
	}
	for _, way := range [][]intake.State{{intake.StateNeedsInfo}, {intake.StateDeclined}, {intake.StateReferred}, {intake.StateSpam},
		{intake.StateAccepted, intake.StateInLedger, intake.StateVerifying, intake.StateConcluded, intake.StateAnswered, intake.StateObjection}} {
		in.report(url.Values{"text": {"村北基本农田上正在打地基 " + string(way[0])}, "category": {"housing_on_farmland"}, "place": {"411422207203"}})
		tip := in.tipOf(known)
		for _, s := range way {
			li.act("/tips/"+tip+"/state", url.Values{"state": {string(s)}, "reason": {map[intake.State]string{intake.StateDeclined: "out_of_scope", intake.StateSpam: "advertising"}[s]},
				"department": {"natural_resources"}, "summary": {"村北打地基"}, "note": {"已核对图斑"}, "letter": {"谢谢您的反映。"}})
			b.looks(in, "tip-"+string(s), "/tips/"+tip)
		}
	}
	in.report(url.Values{"text": {"水渠边的耕地上铺了水泥"}, "category": {"housing_on_farmland"}, "place": {"411422207203"}, "name": {"张三"}, "phone": {"13900000000"}})
	tip := in.tipOf(known)
	b.studies("desk-tip-mistaken", func(lang string) {
		b.visit(in.desk, "/tips/"+tip, lang)
		b.do(chromedp.SendKeys(chromedp.CSS(`#text`), "水渠边的耕地上铺了水泥"), chromedp.Submit(chromedp.CSS(`#text`)), chromedp.WaitVisible(chromedp.CSS(`.alert`)))
	})
	b.studies("desk-tip-open", func(lang string) {
		b.visit(in.desk, "/tips/"+tip, lang)
		b.do(chromedp.KeyEvent("4"), chromedp.WaitVisible(chromedp.CSS(`.triage details[open]`)))
	})
	b.studies("desk-help", func(lang string) {
		b.visit(in.desk, "/tips/"+tip, lang)
		b.do(chromedp.KeyEvent("?"), chromedp.WaitVisible(chromedp.CSS(`#help[open]`)))
	})
	li.act("/tips/"+tip+"/identity", url.Values{"reason": {"需要当面核实位置"}})
	wang := in.login("wang", custodianPass)
	_, page := wang.get("/custody")
	_, id, _ := strings.Cut(page, "/custody/")
	id, _, _ = strings.Cut(id, "/")
	if status, _, body := wang.post("/custody/"+id+"/approve", url.Values{"passphrase": {custodianPass}}); status != http.StatusSeeOther {
		in.t.Fatalf("approve: %d\n%s", status, body)
	}
	b.looks(in, "tip-identity-open", "/tips/"+tip)
	b.looks(in, "identity", "/tips/"+tip+"/identity")
}

// otherRoles studies what a custodian, a supervisor and an auditor see.
func (in *instance) otherRoles() {
	in.t.Helper()
	w := newTab(in.t, wide, true)
	w.enter(in, "wang", custodianPass)
	w.looks(in, "custody-empty", "/custody")
	w.looks(in, "custodian-audit", "/audit")
	s := newTab(in.t, wide, true)
	s.enter(in, "sun", secondPass)
	s.looks(in, "supervisor-members", "/members")
	s.looks(in, "auditor-audit", "/audit")
	s.looks(in, "supervisor-forbidden", "/ledger")
	w.homely(in.desk)
	s.homely(in.desk)
}
