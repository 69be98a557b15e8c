package sms

// Vonage Messages API, "Inbound message" and "Webhooks: signed"
// (developer.vonage.com/api/messages, …/getting-started/concepts/webhooks):
//
//	POST /hooks/sms/city
//	Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…
//
//	{"message_uuid": "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab", "from": "8613800138000", "to": "10690000", "channel": "sms",
//	 "message_type": "text", "text": "村北有人挖沙", "timestamp": "2026-01-01T14:00:00.000Z", "sms": {"num_messages": "2"}}
//
// The token's claims: iss Vonage, iat, jti, payload_hash (SHA-256 of the body in
// hexadecimal). The secret is the account's signature secret. A callback without
// a token is asked for again: it may come signed then.

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

type vonageMessages struct {
	keys [][]byte
	now  func() time.Time
}

func newVonageMessages(c Channel, now func() time.Time) (provider, error) {
	return vonageMessages{keysOf(c.Secrets), now}, nil
}

func (p vonageMessages) verify(r *http.Request, body []byte) error {
	token, signed := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !signed {
		return errUnsigned
	}
	claims, err := readJWT(token, p.keys)
	switch {
	case err != nil:
		return err
	case claims.PayloadHash == nil || !claims.coversBody(body):
		return fmt.Errorf("%w: the token is another body's", errSignature)
	case claims.IssuedAt == nil:
		return fmt.Errorf("%w: the token says no time", errSignature)
	default:
		return within(time.Unix(*claims.IssuedAt, 0), p.now(), vonageBack)
	}
}

// vonageMedia is one file of a message, under the name of its type.
type vonageMedia struct {
	URL     loose `json:"url"`
	Caption loose `json:"caption"`
}

func (vonageMessages) decode(r *http.Request, body []byte) []message {
	var in struct {
		ID        loose        `json:"message_uuid"`
		From      *loose       `json:"from"`
		To        loose        `json:"to"`
		Text      *loose       `json:"text"`
		Timestamp loose        `json:"timestamp"`
		Status    loose        `json:"status"`
		Image     *vonageMedia `json:"image"`
		Audio     *vonageMedia `json:"audio"`
		Video     *vonageMedia `json:"video"`
		VCard     *vonageMedia `json:"vcard"`
		File      *vonageMedia `json:"file"`
	}
	if json.Unmarshal(jsonOf(r, body), &in) != nil {
		return unparsed("", body)
	}
	if in.Status != "" && in.Text == nil {
		return nil // what became of a message we sent
	}
	m := message{id: string(in.ID), from: internationalNumber(in.From.or("")), to: string(in.To), text: in.Text.or(""), sent: string(in.Timestamp), raw: body}
	for _, file := range []*vonageMedia{in.Image, in.Audio, in.Video, in.VCard, in.File} {
		if file != nil {
			m.media, m.text = append(m.media, string(file.URL)), joined(m.text, string(file.Caption))
		}
	}
	if in.From == nil || in.Text == nil && len(m.media) == 0 {
		return unparsed(m.id, body)
	}
	return []message{m}
}

// joined puts texts of one message under each other.
func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n" + b
}

func (vonageMessages) answer(string) reply { return reply{contentType: textType, body: "OK"} }
