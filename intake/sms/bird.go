package sms

// Bird Channels API, "Receiving messages" and "Verifying a webhook"
// (docs.bird.com/api/channels-api/supported-channels/programmable-sms/receiving-messages):
//
//	POST /hooks/sms/city
//	messagebird-signature: base64(HMAC-SHA256(signing key, timestamp\nurl\n + the body's SHA-256, 32 bytes))
//	messagebird-request-timestamp: 1719823259
//
//	{"service": "channels", "event": "sms.inbound", "payload": {"id": "96a0b5fa-…", "direction": "incoming",
//	  "sender": {"contact": {"identifierKey": "phonenumber", "identifierValue": "+8613800138000"}}, "receiver": {"connector": {"id": "…"}},
//	  "body": {"type": "text", "text": {"text": "村北有人挖沙"}}, "createdAt": "2026-01-01T14:00:00.000Z"}}
//
// A picture's body is {"type": "image", "image": {"text": "…", "images": [{"mediaUrl": "https://…"}]}}, a file's
// {"type": "file", "file": {"files": [{"mediaUrl": "https://…"}]}}. It delivers again for eight hours.

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"
)

// birdBack is how long a signed message may be on its way.
const birdBack = 9 * time.Hour

type bird struct {
	keys [][]byte
	url  string
	now  func() time.Time
}

func newBird(c Channel, now func() time.Time) (provider, error) {
	return bird{keysOf(c.Secrets), c.URL, now}, nil
}

func (p bird) verify(r *http.Request, body []byte) error {
	timestamp, sum := r.Header.Get("messagebird-request-timestamp"), sha256.Sum256(body)
	matched := false
	for _, key := range p.keys {
		want := base64.StdEncoding.EncodeToString(mac(sha256.New, key, timestamp, "\n", p.url, "\n", string(sum[:])))
		matched = same(r.Header.Get("messagebird-signature"), want) || matched
	}
	if !matched {
		return errSignature
	}
	return freshSince(timestamp, p.now(), birdBack)
}

// birdMessage is a message of the Channels API.
type birdMessage struct {
	ID        loose `json:"id"`
	Direction loose `json:"direction"`
	CreatedAt loose `json:"createdAt"`
	Sender    struct {
		Contact *struct {
			Value loose `json:"identifierValue"`
		} `json:"contact"`
	} `json:"sender"`
	Body *struct {
		Text struct {
			Text loose `json:"text"`
		} `json:"text"`
		Image birdFiles `json:"image"`
		File  birdFiles `json:"file"`
	} `json:"body"`
}

type birdFiles struct {
	Text   loose      `json:"text"`
	Images []birdFile `json:"images"`
	Files  []birdFile `json:"files"`
}

type birdFile struct {
	URL loose `json:"mediaUrl"`
}

func (bird) decode(r *http.Request, body []byte) []message {
	text := jsonOf(r, body)
	var in struct {
		Payload *birdMessage `json:"payload"`
		birdMessage
	}
	if json.Unmarshal(text, &in) != nil {
		return unparsed("", body)
	}
	p := in.Payload
	if p == nil {
		p = &in.birdMessage // sent bare by a flow
	}
	if p.Direction == "outgoing" {
		return nil // what became of a message we sent
	}
	if p.Sender.Contact == nil || p.Body == nil {
		return unparsed(string(p.ID), body)
	}
	return []message{p.message(body)}
}

func (p *birdMessage) message(body []byte) message {
	m := message{id: string(p.ID), from: internationalNumber(string(p.Sender.Contact.Value)), sent: string(p.CreatedAt), raw: body}
	m.text = joined(string(p.Body.Text.Text), joined(string(p.Body.Image.Text), string(p.Body.File.Text)))
	for _, files := range [][]birdFile{p.Body.Image.Images, p.Body.File.Files} {
		for _, file := range files {
			m.media = append(m.media, string(file.URL))
		}
	}
	return m
}

func (bird) answer(string) reply { return reply{contentType: textType, body: "OK"} }
