package public_test

import (
	"context"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tipline/crypto/receipt"
	"tipline/intake"
	"tipline/web/public"
)

func refusal(field, code string) error {
	return fmt.Errorf("refused: %w", &intake.InvalidError{Problems: []intake.Problem{{Field: field, Code: code, Param: "5000"}}})
}

// TestRefusedTokenIsReplaced: the advice is to send once more, which must work.
func TestRefusedTokenIsReplaced(t *testing.T) {
	token := regexp.MustCompile(`name="token" value="([^"]*)"`)
	for _, c := range []struct {
		field string
		keeps bool
	}{{"token", false}, {"place", true}} {
		d := newDoor()
		srv := serve(t, d, nil)
		d.fail = refusal(c.field, "token")
		a := do(t, "POST", srv.URL+"/report", formType, "text=x&token=tok&lang=en")
		got := token.FindStringSubmatch(a.body)
		if a.StatusCode != 422 || len(got) != 2 || (got[1] == "tok") != c.keeps || len(got[1]) < 3 {
			t.Errorf("%s: %d, the form's token is %q", c.field, a.StatusCode, got)
		}
		if strings.Contains(a.body, `href="#token"`) {
			t.Error("a link leads to a hidden field")
		}
	}
}

// TestContactStandsOpen: who is asked for a contact sees where it goes.
func TestContactStandsOpen(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	d.fail = refusal("reply", "no_contact")
	a := do(t, "POST", srv.URL+"/report", formType, "text=x&reply=contact&lang=en")
	if !strings.Contains(a.body, `<details class="identity" open>`) {
		t.Errorf("%d\n%s", a.StatusCode, a.body)
	}
}

// TestMessageIsCalledSo: a message's text isn't a report's.
func TestMessageIsCalledSo(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	d.fail = refusal("text", "too_long")
	code := receipt.New().Digits()
	page := do(t, "POST", srv.URL+"/receipt", formType, url.Values{"receipt": {code}, "text": {"x"}, "lang": {"en"}}.Encode())
	api := do(t, "POST", srv.URL+"/api/v1/receipt/messages?lang=en", "application/json", `{"receipt":"`+code+`","text":"x"}`)
	for _, a := range []answer{page, api} {
		if a.StatusCode != 422 || !strings.Contains(a.body, "Message is too long; at most 5000 characters.") {
			t.Errorf("%d\n%s", a.StatusCode, a.body)
		}
	}
}

// TestReceiptTriesAreNoReports: who looked too often isn't told of other people's
// reports.
func TestReceiptTriesAreNoReports(t *testing.T) {
	srv := serve(t, newDoor(), func(o *public.Options) {
		o.AllowReceipt = func(context.Context, string) time.Duration { return time.Minute }
	})
	body := `{"receipt":"` + receipt.New().Digits() + `","text":"x"}`
	for _, path := range []string{"/api/v1/receipt", "/api/v1/receipt/messages"} {
		a := do(t, "POST", srv.URL+path+"?lang=en", "application/json", body)
		if a.StatusCode != 429 || a.Header.Get("Retry-After") != "60" || !strings.Contains(a.body, `"title":"Too many tries"`) {
			t.Errorf("%s: %d\n%s", path, a.StatusCode, a.body)
		}
	}
}

// TestHeadingsStepDown: a page begins with its title, and no level is skipped
// below it.
func TestHeadingsStepDown(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	failing := newDoor()
	failing.fail = refusal("text", "required")
	refusing := serve(t, failing, nil)
	bad := url.Values{"receipt": {receipt.New().Digits()}, "text": {""}}.Encode()
	for name, a := range map[string]answer{
		"home": do(t, "GET", srv.URL+"/", "", ""), "report": do(t, "GET", srv.URL+"/report", "", ""),
		"receipt": do(t, "GET", srv.URL+"/receipt", "", ""), "privacy": do(t, "GET", srv.URL+"/privacy", "", ""),
		"filed": do(t, "POST", srv.URL+"/report", formType, "text=x"), "refused": do(t, "POST", refusing.URL+"/report", formType, "text="),
		"message refused": do(t, "POST", refusing.URL+"/receipt", formType, bad),
	} {
		last := '0'
		for _, h := range regexp.MustCompile(`<h([1-6])`).FindAllStringSubmatch(a.body, -1) {
			if level := rune(h[1][0]); level > last+1 {
				t.Errorf("%s: h%c after h%c", name, level, last)
			} else {
				last = level
			}
		}
		if strings.Count(a.body, "<h1") != 1 {
			t.Errorf("%s: not one title", name)
		}
	}
}

