package sms

// android-sms-gateway, a phone as a modem (docs.sms-gate.app/features/webhooks):
//
//	X-Timestamp: 1719045971
//	X-Signature: hex(HMAC-SHA256(signing key, body + X-Timestamp))
//
//	{"deviceId": "ffffffffceb0b1db", "event": "sms:received", "id": "Ey6ECgOkVVFjz3CL48B8C",
//	 "payload": {"messageId": "abc123", "message": "村北有人挖沙", "sender": "+8613800138000",
//	   "recipient": "+8613900139000", "simNumber": 1, "receivedAt": "2024-06-22T15:46:11.000+07:00"},
//	 "webhookId": "LreFUt-Z3sSq0JufY9uWB"}
//
// Older versions call the sender phoneNumber. Register the webhook for
// sms:received, and for mms:downloaded to get picture messages, whose files come along:
//
//	"payload": {"messageId": "…", "sender": "…", "subject": "…", "body": "…",
//	  "attachments": [{"partId": 1, "contentType": "image/jpeg", "name": "a.jpg", "size": 4, "data": "/9j/2Q=="}]}
//
// sms:batch:received and its like bring several at once: {"messages": [{"messageId": …}, …]}.
// Each attempt to deliver is signed anew.

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

type android struct {
	keys [][]byte
	now  func() time.Time
}

func newAndroid(c Channel, now func() time.Time) (provider, error) {
	return android{keysOf(c.Secrets), now}, nil
}

func (p android) verify(r *http.Request, body []byte) error {
	given, timestamp := r.Header.Get("X-Signature"), r.Header.Get("X-Timestamp")
	matched := false
	for _, key := range p.keys {
		matched = same(given, hex.EncodeToString(mac(sha256.New, key, string(body), timestamp))) || matched
	}
	if !matched {
		return errSignature
	}
	return fresh(timestamp, p.now())
}

// androidPayload is what the app says of a message; which text field there is
// depends on the event.
type androidPayload struct {
	ID          loose         `json:"messageId"`
	Message     *loose        `json:"message"` // sms:received
	Data        *loose        `json:"data"`    // sms:data-received, base64
	Body        *loose        `json:"body"`    // mms:downloaded
	Subject     loose         `json:"subject"` // mms:downloaded
	Sender      loose         `json:"sender"`
	PhoneNumber loose         `json:"phoneNumber"`
	Recipient   loose         `json:"recipient"`
	ReceivedAt  loose         `json:"receivedAt"`
	Attachments []androidFile `json:"attachments"`
}

// androidFile is a file of a picture message; its bytes may be missing.
type androidFile struct {
	Type loose  `json:"contentType"`
	Name loose  `json:"name"`
	Data []byte `json:"data"`
}

func (android) decode(r *http.Request, body []byte) []message {
	if list, ok := listAt(jsonOf(r, body), "payload", "messages"); ok {
		return batch(body, list, androidElement)
	}
	var in struct {
		Event   string          `json:"event"`
		Payload *androidPayload `json:"payload"`
		androidPayload
	}
	if json.Unmarshal(jsonOf(r, body), &in) != nil {
		return unparsed("", body)
	}
	if androidNote(in.Event) {
		return nil
	}
	p := in.Payload
	if p == nil {
		p = &in.androidPayload // sent bare by a bridge
	}
	text, ok := p.text()
	if !ok {
		return unparsed("", body)
	}
	return []message{p.message(text, body)}
}

// androidElement is one message of a batch.
func androidElement(element []byte) []message {
	var p androidPayload
	if json.Unmarshal(element, &p) == nil {
		if text, ok := p.text(); ok {
			return []message{p.message(text, element)}
		}
	}
	return unparsed("", element)
}

func (android) wrap(element []byte) []byte {
	return []byte(`{"event":"sms:batch:received","payload":{"messages":[` + string(element) + `]}}`)
}

// message makes p's message. The app computes messageId from the content, says
// that it may repeat, and counts in 32 bits: with the sender and the text beside
// it, two reports never pass for one.
func (p *androidPayload) message(text string, body []byte) message {
	m := message{from: string(p.Sender), to: string(p.Recipient), text: text, sent: string(p.ReceivedAt), raw: body}
	for _, f := range p.Attachments {
		if len(f.Data) == 0 {
			m.media = append(m.media, "") // it stayed on the phone
		} else if len(m.files) < maxMedia {
			m.files = append(m.files, file{string(f.Name), string(f.Type), f.Data})
		}
	}
	if m.from == "" {
		m.from = string(p.PhoneNumber)
	}
	if p.ID != "" {
		m.id = string(p.ID) + " " + contentID(m.from, m.text)
	}
	return m
}

// text is the message's text; ok is false if there is none to be found.
func (p *androidPayload) text() (text string, ok bool) {
	switch {
	case p.Message != nil:
		return string(*p.Message), true
	case p.Body != nil:
		return joined(string(p.Subject), string(*p.Body)), true
	case p.Data != nil:
		b, err := base64.StdEncoding.DecodeString(string(*p.Data))
		return string(b), err == nil && utf8.Valid(b)
	default:
		return string(p.Subject), len(p.Attachments) > 0
	}
}

// androidNote says whether an event is about the phone or about what we sent.
// An event nobody knows is kept and held: it may be a report.
func androidNote(event string) bool {
	switch event {
	case "sms:sent", "sms:delivered", "sms:failed", "sms:cancelled":
		return true
	default:
		return strings.HasPrefix(event, "system:") || strings.HasPrefix(event, "app:")
	}
}

func (android) answer(string) reply { return reply{contentType: textType, body: "OK"} }
