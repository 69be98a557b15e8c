package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"
)

// enterWith logs a member in who has a second factor, or gives up where the login stays.
func (b *tab) enterWith(in *instance, member, passphrase, code string) {
	b.t.Helper()
	b.do(chromedp.Navigate("http://"+in.desk+"/login"), chromedp.WaitVisible(chromedp.CSS(`input[name=code]`)),
		chromedp.SendKeys(chromedp.CSS(`input[name=member]`), member),
		chromedp.SendKeys(chromedp.CSS(`input[name=passphrase]`), passphrase),
		chromedp.SendKeys(chromedp.CSS(`input[name=code]`), code),
		chromedp.Submit(chromedp.CSS(`input[name=member]`)))
}

// TestMembersInABrowser sets a second factor up, logs in with a code of the app and with
// a printed one, adds a member and grants them their keys, and looks at every page.
func TestMembersInABrowser(t *testing.T) {
	t.Parallel()
	in := install(t, generousLimits...)
	boss := strings.TrimSpace(in.run("member", "add", "boss:administrator"))
	in.start()
	b := newTab(t, 1280, true)
	b.enter(in, "li", handlerPass)
	b.looks(in, "account-bare", "/account")
	b.looks(in, "factor", "/account/factor")

	b.do(chromedp.Navigate("http://"+in.desk+"/account/factor"), chromedp.WaitVisible(chromedp.CSS(`svg.qr`)),
		chromedp.Click(chromedp.CSS(`.enrol summary`)), chromedp.WaitVisible(chromedp.CSS(`#secret`)))
	secret := strings.Join(strings.Fields(b.text("#secret")), "")
	now := time.Now()
	b.do(chromedp.SendKeys(chromedp.CSS(`#code`), code(t, secret, now)), chromedp.Submit(chromedp.CSS(`#code`)), chromedp.WaitVisible(chromedp.CSS(`.codes`)))
	printed := strings.Fields(b.text(".codes"))
	if len(printed) != 10 {
		t.Fatalf("the printed codes are %d", len(printed))
	}
	b.looks(in, "codes", "/account/codes")
	b.do(chromedp.Navigate("http://"+in.desk+"/account/codes"), chromedp.Click(chromedp.CSS(`form[action$=done] button`)), chromedp.WaitVisible(chromedp.CSS(`#a-sessions`)))
	b.looks(in, "account", "/account")

	logout := func() {
		b.do(chromedp.Click(chromedp.CSS(`form[action*=logout] button`)), chromedp.WaitVisible(chromedp.CSS(`input[name=code]`)))
	}
	logout()
	b.looks(in, "login", "/login")
	b.enterWith(in, "li", handlerPass, "")
	b.do(chromedp.WaitVisible(chromedp.CSS(`.alert`)))
	b.enterWith(in, "li", handlerPass, code(t, secret, now.Add(30*time.Second))) // the next one: that of the enrolment is used up
	b.do(chromedp.WaitVisible(chromedp.CSS(`nav`)))
	logout()
	b.enterWith(in, "li", handlerPass, printed[0])
	b.do(chromedp.WaitVisible(chromedp.CSS(`nav`)))
	logout()
	b.enterWith(in, "li", handlerPass, printed[0])
	b.do(chromedp.WaitVisible(chromedp.CSS(`.alert`)))
	b.enterWith(in, "li", handlerPass, printed[1])
	b.do(chromedp.WaitVisible(chromedp.CSS(`nav`)))

	in.addInABrowser(b, boss)
	b.homely(in.desk)
}

