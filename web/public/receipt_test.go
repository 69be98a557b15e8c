package public_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"tipline/crypto/receipt"
	"tipline/intake"
	"tipline/web/public"
)

func TestReceiptOpens(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	code := receipt.New()
	typed := strings.ReplaceAll(code.Grouped(), " ", "－")
	a := do(t, "POST", srv.URL+"/receipt?lang=en", formType, url.Values{"receipt": {typed}}.Encode())
	if a.StatusCode != 200 || len(d.looked) != 1 || d.looked[0] != code {
		t.Fatalf("%d, looked %d times", a.StatusCode, len(d.looked))
	}
	for _, want := range []string{"More information needed", "2026-03-22", "by 24 March 2026", "哪一块地？&lt;b&gt;", "Your message is sealed",
		`name="receipt" value="` + code.Grouped() + `"`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("no %q in:\n%s", want, a.body)
		}
	}
	if len(d.said) > 0 {
		t.Error("looking said something")
	}
}

// TestReceiptErrors: a slip in the digits never reaches the store; a receipt that
// isn't known is a page of its own status with the digits kept.
func TestReceiptErrors(t *testing.T) {
	good := receipt.New()
	slip := []byte(good.Digits())
	slip[3] = '0' + (slip[3]-'0'+1)%10
	for _, c := range []struct {
		name, typed string
		look        error
		wait        time.Duration
		status      int
		says        string
		lookups     int
	}{
		{"wrong check digits", string(slip), nil, 0, 422, "A digit of the receipt is wrong", 0},
		{"too short", "1234", nil, 0, 422, "This has 4;", 0},
		{"too long", good.Digits() + "9", nil, 0, 422, "This has 25;", 0},
		{"letters", "receipt " + good.Digits(), nil, 0, 422, "digits alone", 0},
		{"empty", "", nil, 0, 422, "Please fill in: Receipt", 0},
		{"unknown or expired", good.Digits(), intake.ErrUnknownReceipt, 0, 404, "Nothing found", 1},
		{"too many tries", good.Digits(), nil, 50 * time.Second, 429, "1 minute", 0},
		{"store away", good.Digits(), intake.ErrNotDurable, 0, 503, "cannot be opened just now", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDoor()
			d.look = c.look
			srv := serve(t, d, func(o *public.Options) {
				o.AllowReceipt = func(_ context.Context, origin string) time.Duration {
					if origin != "127.0.0.1" {
						t.Errorf("origin %q", origin)
					}
					return c.wait
				}
			})
			page := do(t, "POST", srv.URL+"/receipt?lang=en", formType, url.Values{"receipt": {c.typed}}.Encode())
			if page.StatusCode != c.status || !strings.Contains(page.body, c.says) {
				t.Errorf("page: %d\n%s", page.StatusCode, page.body)
			}
			if !strings.Contains(page.body, `value="`+c.typed+`"`) {
				t.Error("what was typed is gone")
			}
			if len(d.looked) != c.lookups {
				t.Errorf("looked up %d times, want %d", len(d.looked), c.lookups)
			}
			api := do(t, "POST", srv.URL+"/api/v1/receipt?lang=en", "application/json", `{"receipt":"`+c.typed+`"}`)
			if api.StatusCode != c.status || api.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("API: %d %s", api.StatusCode, api.Header.Get("Content-Type"))
			}
			if retry := api.Header.Get("Retry-After"); (retry != "") != (c.status == 429 || c.status == 503) {
				t.Errorf("Retry-After %q with %d", retry, c.status)
			}
		})
	}
}

func TestMessageIsAddedOnce(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	v := url.Values{"receipt": {receipt.New().Digits()}, "text": {"再说一点"}, "token": {"tok"}}.Encode()
	for range 2 {
		a := do(t, "POST", srv.URL+"/receipt", formType, v)
		if a.StatusCode != 200 || !strings.Contains(a.body, "已收到您的留言") {
			t.Fatalf("%d\n%s", a.StatusCode, a.body)
		}
	}
	if len(d.said) != 1 || d.said[0] != "再说一点" {
		t.Errorf("said %d times", len(d.said))
	}
}

// TestMessageSurvives: what was written stays on the page when it couldn't be
// kept, and can be sent again with the same token.
func TestMessageSurvives(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	v := url.Values{"receipt": {receipt.New().Digits()}, "text": {"再说一点"}, "token": {"tok"}}.Encode()
	d.fail = intake.ErrNotDurable
	a := do(t, "POST", srv.URL+"/receipt", formType, v)
	if a.StatusCode != 503 || !strings.Contains(a.body, ">再说一点</textarea>") || !strings.Contains(a.body, `value="tok"`) {
		t.Errorf("%d\n%s", a.StatusCode, a.body)
	}
	d.look = intake.ErrNotDurable
	a = do(t, "POST", srv.URL+"/receipt", formType, v)
	if a.StatusCode != 503 || !strings.Contains(a.body, ">再说一点</textarea>") {
		t.Errorf("with the store away: %d\n%s", a.StatusCode, a.body)
	}
	d.fail, d.look = nil, nil
	if a = do(t, "POST", srv.URL+"/receipt", formType, v); a.StatusCode != 200 || len(d.said) != 1 {
		t.Errorf("sent again: %d, said %d times", a.StatusCode, len(d.said))
	}
}

func TestGetNeverTakesAReceipt(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	code := receipt.New().Digits()
	a := do(t, "GET", srv.URL+"/receipt?receipt="+code, "", "")
	if a.StatusCode != 200 || len(d.looked) != 0 || strings.Contains(a.body, code) {
		t.Errorf("%d, looked %d times", a.StatusCode, len(d.looked))
	}
}

// TestDaysInArabic: a date isn't turned round by the words about it.
func TestDaysInArabic(t *testing.T) {
	srv := serve(t, newDoor(), func(o *public.Options) {
		var err error
		if o.Bundle, err = o.Bundle.WithLanguages("zh-CN", "ar"); err != nil {
			t.Fatal(err)
		}
	})
	a := do(t, "POST", srv.URL+"/receipt?lang=ar", formType, url.Values{"receipt": {receipt.New().Digits()}}.Encode())
	if !strings.Contains(a.body, "قبل 24 مارس 2026") || !strings.Contains(a.body, `<time datetime="2026-03-21">21 مارس 2026</time>`) {
		t.Errorf("%d\n%s", a.StatusCode, a.body)
	}
}
