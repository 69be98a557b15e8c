package public_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"tipline/crypto/receipt"
	"tipline/intake"
)

func TestWishes(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	code := receipt.New()
	form := func(more ...string) answer {
		f := url.Values{"receipt": {code.Digits()}}
		for i := 0; i < len(more); i += 2 {
			f.Set(more[i], more[i+1])
		}
		return do(t, "POST", srv.URL+"/receipt?lang=en", formType, f.Encode())
	}
	if a := form(); !strings.Contains(a.body, "Don&#39;t contact me") || !strings.Contains(a.body, "Withdraw my identity") || !strings.Contains(a.body, "An answer was sent") {
		t.Errorf("the page offers nothing:\n%s", a.body)
	}
	form("wish", "withdraw") // a press alone destroys nothing
	if len(d.wishes) != 0 {
		t.Error("an identity went without a second thought")
	}
	form("wish", "withdraw", "sure", "1")
	form("wish", "no_contact")
	for _, path := range []string{"withdraw", "no-contact"} {
		a := do(t, "POST", srv.URL+"/api/v1/receipt/"+path, "application/json", `{"receipt":"`+code.Digits()+`"}`)
		if a.StatusCode != 200 || !strings.Contains(a.body, `"identity":"kept"`) {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.body)
		}
	}
	want := []intake.WishKind{intake.WishWithdraw, intake.WishNoContact, intake.WishWithdraw, intake.WishNoContact}
	if !slices.Equal(want, d.wishes) || len(d.said) != 0 {
		t.Errorf("%v", d.wishes)
	}
	d.talk.Reply, d.talk.Identity = intake.ReplyNone, intake.IdentityWithdrawn
	if a := form(); strings.Contains(a.body, "<form method=\"post\" action=\"/receipt\" class=\"sheet\"") || !strings.Contains(a.body, "You withdrew your identity") {
		t.Error("what is decided is offered again")
	}
	d.talk.Reply, d.talk.Identity = intake.ReplyReceipt, intake.IdentityNone
	if a := form(); strings.Contains(a.body, "Don&#39;t contact me") || strings.Contains(a.body, "Your decisions") {
		t.Error("who left no contact is told that we could call")
	}
	d.fail = intake.ErrNotDurable
	if a := form("wish", "no_contact"); a.StatusCode != 503 {
		t.Errorf("not stored: %d", a.StatusCode)
	}
	for path, body := range map[string]string{"withdraw": `{"receipt":"1"}`, "no-contact": `{`} {
		if a := do(t, "POST", srv.URL+"/api/v1/receipt/"+path, "application/json", body); a.StatusCode != 422 && a.StatusCode != 400 {
			t.Errorf("%s %s: %d", path, body, a.StatusCode)
		}
	}
}
