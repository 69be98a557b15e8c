package mailhook

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"strings"
	"time"
)

// sendgrid is Twilio SendGrid's Inbound Parse: a multipart form with envelope
// ({"to":["…"],"from":"…"}) and, in raw mode, email, the message as it came; else
// headers, text, html, charsets ({"text":"gb2312",…}), attachment1 ….
//
// With a security policy X-Twilio-Email-Event-Webhook-Signature is
// base64(ECDSA-P256(SHA-256(X-Twilio-Email-Event-Webhook-Timestamp + body))); the
// secret is then the policy's public key. Without one the secret is
// "user:password" and stands in the address that was entered at SendGrid. A 5xx
// is tried again for three days, nothing else.
// https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/securing-your-parse-webhooks
type sendgrid struct {
	keys    []*ecdsa.PublicKey
	secrets []string
	now     func() time.Time
}

func newSendGrid(c Channel, o Options) (provider, error) {
	s := &sendgrid{now: o.Now}
	for _, secret := range c.Secrets {
		if key := publicKey(secret); key != nil {
			s.keys = append(s.keys, key)
			continue
		}
		if user, password, ok := strings.Cut(secret, ":"); !ok || user == "" || password == "" {
			return nil, errors.New("secret must be the security policy's public key, or user:password as in the address that SendGrid calls")
		}
		s.secrets = append(s.secrets, secret)
	}
	if len(s.keys)+len(s.secrets) == 0 {
		return nil, errors.New("secret is missing: it is the security policy's public key, or user:password")
	}
	return s, nil
}

// publicKey reads a P-256 key as PEM or as the base64 that SendGrid shows.
func publicKey(text string) *ecdsa.PublicKey {
	der, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if block, _ := pem.Decode([]byte(text)); block != nil {
		der, err = block.Bytes, nil
	}
	if err != nil {
		return nil
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil
	}
	ec, _ := key.(*ecdsa.PublicKey)
	return ec
}

func (s *sendgrid) open(_ context.Context, r *http.Request, body []byte) (delivery, error) {
	if err := s.verify(r, body); err != nil {
		return delivery{}, err
	}
	f, err := readForm(r, body)
	if err != nil && news(body) {
		return delivery{nothing: true}, nil
	}
	if err != nil { // it wouldn't come again
		return delivery{raw: body, unread: true}, nil
	}
	var envelope struct {
		To   []string
		From string
	}
	_ = json.Unmarshal([]byte(f.fields["envelope"]), &envelope) // what it tells can be missed
	d := delivery{from: envelope.From, to: envelope.To}
	if raw, ok := f.fields["email"]; ok {
		d.raw = []byte(raw)
		return d, nil
	}
	var charsets map[string]string
	_ = json.Unmarshal([]byte(f.fields["charsets"]), &charsets) // UTF-8 then
	p := parsed{header: headerBlock(f.fields["headers"]), files: f.files,
		texts: alternatives(f.fields["text"], f.fields["html"], charsets["text"], charsets["html"])}
	if len(p.header) == 0 {
		p.header = []headerField{{"From", f.fields["from"]}, {"Subject", f.fields["subject"]}}
	}
	d.raw = p.compose()
	return d, nil
}

// news says whether a body is of the event webhook: what became of mail that was sent
// (https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event).
func news(body []byte) bool {
	var events []struct {
		Event string `json:"event"`
		ID    string `json:"sg_event_id"`
	}
	return json.Unmarshal(body, &events) == nil && len(events) > 0 && events[0].Event != "" && events[0].ID != ""
}

func (s *sendgrid) verify(r *http.Request, body []byte) error {
	signature, err := base64.StdEncoding.DecodeString(r.Header.Get("X-Twilio-Email-Event-Webhook-Signature"))
	timestamp := r.Header.Get("X-Twilio-Email-Event-Webhook-Timestamp")
	if err != nil {
		return errSignature
	}
	if len(signature) == 0 {
		if basic(r, s.secrets) {
			return nil
		}
		return errSignature
	}
	sum := sha256.New()
	sum.Write([]byte(timestamp))
	sum.Write(body)
	digest := sum.Sum(nil)
	for _, key := range s.keys {
		if ecdsa.VerifyASN1(key, digest, signature) {
			return fresh(timestamp, s.now(), knownFor)
		}
	}
	return errSignature
}
