package sms

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tipline/crypto/receipt"
	"tipline/intake"
)

// The moment every test happens at, and the keys its gateways sign with.
const (
	moment  = 1_795_500_000
	keyText = "a key of thirty-two letters long"
	hookURL = "https://tips.example.org/hooks/sms/city"
)

// filing is a report as the office got it.
type filing struct {
	Text, Sender, From, MessageID, Raw string
	Notes, Flags                       []string
	Hold                               bool
	Reply                              intake.Reply
}

// office stands in for the domain: it keeps reports and finds redeliveries.
type office struct {
	filings  []filing
	nonces   []string
	seen     map[string]bool
	fail     func(f filing) error
	outcomes []string
	log      bytes.Buffer
}

func (o *office) submit(_ context.Context, r *intake.Report) (intake.Filed, error) {
	raw, err := io.ReadAll(r.Raw)
	if err != nil {
		return intake.Filed{}, err
	}
	if r.Channel != intake.SMS || r.Gateway != "city" || r.Origin != "" || r.Category != intake.CategoryUnknown || r.Lang != "zh-CN" {
		return intake.Filed{}, fmt.Errorf("%w: a field every text has is wrong", intake.ErrNotDurable)
	}
	f := filing{r.Words.Text, r.Sender, r.Identity.Sender, r.MessageID, string(raw), r.Identity.Notes, r.Flags, r.Hold, r.Reply}
	if o.fail != nil {
		if err := o.fail(f); err != nil {
			return intake.Filed{}, err
		}
	}
	if o.seen[f.MessageID] {
		return intake.Filed{ID: "first", Duplicate: true}, nil
	}
	o.seen[f.MessageID] = true
	o.filings = append(o.filings, f)
	o.nonces = append(o.nonces, r.Nonce)
	return intake.Filed{ID: "first", Receipt: receipt.New()}, nil
}

func (o *office) options() Options {
	return Options{
		Submit: o.submit,
		Text: func(lang, key string, args ...any) string {
			return strings.TrimSpace(fmt.Sprintln(append([]any{lang, key}, args...)...))
		},
		Log:   slog.New(slog.NewTextHandler(&o.log, nil)),
		Now:   func() time.Time { return time.Unix(moment, 0) },
		Count: func(name string) { o.outcomes = append(o.outcomes, name) },
	}
}

// open makes an office and the handler of its channel.
func open(t testing.TB, provider string, change ...func(*Channel)) (*office, http.Handler) {
	t.Helper()
	o := &office{seen: map[string]bool{}}
	c := Channel{Name: "city", Provider: provider, Secrets: []string{"an older key", keyText}, URL: hookURL}
	if settle := wires()[provider].settle; settle != nil {
		settle(&c)
	}
	for _, f := range change {
		f(&c)
	}
	h, err := NewHandler(c, o.options())
	if err != nil {
		t.Fatal(err)
	}
	return o, h
}

func allow(prefix string) func(*Channel) {
	return func(c *Channel) { c.Allow = []netip.Prefix{netip.MustParsePrefix(prefix)} }
}

func ack(a string) func(*Channel) { return func(c *Channel) { c.Ack = a } }

// call sends one callback. The host is never the configured one: nothing may
// depend on it.
func call(h http.Handler, method, target, body string, header http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://10.0.0.7:8080"+target, strings.NewReader(body))
	r.Header = header.Clone()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// deliver sends body as the provider's gateway would.
func deliver(h http.Handler, provider, body string) *httptest.ResponseRecorder {
	return newCallback(provider, body).to(h)
}
