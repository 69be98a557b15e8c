package main

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// device gives the browser a passkey device that is always touched.
func (b *tab) device() webauthn.AuthenticatorID {
	b.t.Helper()
	call(b, webauthn.Enable, webauthn.EnableParams{})
	return call(b, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{Protocol: webauthn.AuthenticatorProtocolCtap2,
		Ctap2version: webauthn.Ctap2versionCtap21, Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true, IsUserVerified: true,
		AutomaticPresenceSimulation: true}}).AuthenticatorID
}

// TestPasskeyInABrowser makes a passkey with Chromium's virtual device, logs in with it
// and, without script, with a printed code, and removes it.
func TestPasskeyInABrowser(t *testing.T) {
	t.Parallel()
	in := placeOn(t, t.TempDir(), generousLimits...)
	_, port, _ := strings.Cut(in.desk, ":")
	in.desk = "localhost:" + port // a name: browsers make passkeys for no address
	in.env = append(in.env, "TIPLINE_DESK_BASE_URL=http://"+in.desk)
	in.init("li:handler", "wang:custodian")
	in.start()
	b := newTab(t, wide, true)
	b.device()
	b.enter(in, "li", handlerPass)
	b.looks(in, "passkey-first", "/account/factor")
	b.visit(in.desk, "/account/factor", "zh-CN")
	b.do(chromedp.SendKeys(chromedp.CSS(`#key-name`), "办公室电脑"), chromedp.Click(chromedp.CSS(`.passkey button`)), chromedp.WaitVisible(chromedp.CSS(`.codes`)))
	printed := strings.Fields(b.text(".codes"))
	b.visit(in.desk, "/account", "zh-CN")
	b.do(chromedp.SendKeys(chromedp.CSS(`#key-name`), "同一台电脑"), chromedp.Click(chromedp.CSS(`.passkey button`)), chromedp.WaitVisible(chromedp.CSS(`[data-failed]`)))
	b.shot("desk-passkey-twice")
	b.looks(in, "passkeys", "/account")

	logout := func() {
		b.do(chromedp.Click(chromedp.CSS(`form[action*=logout] button`)), chromedp.WaitVisible(chromedp.CSS(`[data-use]`)))
	}
	logout()
	b.looks(in, "login-passkey", "/login")
	b.enterWith(in, "li", handlerPass, "")
	b.do(chromedp.WaitVisible(chromedp.CSS(`form>.alert`)), chromedp.SendKeys(chromedp.CSS(`input[name=passphrase]`), handlerPass), chromedp.Click(chromedp.CSS(`[data-use]`)), chromedp.WaitVisible(chromedp.CSS(`nav`)))
	logout()

	bare := newTab(t, narrow, false)
	bare.enterWith(in, "li", handlerPass, printed[0])
	bare.do(chromedp.WaitVisible(chromedp.CSS(`nav`)))

	b.do(chromedp.SendKeys(chromedp.CSS(`input[name=member]`), "li"), chromedp.SendKeys(chromedp.CSS(`input[name=passphrase]`), handlerPass), chromedp.Click(chromedp.CSS(`[data-use]`)), chromedp.WaitVisible(chromedp.CSS(`nav`)))
	b.visit(in.desk, "/account", "zh-CN")
	b.do(chromedp.Click(chromedp.CSS(`.drop summary`)), chromedp.WaitVisible(chromedp.CSS(`.drop input[type=password]`)))
	b.shot("desk-passkey-remove")
	b.do(chromedp.SendKeys(chromedp.CSS(`.drop input[type=password]`), handlerPass), chromedp.Click(chromedp.CSS(`.drop button`)), chromedp.WaitNotPresent(chromedp.CSS(`.drop`)))
	b.homely(in.desk)
}
