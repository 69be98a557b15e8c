package sms

// Sinch SMS, "Callbacks: incoming message" (developers.sinch.com/docs/sms):
//
//	POST /hooks/sms/city
//	x-sinch-webhook-signature: base64(HMAC-SHA256(secret, body.nonce.timestamp))
//	x-sinch-webhook-signature-nonce: …, -timestamp: 1736760161, -algorithm: HmacSHA256
//
//	{"type": "mo_text", "id": "01JHF…", "from": "8613800138000", "to": "10690000", "body": "村北有人挖沙", "received_at": "2026-01-01T14:00:00.000Z"}
//	{"type": "mo_media", …, "body": {"subject": "…", "message": "…", "media": [{"url": "https://…", "status": "Uploaded"}]}}
//
// 429 and 5xx are delivered again, any other 4xx never. So what is signed rightly
// is refused for its time only when its id is forgotten here: till then it does
// no harm to take it again.

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// sinchBack ends a day before a message's id is forgotten.
const sinchBack = 13 * 24 * time.Hour

type sinch struct {
	keys [][]byte
	now  func() time.Time
}

func newSinch(c Channel, now func() time.Time) (provider, error) {
	return sinch{keysOf(c.Secrets), now}, nil
}

func (p sinch) verify(r *http.Request, body []byte) error {
	const name = "x-sinch-webhook-signature"
	if a := r.Header.Get(name + "-algorithm"); a != "" && !strings.EqualFold(a, "HmacSHA256") {
		return fmt.Errorf("%w: the algorithm isn't taken", errSignature)
	}
	nonce, timestamp := r.Header.Get(name+"-nonce"), r.Header.Get(name+"-timestamp")
	matched := false
	for _, key := range p.keys {
		want := base64.StdEncoding.EncodeToString(mac(sha256.New, key, string(body), ".", nonce, ".", timestamp))
		matched = same(r.Header.Get(name), want) || matched
	}
	if !matched {
		return errSignature
	}
	return freshSince(timestamp, p.now(), sinchBack)
}

func (sinch) decode(r *http.Request, body []byte) []message {
	var in struct {
		Type       loose           `json:"type"`
		ID         loose           `json:"id"`
		From       loose           `json:"from"`
		To         loose           `json:"to"`
		Body       json.RawMessage `json:"body"`
		ReceivedAt loose           `json:"received_at"`
	}
	if json.Unmarshal(jsonOf(r, body), &in) != nil {
		return unparsed("", body)
	}
	if strings.Contains(string(in.Type), "delivery_report") {
		return nil // what became of a text we sent
	}
	m := message{id: string(in.ID), from: internationalNumber(string(in.From)), to: string(in.To), sent: string(in.ReceivedAt), raw: body}
	var ok bool
	if m.text, m.media, ok = sinchBody(string(in.Type), in.Body); !ok || in.From == "" {
		return unparsed(m.id, body)
	}
	return []message{m}
}

// sinchBody reads the body of a type; ok is false for what is no text.
func sinchBody(kind string, body json.RawMessage) (text string, media []string, ok bool) {
	switch kind {
	case "mo_text":
		err := json.Unmarshal(body, &text)
		return text, nil, err == nil
	case "mo_media":
		var in struct {
			Subject loose `json:"subject"`
			Message loose `json:"message"`
			Media   []struct {
				URL loose `json:"url"`
			} `json:"media"`
		}
		if json.Unmarshal(body, &in) != nil {
			return "", nil, false
		}
		for _, file := range in.Media {
			media = append(media, string(file.URL))
		}
		return joined(string(in.Subject), string(in.Message)), media, true
	default:
		return "", nil, false
	}
}

func (sinch) answer(string) reply { return reply{contentType: textType, body: "OK"} }
