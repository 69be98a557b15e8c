package sms

// Standard Webhooks (standardwebhooks.com, specification 1.0), for gateways and
// bridges of one's own:
//
//	webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek
//	webhook-timestamp: 1614265330
//	webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,…
//
//	{"id": "m-1", "from": "+8613800138000", "to": "10690000", "text": "村北有人挖沙",
//	 "received_at": "2026-11-24T09:00:00+08:00", "media": [{"url": "https://…"}]}

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

type standard struct {
	keys [][]byte
	now  func() time.Time
}

func newStandard(c Channel, now func() time.Time) (provider, error) {
	p := standard{now: now}
	for _, s := range c.Secrets {
		keys, err := standardKeys(s)
		if err != nil {
			return nil, err
		}
		p.keys = append(p.keys, keys...)
	}
	return p, nil
}

// standardKeys are the keys a secret may stand for: whsec_ is followed by
// base64; without it some senders sign with the text and some with what it decodes to.
func standardKeys(secret string) ([][]byte, error) {
	encoded, prefixed := strings.CutPrefix(secret, "whsec_")
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	valid := err == nil && len(decoded) > 0
	switch {
	case prefixed && !valid:
		return nil, errors.New("a secret begins with whsec_ but no base64 follows: copy it again in full")
	case prefixed:
		return [][]byte{decoded}, nil
	case valid:
		return [][]byte{[]byte(secret), decoded}, nil
	default:
		return [][]byte{[]byte(secret)}, nil
	}
}

func (p standard) verify(r *http.Request, body []byte) error {
	id, timestamp := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp")
	if id == "" {
		return fmt.Errorf("%w: no webhook-id", errSignature)
	}
	matched := false
	for _, key := range p.keys {
		want := "v1," + base64.StdEncoding.EncodeToString(mac(sha256.New, key, id, ".", timestamp, ".", string(body)))
		for _, given := range strings.Fields(r.Header.Get("webhook-signature")) {
			matched = same(given, want) || matched
		}
	}
	if !matched {
		return errSignature
	}
	return fresh(timestamp, p.now())
}

func (p standard) decode(r *http.Request, body []byte) []message {
	id := r.Header.Get("webhook-id")
	var in struct {
		From, To, Text *loose
		ReceivedAt     loose `json:"received_at"`
		Media          []struct {
			URL loose `json:"url"`
		} `json:"media"`
	}
	if json.Unmarshal(jsonOf(r, body), &in) != nil || in.From == nil && in.Text == nil {
		return unparsed(id, body)
	}
	m := message{id: id, from: in.From.or(""), to: in.To.or(""), text: in.Text.or(""), sent: string(in.ReceivedAt), raw: body}
	for _, file := range in.Media {
		m.media = append(m.media, string(file.URL))
	}
	return []message{m}
}

func (standard) answer(string) reply { return reply{contentType: textType, body: "OK"} }
