package desk_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"tipline/intake/intaketest"
)

// ask gets the JSON that a script hands to a device.
func (b *browser) ask(path string) []byte {
	b.h.t.Helper()
	w := b.post(path)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
		b.h.t.Fatalf("POST %s: %d\n%s", path, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

// device gives a browser's member a passkey.
func (b *browser) device(name string, more ...string) *intaketest.Authenticator {
	b.h.t.Helper()
	a := intaketest.NewAuthenticator(b.h.t, passkeyOrigin)
	b.act("/account/factor/passkey?member=zhao", append(more, "name", name, "passkey", string(a.Make(b.h.t, b.ask("/account/factor/passkey/options"))))...)
	return a
}

var passkeyID = regexp.MustCompile(`name="id" value="([A-Z2-7]+)"`)

// TestPasskeys: made on the member's own page, named, asked for at the login, and removed
// behind the passphrase; printed codes come with the first.
func TestPasskeys(t *testing.T) {
	h := open(t)
	b := h.login("li")
	a := b.device("<b>办公室</b>")
	if page := b.page("/account/codes"); len(printedCode.FindAllString(page, -1)) != 10 {
		t.Error("no printed codes")
	}
	if page := b.page("/account"); !strings.Contains(page, "&lt;b&gt;办公室&lt;/b&gt;") {
		t.Error("its name isn't shown")
	}
	fresh := &browser{h: h}
	if page := fresh.page("/login"); !strings.Contains(page, `data-passkey="/login/passkey"`) || !strings.Contains(page, `name="code"`) {
		t.Error("the login asks for no passkey, or for no code")
	}
	answer := string(a.Use(t, fresh.ask("/login/passkey")))
	for i, want := range []int{http.StatusSeeOther, http.StatusForbidden} {
		if w := (&browser{h: h}).post("/login", "member", "li", "passphrase", phrase("li"), "passkey", answer); w.Code != want || strings.Contains(w.Body.String(), "clientDataJSON") {
			t.Errorf("%d: %d, want %d\n%s", i, w.Code, want, w.Body)
		}
	}
	if w := b.post("/account/factor", "code", h.code(b.secret())); w.Code != http.StatusSeeOther {
		t.Errorf("a code app beside it: %d", w.Code)
	}
	m := passkeyID.FindStringSubmatch(b.page("/account"))
	if m == nil {
		t.Fatal("it can't be removed")
	}
	for _, pass := range []string{"", phrase("zhao")} {
		if w := b.post("/account/factor/passkey/remove", "id", m[1], "passphrase", pass); w.Code != http.StatusForbidden {
			t.Errorf("removed with %q: %d", pass, w.Code)
		}
	}
	b.act("/account/factor/passkey/remove", "id", m[1], "passphrase", phrase("li"))
	if w := fresh.post("/login", "member", "li", "passphrase", phrase("li"), "passkey", string(a.Use(t, fresh.ask("/login/passkey")))); w.Code != http.StatusForbidden {
		t.Errorf("one that was removed: %d", w.Code)
	}
	h.clock.Add(6 * time.Minute)
	if w := b.post("/account/factor/passkey", "name", "x", "passkey", "{}"); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), `role="alert"`) {
		t.Errorf("without the passphrase: %d", w.Code)
	}
	if s := h.logged.String(); s != "" {
		t.Errorf("logged: %s", s)
	}
}

// TestNobodyMakesAPasskeyForAnother: whatever a form or an address says, it goes to who is
// logged in, and nobody removes another's.
func TestNobodyMakesAPasskeyForAnother(t *testing.T) {
	h := open(t)
	li, zhao := h.login("li"), h.login("zhao")
	a := li.device("li's", "member", "zhao", "holder", "zhao", "id", "zhao")
	b := zhao.device("zhao's")
	for name, want := range map[string]int{"zhao": http.StatusForbidden, "li": http.StatusSeeOther} {
		if w := (&browser{h: h}).post("/login", "member", name, "passphrase", phrase(name), "passkey", string(a.Use(t, li.ask("/login/passkey")))); w.Code != want {
			t.Errorf("li's passkey as %s: %d, want %d", name, w.Code, want)
		}
	}
	theirs := passkeyID.FindStringSubmatch(zhao.page("/account"))[1]
	if w := li.post("/account/factor/passkey/remove?member=zhao", "id", theirs, "member", "zhao", "passphrase", phrase("li")); w.Code != http.StatusNotFound {
		t.Errorf("li removes zhao's: %d", w.Code)
	}
	answer := string(intaketest.NewAuthenticator(t, passkeyOrigin).Make(t, zhao.ask("/account/factor/passkey/options")))
	if w := li.post("/account/factor/passkey", "name", "x", "passkey", answer); w.Code != http.StatusForbidden {
		t.Errorf("an answer to zhao's question: %d", w.Code)
	}
	if w := (&browser{h: h}).post("/login", "member", "zhao", "passphrase", phrase("zhao"), "passkey", string(b.Use(t, zhao.ask("/login/passkey")))); w.Code != http.StatusSeeOther {
		t.Errorf("zhao's own: %d", w.Code)
	}
	for _, path := range []string{"/account/zhao/factor/passkey", "/members/passkey", "/members/zhao/passkey"} {
		if w := li.post(path, "name", "x"); w.Code != http.StatusNotFound && w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := (&browser{h: h}).post("/account/factor/passkey/options"); w.Code != http.StatusSeeOther {
		t.Errorf("nobody asks: %d", w.Code)
	}
}
