package sms

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/intaketest"
	"tipline/intake/sms/gateway"
)

// TestFortnight: what a gateway delivers again, signed anew, is the same tip for fourteen days
// and over a restart of ours; another message of the same number, in those words, is not the
// first one.
func TestFortnight(t *testing.T) {
	for provider := range kinds() {
		t.Run(provider, func(t *testing.T) {
			t.Parallel()
			o := intaketest.Open(t)
			var filed []intake.Filed
			send := func(id string, sent time.Time) intake.Filed {
				t.Helper()
				h := officeHandler(t, o, provider, &filed)
				a := account(provider)
				a.Now, a.Nonce, a.Event = o.Clock.Now(), "nonce-"+id+o.Clock.Now().String(), "msg_"+id
				body := gateway.Encode(provider, a, gateway.Message{ID: id, From: "13800138000", To: "10690000", Text: "村北有人挖沙", Sent: sent})
				c := gateway.Sign(provider, a, body)
				target := hookPath
				if c.Key != "" {
					target += "/" + url.PathEscape(c.Key)
				}
				if w := call(h, c.Method, target, c.Body, c.Header); w.Code/100 != 2 {
					t.Fatalf("answered %d", w.Code)
				}
				return filed[len(filed)-1]
			}
			began := o.Clock.Now()
			first := send("1", began)
			for _, days := range []int{0, 1, 13} {
				o.Clock.Add(time.Duration(days)*24*time.Hour - o.Clock.Now().Sub(began))
				if again := send("1", began); !again.Duplicate || again.ID != first.ID {
					t.Errorf("%d days later it is another: %t", days, again.Duplicate)
				}
			}
			if other := send("2", began.Add(time.Minute)); other.Duplicate {
				t.Error("another message is taken for the first one's redelivery")
			}
		})
	}
}

// officeHandler is the provider's channel over the real office, as after a restart.
func officeHandler(t *testing.T, o *intaketest.Office, provider string, filed *[]intake.Filed) http.Handler {
	t.Helper()
	c := Channel{Name: "city", Provider: provider, Secrets: []string{keyText}, URL: hookURL}
	if settle := wires()[provider].settle; settle != nil {
		settle(&c)
	}
	fake := &office{}
	options, door := fake.options(), o.Door()
	options.Now = o.Clock.Now
	options.Submit = func(ctx context.Context, r *intake.Report) (intake.Filed, error) {
		f, err := door.Submit(ctx, r)
		*filed = append(*filed, f)
		return f, err
	}
	h, err := NewHandler(c, options)
	intaketest.Must(t, err)
	return h
}

// TestEveryCharset: each provider's body is read in the charset that it declares, or in GB18030
// where it declares none.
func TestEveryCharset(t *testing.T) {
	const text = "村北有人挖沙，三天了，没人管"
	for provider := range kinds() {
		for _, declared := range []string{"; charset=GBK", ""} {
			o, h := open(t, provider)
			body := encode(provider, said{"13800138000", "10690000", text})
			kind := "application/json"
			if form, err := url.ParseQuery(body); err == nil && !strings.HasPrefix(body, "{") && !strings.HasPrefix(body, "[") {
				kind = "application/x-www-form-urlencoded"
				for name, values := range form {
					for i, v := range values {
						form[name][i] = gbk(t, v)
					}
				}
				body = form.Encode()
			} else {
				body = gbk(t, body)
			}
			c := newCallback(provider, body)
			if c.method == http.MethodPost {
				c.header.Set("Content-Type", kind+declared)
			}
			if w := c.to(h); w.Code/100 != 2 || len(o.filings) != 1 || o.filings[0].Text != text {
				t.Errorf("%s%s: answered %d, filed %+v", provider, declared, w.Code, o.filings)
			}
		}
	}
}
