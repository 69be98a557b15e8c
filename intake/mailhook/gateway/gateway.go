// Package gateway speaks as the mail providers do that call a webhook: it writes a message and signs
// the callback as each of them does. An operator tries a set-up with it (`tipline simulate mail
// --provider`), and the tests of package mailhook hold what listens against it; so it is written apart
// from that.
package gateway

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Field is one of a message's header.
type Field struct{ Name, Value string }

// File is one that is attached.
type File struct{ Name, Type, Body string }

// Letter is one message as a provider took it in.
type Letter struct {
	ID       string // the Message-ID, in its brackets
	From, To string // of the envelope
	Raw      string // as it came (RFC 5322)
	// Parsed brings it taken apart: Header, Text and Files stand for Raw.
	Parsed bool
	Header []Field
	Text   string
	Files  []File
	// Cut ends the callback's body too early, though what is there is signed.
	Cut bool
}

// Account is what a provider knows of the office it calls.
type Account struct {
	// Secret is what it signs with, or user:password of the address it was told. SendGrid's key pair
	// follows from any secret that isn't of that form.
	Secret string
	Topic  string // of ses
	Now    time.Time
}

// wires is the table of providers. Each makes the request without its address; a cut one is cut
// before it is signed.
func wires() map[string]func(Account, Letter) *call {
	return map[string]func(Account, Letter) *call{"mailgun": mailgun, "postmark": postmark, "sendgrid": sendgrid, "ses": ses}
}

// Providers lists the providers that can be played, sorted.
func Providers() []string { return slices.Sorted(maps.Keys(wires())) }

// Genuine says whether a provider's own callbacks can be played, and not only forgeries of them: what
// signs for SES is a certificate on a server of Amazon's.
func Genuine(provider string) bool { return provider != "ses" }

// call is one callback without its address.
type call struct {
	kind, body     string
	header         http.Header
	user, password string
}

// Request is the callback that brings a letter to an address. It fails where the provider isn't known or
// the address is none.
func Request(provider, to string, a Account, l Letter) (*http.Request, error) {
	w, ok := wires()[provider]
	if !ok {
		return nil, fmt.Errorf("provider %q is not known: use one of %s", provider, strings.Join(Providers(), ", "))
	}
	c := w(a, l)
	r, err := http.NewRequest(http.MethodPost, to, strings.NewReader(c.body))
	if err != nil {
		return nil, err
	}
	maps.Copy(r.Header, c.header)
	r.Header.Set("Content-Type", c.kind)
	if c.user != "" {
		r.SetBasicAuth(c.user, c.password)
	}
	return r, nil
}

// cut is body, or the first part of it.
func (l Letter) cut(body string) string {
	if l.Cut {
		return body[:len(body)*2/3]
	}
	return body
}
