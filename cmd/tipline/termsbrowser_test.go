package main

import (
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tipline/intake/database"
)

// TestTermsInABrowser: a question stops a clock, a later date is asked for by one and
// granted by another, and the reporter sees both under their receipt. Then a closed
// parcel is looked back at, and two destroy a tip.
func TestTermsInABrowser(t *testing.T) {
	t.Parallel()
	in := placeOn(t, t.TempDir(), generousLimits...)
	in.init("li:handler", "wang:custodian", "sun:supervisor")
	in.start()
	known := map[string]bool{}
	file := func(text string) (receipt, tip string) {
		receipt = in.report(url.Values{"text": {text}, "category": {"housing_on_farmland"}, "place": {"411422207203"}, "parcel": {"图斑 31"}})
		return receipt, in.tipOf(known)
	}
	asked, askedTip := file("村北基本农田上正在打地基，已经堆了砖。")
	later, laterTip := file("水渠边的耕地上铺了水泥。")
	b := newTab(t, wide, true)
	b.enter(in, "li", handlerPass)
	open := func(tip string) {
		b.do(chromedp.Navigate("http://"+in.desk+"/tips/"+tip), chromedp.WaitVisible(chromedp.CSS(`.triage`)))
	}
	open(askedTip)
	b.send("2")
	b.do(chromedp.WaitVisible(chromedp.CSS(`#clock`)))
	if _, a := in.look(asked); len(a.Due) != 1 || a.Due[0].Kind != "answer" {
		t.Errorf("while the clock stands still the receipt shows %+v", a.Due)
	}
	b.looks(in, "clock-stopped", "/tips/"+askedTip)

	open(laterTip)
	b.send("3")
	b.do(chromedp.WaitVisible(chromedp.CSS(`#clock details`)))
	_, before := in.look(later)
	b.do(chromedp.Click(chromedp.CSS(`#clock summary`)), chromedp.WaitVisible(chromedp.CSS(`#until`)), chromedp.SetValue(chromedp.CSS(`#until`), "2099-01-05"),
		chromedp.SendKeys(chromedp.CSS(`#later-note`), "等小麦收割后复耕。"), chromedp.Submit(chromedp.CSS(`#until`)), chromedp.WaitVisible(chromedp.CSS(`#clock .line`)))
	s := newTab(t, wide, true)
	s.enter(in, "sun", secondPass)
	s.looks(in, "deadlines", "/deadlines")
	s.do(chromedp.Navigate("http://"+in.desk+"/deadlines"), chromedp.Click(chromedp.CSS(`button[value=grant]`)), chromedp.WaitVisible(chromedp.CSS(`.note.good`)))
	_, after := in.look(later)
	if len(before.Due) != 1 || len(after.Due) != 1 || after.Due[0].On != "2099-01-05" || after.Due[0].Kind != "conclusion" || len(after.Messages) != 1 || !strings.Contains(after.Messages[0].Text, "延长") {
		t.Errorf("the receipt shows %+v, then %+v", before, after)
	}
	b.looks(in, "clock", "/tips/"+laterTip)
	in.lookBack(b, laterTip, file)
	in.destroyed(b, s, askedTip, asked)
	b.homely(in.desk)
	s.homely(in.desk)
}

// lookBack concludes a tip, files another about its parcel, and looks back from there.
func (in *instance) lookBack(b *tab, old string, file func(text string) (receipt, tip string)) {
	in.t.Helper()
	li := in.login("li", handlerPass)
	for _, state := range []string{"in_ledger", "concluded"} {
		li.act("/tips/"+old+"/state", url.Values{"state": {state}})
	}
	_, tip := file("水泥地没有拆，只是盖了一层土。")
	b.looks(in, "before", "/tips/"+tip)
	b.do(chromedp.Navigate("http://"+in.desk+"/tips/"+tip), chromedp.SetValue(chromedp.CSS(`.appoint select`), "false_rectification"), chromedp.SetValue(chromedp.CSS(`.appoint input[name=number]`), "2026-7"),
		chromedp.Click(chromedp.CSS(`.appoint button`)), chromedp.WaitVisible(chromedp.CSS(`#looks article`)), chromedp.Click(chromedp.CSS(`#looks article a`)),
		chromedp.WaitVisible(chromedp.CSS(`.tiphead .s-concluded`)))
	b.looks(in, "lookbacks", "/lookbacks")
	b.do(chromedp.Navigate("http://"+in.desk+"/tips/"+old), chromedp.Click(chromedp.CSS(`#looks article summary`)), chromedp.SetValue(chromedp.CSS(`#looks article select`), "false"),
		chromedp.SendKeys(chromedp.CSS(`#looks article textarea`), "只盖了土。"), chromedp.Submit(chromedp.CSS(`#looks article textarea`)), chromedp.WaitVisible(chromedp.CSS(`.slipnote`)))
}

// aged lets tips be years old, with nothing left to do about them.
func (in *instance) aged(tips ...string) {
	in.t.Helper()
	db, err := database.Open(in.t.Context(), database.Options{Path: filepath.Join(in.data(), databaseFile)})
	if err != nil {
		in.t.Fatal(err)
	}
	defer db.Close()
	for _, tip := range tips {
		for _, query := range []string{`UPDATE history SET day = '2020-01-01' WHERE tip = $1`, `UPDATE tips SET received_on = '2020-01-01' WHERE id = $1`,
			`DELETE FROM reviews WHERE tip = $1`, `UPDATE looks SET result = 'safe' WHERE tip = $1`} {
			if _, err := db.Write.ExecContext(in.t.Context(), query, tip); err != nil {
				in.t.Fatal(err)
			}
		}
	}
}

// destroyed marks a tip as spam, long ago, and lets two destroy it.
func (in *instance) destroyed(b, s *tab, tip, receipt string) {
	in.t.Helper()
	in.login("li", handlerPass).act("/tips/"+tip+"/state", url.Values{"state": {"spam"}, "reason": {"test"}})
	in.aged(tip)
	b.do(chromedp.Navigate("http://"+in.desk+"/tips/"+tip), chromedp.Click(chromedp.CSS(`#keeping details:last-of-type summary`)), chromedp.WaitVisible(chromedp.CSS(`#destroy-reason`)),
		chromedp.Submit(chromedp.CSS(`#destroy-reason`)), chromedp.WaitVisible(chromedp.CSS(`#keeping .note`)))
	b.looks(in, "keeping-tip", "/tips/"+tip)
	s.looks(in, "keeping", "/retention")
	until(in.t, 10*time.Second, "the ledger has what was decided", func() bool { return in.disposed(tip) == "spam" })
	s.do(chromedp.Navigate("http://"+in.desk+"/retention"), chromedp.Click(chromedp.CSS(`button[value=approve]`)), chromedp.WaitVisible(chromedp.CSS(`.paper`)))
	s.looks(in, "certificate", ask[string](s, `location.pathname`))
	s.size(narrow)
	s.wants(`[...document.querySelectorAll(".paper .signs span")].filter((e) => e.clientWidth > 200 && e.clientHeight > 30).length === 3`)
	s.size(wide)
	if status, _ := in.look(receipt); status != 404 {
		in.t.Errorf("the receipt of a destroyed tip: %d", status)
	}
	b.do(chromedp.Navigate("http://"+in.desk+"/tips/"+tip), chromedp.WaitVisible(chromedp.CSS(`.paper`)))
	in.run("doctor")
}
