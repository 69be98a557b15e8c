package mailhook

import (
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tipline/intake/mailhook/gateway"
)

// plays are the providers that can be played, each under a secret of every kind it has, and what the office
// is given of it.
func plays() []struct{ provider, secret, ours string } {
	return []struct{ provider, secret, ours string }{
		{"mailgun", "key", "key"}, {"postmark", "user:pass:word", "user:pass:word"}, {"sendgrid", "user:pass", "user:pass"}, {"sendgrid", "key", gateway.SendGridKey("key")},
	}
}

// TestRoundTrip: what a provider is given to bring comes in as it was, whole or taken apart, again as nothing new; under
// another secret, or with one bit changed where it is signed, it is refused.
func TestRoundTrip(t *testing.T) {
	for _, p := range plays() {
		t.Run(p.provider, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				words := rapid.StringMatching(`[a-z稻田&=%+ ]{0,80}[a-z]`).Draw(t, "words")
				l := gateway.Letter{ID: "<1@example.org>", From: "wang@example.org", To: "tips+pond@example.net", Text: words, Parsed: rapid.Bool().Draw(t, "parsed"),
					Header: []gateway.Field{{Name: "From", Value: "wang@example.org"}, {Name: "Subject", Value: "s"}, {Name: "Message-ID", Value: "<1@example.org>"}},
					Files:  []gateway.File{{Name: "样例.txt", Type: "text/plain; charset=utf-8", Body: rapid.StringMatching(`[a-z\r\n]{1,40}`).Draw(t, "file")}}}
				l.Raw = "From: wang@example.org\r\nSubject: s\r\nMessage-ID: <1@example.org>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + words + "\r\n"
				o := newOffice(noon)
				h := o.handler(t, Channel{Provider: p.provider, Secrets: []string{p.ours}}, nil)
				send := func(secret string) int {
					r, err := gateway.Request(p.provider, "/hooks/mail/box", gateway.Account{Secret: secret, Now: noon}, l)
					if err != nil {
						t.Fatal(err)
					}
					return call(h, r)
				}
				if got := []int{send("not " + p.secret), send(p.secret), send(p.secret)}; got[0] != 403 || got[1] != 200 || got[2] != 200 || len(o.took) != 1 {
					t.Fatalf("answered %v with %d reports", got, len(o.took))
				}
				r := o.took[0]
				if strings.TrimSpace(r.Words.Text) != strings.TrimSpace("s\n\n"+words) || r.Sender != "wang@example.org" || r.Category != "pond" {
					t.Fatalf("took %q of %q, sender %q, category %q", r.Words.Text, words, r.Sender, r.Category)
				}
				if l.Parsed && (len(o.names) != 2 || o.names[0] != "样例.txt") || !l.Parsed && !strings.HasSuffix(o.raws[0], l.Raw) {
					t.Fatalf("took %q, files %q, of %q", o.raws[0], o.names, l.Raw)
				}
			})
		})
	}
}

// TestPlayedForgeries: what is signed and cut off is kept where it would not come again, and what is said to be Amazon's
// is refused without a look at the forger's certificate.
func TestPlayedForgeries(t *testing.T) {
	for _, p := range plays() {
		o := newOffice(noon)
		r, err := gateway.Request(p.provider, "/hooks/mail/box", gateway.Account{Secret: p.secret, Now: noon}, gateway.Letter{ID: "<1@x>", From: "a@b.example", Parsed: true, Text: "words", Cut: true})
		if err != nil {
			t.Fatal(err)
		}
		if got := call(o.handler(t, Channel{Provider: p.provider, Secrets: []string{p.ours}}, nil), r); got != 200 || len(o.took) != 1 {
			t.Errorf("%s, cut off: %d, %d taken", p.provider, got, len(o.took))
		}
	}
	o, a := newOffice(noon), newAmazon(t)
	r, err := gateway.Request("ses", "/hooks/mail/box", gateway.Account{Topic: topic, Now: noon}, gateway.Letter{ID: "<1@x>", Raw: message})
	if err != nil {
		t.Fatal(err)
	}
	if got := call(o.handler(t, Channel{Provider: "ses", Topic: topic}, &http.Client{Transport: a}), r); got != 403 || len(o.took)+len(a.asked) != 0 {
		t.Errorf("ses: %d, %d taken, asked %q", got, len(o.took), a.asked)
	}
	if _, err := gateway.Request("pigeon", "/", gateway.Account{}, gateway.Letter{}); err == nil {
		t.Error("a pigeon brings mail")
	}
}