func code(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	c, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// addInABrowser has boss add zhao, who changes the printed passphrase and is granted the
// keys by li, who sits at b.
func (in *instance) addInABrowser(li *tab, printed string) {
	in.t.Helper()
	_, printed, _ = strings.Cut(strings.SplitN(printed, "\n", 2)[0], "passphrase: ")
	own := "five lanterns over the mill pond"
	boss := newTab(in.t, 1280, true)
	boss.enter(in, "boss", printed)
	boss.change(printed, own)
	boss.enter(in, "boss", own)
	boss.do(chromedp.Navigate("http://"+in.desk+"/members"), chromedp.WaitVisible(chromedp.CSS(`#name`)), chromedp.SendKeys(chromedp.CSS(`#name`), "zhao"),
		chromedp.Click(chromedp.CSS(`#add input[value=handler]`)), chromedp.Submit(chromedp.CSS(`#name`)), chromedp.WaitVisible(chromedp.CSS(`#passphrase`)))
	fresh := boss.text("#passphrase")
	boss.looks(in, "printed", "/members/printed")
	boss.looks(in, "members-admin", "/members")

	for _, width := range []int64{1280, 360} {
		boss.size(width)
		boss.do(chromedp.Navigate("http://"+in.desk+"/members"), chromedp.Click(chromedp.CSS(`.people li:nth-child(2) summary`)), chromedp.WaitVisible(chromedp.CSS(`.acts`)))
		boss.fits("members, opened", width)
		boss.shot("desk-members-open-" + map[int64]string{1280: "wide", 360: "narrow"}[width])
	}

	zhao := newTab(in.t, 1280, true)
	zhao.enter(in, "zhao", fresh)
	zhao.change(fresh, own)
	zhao.enter(in, "zhao", own)
	zhao.looks(in, "account-waits", "/account")
	zhao.do(chromedp.Navigate("http://"+in.desk+"/account"), chromedp.WaitVisible(chromedp.CSS(`.note .mark`)))
	mark := zhao.text(".note .mark")

	li.looks(in, "members", "/members")
	li.do(chromedp.Navigate("http://"+in.desk+"/members"), chromedp.WaitVisible(chromedp.CSS(`form.wait`)))
	if shown := li.text("form.wait .mark"); shown != mark {
		in.t.Errorf("the marks are %q and %q", shown, mark)
	}
	li.do(chromedp.SendKeys(chromedp.CSS(`form.wait input[type=password]`), handlerPass), chromedp.Submit(chromedp.CSS(`form.wait input[type=password]`)),
		chromedp.WaitNotPresent(chromedp.CSS(`form.wait`)))
	zhao.enter(in, "zhao", own)
	zhao.do(chromedp.Navigate("http://"+in.desk+"/tips/new"), chromedp.WaitVisible(chromedp.CSS(`textarea[name=text]`)))
	if log, err := os.ReadFile(filepath.Join(in.dir, "log")); err != nil || strings.Contains(string(log), fresh) || strings.Contains(string(log), own) {
		in.t.Errorf("the log: %v, or it tells a passphrase", err)
	}
}

// change replaces a printed passphrase; the strength is shown while it is typed.
func (b *tab) change(old, fresh string) {
	b.t.Helper()
	b.do(chromedp.WaitVisible(chromedp.CSS(`#old`)), chromedp.SendKeys(chromedp.CSS(`#old`), old), chromedp.SendKeys(chromedp.CSS(`#fresh`), fresh),
		chromedp.WaitVisible(chromedp.CSS(`.strength[data-grade]`)))
	b.shot("desk-passphrase-strength")
	b.do(chromedp.SendKeys(chromedp.CSS(`#again`), fresh), chromedp.Submit(chromedp.CSS(`#again`)), chromedp.WaitVisible(chromedp.CSS(`input[name=member]`)))
}

// TestSecondFactorIsConfigured: with desk.second_factor every page leads to the one to enrol.
func TestSecondFactorIsConfigured(t *testing.T) {
	t.Parallel()
	in := install(t, "TIPLINE_DESK_SECOND_FACTOR=required")
	in.start()
	li := in.login("li", handlerPass)
	for _, path := range []string{"/", "/ledger", "/account", "/audit"} {
		if status, _ := li.get(path); status != http.StatusSeeOther {
			t.Errorf("%s without a second factor: %d", path, status)
		}
	}
	if status, page := li.get("/account/factor"); status != http.StatusOK || !strings.Contains(page, `class="qr"`) {
		t.Errorf("the page to enrol: %d", status)
	}
}
