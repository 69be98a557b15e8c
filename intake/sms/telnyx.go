package sms

// Telnyx messaging, "Receiving webhooks" (developers.telnyx.com/docs/messaging):
//
//	POST /hooks/sms/city
//	telnyx-signature-ed25519: base64(Ed25519 over timestamp|body), telnyx-timestamp: 1795500000
//
//	{"data": {"event_type": "message.received", "id": "…", "occurred_at": "…", "payload": {"id": "7ee4241c-…", "type": "SMS",
//	  "from": {"phone_number": "+8613800138000"}, "to": [{"phone_number": "+15550006"}], "text": "村北有人挖沙",
//	  "media": [{"url": "https://…", "content_type": "image/jpeg"}], "received_at": "2026-01-01T14:00:00.000+00:00"}}}
//
// The secret is the account's public key. An answer must come within two seconds.

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
)

type telnyx struct {
	keys []ed25519.PublicKey
	now  func() time.Time
}

func newTelnyx(c Channel, now func() time.Time) (provider, error) {
	p := telnyx{now: now}
	for _, s := range c.Secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s))
		if err != nil || len(key) != ed25519.PublicKeySize {
			return nil, errors.New("a secret isn't a public key of telnyx: copy it from Keys & Credentials, 44 characters of base64")
		}
		p.keys = append(p.keys, key)
	}
	return p, nil
}

func (p telnyx) verify(r *http.Request, body []byte) error {
	timestamp := r.Header.Get("telnyx-timestamp")
	signature, err := base64.StdEncoding.Strict().DecodeString(r.Header.Get("telnyx-signature-ed25519"))
	if err != nil {
		return errSignature
	}
	matched := false
	for _, key := range p.keys {
		matched = ed25519.Verify(key, append([]byte(timestamp+"|"), body...), signature) || matched
	}
	if !matched {
		return errSignature
	}
	return fresh(timestamp, p.now())
}

type telnyxNumber struct {
	Number loose `json:"phone_number"`
}

func (telnyx) decode(r *http.Request, body []byte) []message {
	var in struct {
		Data struct {
			Type    string `json:"event_type"`
			Payload *struct {
				ID       loose          `json:"id"`
				From     *telnyxNumber  `json:"from"`
				To       []telnyxNumber `json:"to"`
				Text     loose          `json:"text"`
				Subject  loose          `json:"subject"`
				Received loose          `json:"received_at"`
				Media    []struct {
					URL loose `json:"url"`
				} `json:"media"`
			} `json:"payload"`
		} `json:"data"`
	}
	if json.Unmarshal(jsonOf(r, body), &in) != nil {
		return unparsed("", body)
	}
	p := in.Data.Payload
	switch {
	case in.Data.Type == "message.sent" || in.Data.Type == "message.finalized":
		return nil // what became of a text we sent
	case in.Data.Type != "message.received" || p == nil || p.From == nil:
		return unparsed("", body)
	}
	m := message{id: string(p.ID), from: string(p.From.Number), text: joined(string(p.Subject), string(p.Text)), sent: string(p.Received), raw: body}
	for _, to := range p.To {
		m.to = strings.TrimPrefix(m.to+", "+string(to.Number), ", ")
	}
	for _, file := range p.Media {
		m.media = append(m.media, string(file.URL))
	}
	return []message{m}
}

func (telnyx) answer(string) reply { return reply{contentType: textType, body: "OK"} }