// TestRefusedMessageTokenIsReplaced: the same under a receipt.
func TestRefusedMessageTokenIsReplaced(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	d.fail = refusal("token", "token")
	a := do(t, "POST", srv.URL+"/receipt?lang=en", formType, url.Values{"receipt": {receipt.New().Digits()}, "text": {"x"}, "token": {"tok"}}.Encode())
	if a.StatusCode != 422 || strings.Contains(a.body, `value="tok"`) {
		t.Errorf("%d, sent once more it would be refused again:\n%s", a.StatusCode, a.body)
	}
}

// TestEmptyFileIsNotReceived: a photo of which nothing arrived isn't called received.
func TestEmptyFileIsNotReceived(t *testing.T) {
	srv := serve(t, newDoor(), nil)
	kind, body := form(t, "receipt="+receipt.New().Digits(), "lang=en", "file:a.jpg=", "file:b.jpg=BBB")
	a := do(t, "POST", srv.URL+"/receipt", kind, body)
	if a.StatusCode != 200 || !strings.Contains(a.body, "1: This file is empty") || !strings.Contains(a.body, "2: Received.") {
		t.Errorf("%d\n%s", a.StatusCode, a.body)
	}
}

// TestFilesThatAreTooManySayHow: what can't be taken says what can be done.
func TestFilesThatAreTooManySayHow(t *testing.T) {
	for _, c := range []struct {
		err  error
		says string
	}{
		{intake.ErrTooManyFiles, "The rest can be added under the receipt"},
		{intake.ErrTooLarge, "several parts"},
		{refusal("files", "full"), "please report once again"},
		{refusal("text", "too_long"), "can be added under the receipt, in parts"},
	} {
		d := newDoor()
		d.fail = c.err
		kind, body := form(t, "receipt="+receipt.New().Digits(), "text=x", "file:b.jpg=BBB")
		if a := do(t, "POST", serve(t, d, nil).URL+"/receipt?lang=en", kind, body); !strings.Contains(a.body, c.says) {
			t.Errorf("%v: %d, no word of %q", c.err, a.StatusCode, c.says)
		}
	}
}

// TestMangledTokenKeepsTheWords: a form whose mark came mangled says so, keeps what was
// typed, and is taken when it is sent once more.
func TestMangledTokenKeepsTheWords(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	d.fail = refusal("token", "token")
	for path, v := range map[string]url.Values{"/report": full(), "/receipt": {"receipt": {receipt.New().Digits()}, "text": {"再说一点"}, "lang": {"en"}}} {
		v.Set("token", "mangled")
		a := do(t, "POST", srv.URL+path, formType, v.Encode())
		if a.StatusCode != 422 || !strings.Contains(a.body, "did not arrive whole") || strings.Contains(a.body, "open too long") || !strings.Contains(a.body, ">"+html.EscapeString(v.Get("text"))+"</textarea>") {
			t.Errorf("%s: %d\n%s", path, a.StatusCode, a.body)
		}
	}
}

// TestOverlong: words that are more than is read aren't blamed on photos, and what could
// be read of them is still there.
func TestOverlong(t *testing.T) {
	srv := serve(t, newDoor(), nil)
	long := strings.Repeat("长", 400_000)
	kind, body := form(t, "lang=en", "subject=some company", "text="+long)
	for _, c := range []struct{ name, path, kind, body, says string }{
		{"a form with files", "/report", kind, body, "together may have 1024 KB."},
		{"a form", "/report", formType, url.Values{"lang": {"en"}, "subject": {"some company"}, "text": {long}}.Encode(), "take out at least 2492 KB"},
	} {
		a := do(t, "POST", srv.URL+c.path, c.kind, c.body)
		if a.StatusCode != 413 || !strings.Contains(a.body, c.says) || strings.Contains(a.body, "fewer photos") || !strings.Contains(a.body, "some company") || !strings.Contains(a.body, ">"+long[:300_000]) {
			t.Errorf("%s: %d\n%.3000s", c.name, a.StatusCode, a.body)
		}
	}
	for _, path := range []string{"/api/v1/reports", "/api/v1/receipt/messages"} {
		a := do(t, "POST", srv.URL+path, "application/json", `{"text":"`+long+`"}`, "Accept-Language", "en")
		if a.StatusCode != 413 || !strings.Contains(a.body, `"errors":{"body":"All words together may have 1024 KB. Please take out at least 148 KB."}`) {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.body)
		}
	}
}
