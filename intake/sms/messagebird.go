package sms

// MessageBird SMS, "Receive messages" and "Verifying HTTP requests"
// (developers.messagebird.com/api/sms-messaging, …/api/#verifying-http-requests):
//
//	POST /hooks/sms/city
//	Content-Type: application/x-www-form-urlencoded
//	MessageBird-Signature-JWT: eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…
//
//	id=…&originator=8613800138000&recipient=10690000&body=…&createdDatetime=2026-01-01T00%3A00%3A00%2B00%3A00&mediaUrls[0]=…
//
// The token's claims: iss MessageBird, nbf, exp, jti, url_hash and, with a body,
// payload_hash, both SHA-256 in hexadecimal. The secret is the account's signing
// key. The body of the answer must be OK. What became of a text we sent comes by GET, its
// status and statusDatetime in the query, which url_hash covers.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

type messagebird struct {
	keys [][]byte
	url  string
	now  func() time.Time
}

func newMessageBird(c Channel, now func() time.Time) (provider, error) {
	return messagebird{keysOf(c.Secrets), c.URL, now}, nil
}

// messagebirdLeeway is how far its clock and ours may differ, in seconds.
const messagebirdLeeway = 1

func (p messagebird) verify(r *http.Request, body []byte) error {
	claims, err := readJWT(r.Header.Get("MessageBird-Signature-JWT"), p.keys)
	if err != nil {
		return err
	}
	now, address := p.now().Unix(), p.url
	if r.Method == http.MethodGet {
		base, _, _ := strings.Cut(p.url, "?")
		address, body = base+"?"+r.URL.RawQuery, nil
	}
	switch {
	case claims.Issuer != "MessageBird" || claims.NotBefore == nil || claims.Expires == nil:
		return fmt.Errorf("%w: the token's claims aren't MessageBird's", errSignature)
	case !same(claims.URLHash, hexSum([]byte(address))):
		return fmt.Errorf("%w: the token is another address's; set url exactly as it was entered at messagebird", errSignature)
	case !claims.coversBody(body):
		return fmt.Errorf("%w: the token is another body's", errSignature)
	case now < *claims.NotBefore-messagebirdLeeway || now > *claims.Expires+messagebirdLeeway:
		return errStale
	default:
		return nil
	}
}

func (messagebird) decode(r *http.Request, body []byte) []message {
	field, media, ok := messagebirdFields(r, body)
	if !ok {
		return unparsed("", body)
	}
	m := message{id: field("id"), from: internationalNumber(field("originator")), to: field("recipient"), text: joined(field("subject"), field("body")),
		sent: field("createdDatetime"), media: media, raw: body}
	if field("status") != "" && field("statusDatetime") != "" && m.text == "" && len(media) == 0 {
		return nil // what became of a text we sent
	}
	if m.from == "" && m.text == "" && len(media) == 0 {
		return unparsed(m.id, body)
	}
	return []message{m}
}

func messagebirdFields(r *http.Request, body []byte) (field func(string) string, media []string, ok bool) {
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		text := jsonOf(r, body)
		var in struct {
			Media []string `json:"mediaUrls"`
		}
		if json.Unmarshal(text, &in) != nil {
			return nil, nil, false
		}
		return func(name string) string { s, _ := at(text, name); return s }, in.Media, true
	}
	form, ok := formOf(r, body)
	return form.Get, messagebirdMedia(form), ok
}

// messagebirdMedia are the values of mediaUrls, mediaUrls[] and mediaUrls[0] …
func messagebirdMedia(form url.Values) []string {
	var names []string
	for name := range form {
		if name == "mediaUrls" || strings.HasPrefix(name, "mediaUrls[") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out []string
	for _, name := range names {
		out = append(out, form[name]...)
	}
	return out
}

func (messagebird) answer(string) reply { return reply{contentType: textType, body: "OK"} }
