package gateway

import (
	"cmp"
	"crypto/ed25519"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
)

func africasTalking(_ Account, ms []Message) string {
	m := ms[0]
	return form(m, "id", m.ID, "from", m.From, "to", m.To, "text", m.Text)
}

func infobip(_ Account, ms []Message) string {
	return asJSON(map[string]any{"results": list(ms, func(m Message) any {
		return map[string]string{"messageId": m.ID, "from": m.From, "to": m.To, "text": m.Text}
	})})
}

func standard(_ Account, ms []Message) string {
	m := ms[0]
	body := map[string]any{"id": m.ID, "from": m.From, "to": m.To, "text": m.Text}
	if len(m.Media) > 0 {
		body["media"] = addresses(m.Media)
	}
	return object(m, body)
}

func addresses(media []string) (out []any) {
	for _, f := range media {
		out = append(out, map[string]string{"url": f})
	}
	return out
}

// signStandard signs by Standard Webhooks.
func signStandard(a Account, c *Call) {
	id := cmp.Or(a.Event, "msg_"+hexHash(c.Body)[:16])
	c.Header.Set("webhook-id", id)
	c.Header.Set("webhook-timestamp", a.seconds())
	c.Header.Set("webhook-signature", "v1a,other v1,"+base64Sum(a.Secret, id, ".", a.seconds(), ".", c.Body))
}

func twilio(_ Account, ms []Message) string {
	m := ms[0]
	return form(m, append([]string{"MessageSid", m.ID, "AccountSid", "AC0", "From", m.From, "To", m.To, "Body", m.Text}, numbered("NumMedia", "MediaUrl", m.Media)...)...)
}

func signTwilio(a Account, c *Call) {
	signed := a.URL
	values, names := fields(c.Body)
	for _, name := range names {
		slices.Sort(values[name])
		for _, v := range slices.Compact(values[name]) { // each distinct value behind its key
			signed += name + v
		}
	}
	c.Header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(sum(sha1.New, a.Secret, signed)))
}

func messagebird(_ Account, ms []Message) string {
	m := ms[0]
	pairs := []string{"id", m.ID, "originator", m.From, "recipient", m.To, "body", m.Text}
	for _, f := range m.Media {
		pairs = append(pairs, "mediaUrls[]", f)
	}
	return form(m, pairs...)
}

func signMessageBird(a Account, c *Call) {
	c.Header.Set("MessageBird-Signature-JWT", token(a.Secret, map[string]any{"iss": "MessageBird", "nbf": a.Now.Unix(), "exp": a.Now.Add(time.Minute).Unix(),
		"jti": a.Nonce, "url_hash": hexHash(a.URL), "payload_hash": hexHash(c.Body)}))
}

func vonageMessages(_ Account, ms []Message) string {
	m := ms[0]
	return object(m, map[string]any{"message_uuid": m.ID, "from": m.From, "to": m.To, "channel": "sms", "message_type": "text", "text": m.Text})
}

func signVonageMessages(a Account, c *Call) {
	c.Header.Set("Authorization", "Bearer "+token(a.Secret, map[string]any{"iss": "Vonage", "iat": a.Now.Unix(), "jti": a.Nonce, "payload_hash": hexHash(c.Body)}))
}

func vonage(_ Account, ms []Message) string {
	m := ms[0]
	pairs := []string{"messageId", m.ID, "msisdn", m.From, "to", m.To, "text", m.Text, "type", "unicode"}
	if m.Of > 1 {
		pairs = append(pairs, "concat", "true", "concat-ref", m.Ref, "concat-total", strconv.Itoa(m.Of), "concat-part", strconv.Itoa(m.Number))
	}
	return form(m, pairs...)
}

func signVonage(a Account, c *Call) {
	c.Body += "&timestamp=" + a.seconds() + "&nonce=" + a.Nonce
	base := ""
	values, names := fields(c.Body)
	for _, name := range names {
		base += "&" + name + "=" + strings.NewReplacer("&", "_", "=", "_").Replace(values.Get(name))
	}
	c.Body += "&sig=" + strings.ToUpper(hex.EncodeToString(sum(sha256.New, a.Secret, base)))
}

func plivo(_ Account, ms []Message) string {
	m := ms[0]
	return form(m, append([]string{"MessageUUID", m.ID, "From", m.From, "To", m.To, "Text", m.Text}, numbered("MediaCount", "Media", m.Media)...)...)
}

// signPlivo signs by version 3, whose header may hold several signatures.
func signPlivo(a Account, c *Call) {
	signed := a.URL + "?"
	values, names := fields(c.Body)
	for _, name := range names {
		signed += name + values.Get(name)
	}
	c.Header.Set("X-Plivo-Signature-V3-Nonce", a.Nonce)
	c.Header.Set("X-Plivo-Signature-V3", "b3RoZXI=,"+base64Sum(a.Secret, signed, ".", a.Nonce))
}

func sinch(_ Account, ms []Message) string {
	m := ms[0]
	return object(m, map[string]string{"type": "mo_text", "id": m.ID, "from": m.From, "to": m.To, "body": m.Text})
}

func signSinch(a Account, c *Call) {
	const name = "x-sinch-webhook-signature"
	c.Header.Set(name+"-nonce", a.Nonce)
	c.Header.Set(name+"-timestamp", a.seconds())
	c.Header.Set(name+"-algorithm", "HmacSHA256")
	c.Header.Set(name, base64Sum(a.Secret, c.Body, ".", a.Nonce, ".", a.seconds()))
}

func telnyx(_ Account, ms []Message) string {
	m := ms[0]
	payload := map[string]any{"id": m.ID, "from": map[string]string{"phone_number": m.From}, "to": []any{map[string]string{"phone_number": m.To}}, "text": m.Text}
	if len(m.Media) > 0 {
		payload["media"] = addresses(m.Media)
	}
	return object(m, map[string]any{"data": map[string]any{"event_type": "message.received", "payload": payload}})
}

// TelnyxKey is the public key, in base64, that belongs to an account's secret: it is
// what the office is to be given.
func TelnyxKey(secret string) string {
	return base64.StdEncoding.EncodeToString(telnyxPair(secret).Public().(ed25519.PublicKey))
}

func telnyxPair(secret string) ed25519.PrivateKey {
	seed := []byte(secret)
	if len(seed) != ed25519.SeedSize {
		hashed := sha256.Sum256(seed)
		seed = hashed[:]
	}
	return ed25519.NewKeyFromSeed(seed)
}

func signTelnyx(a Account, c *Call) {
	c.Header.Set("telnyx-timestamp", a.seconds())
	c.Header.Set("telnyx-signature-ed25519", base64.StdEncoding.EncodeToString(ed25519.Sign(telnyxPair(a.Secret), []byte(a.seconds()+"|"+c.Body))))
}

func bird(_ Account, ms []Message) string {
	m := ms[0]
	payload := map[string]any{"id": m.ID, "direction": "incoming", "sender": map[string]any{"contact": map[string]string{"identifierValue": m.From}},
		"body": map[string]any{"type": "text", "text": map[string]string{"text": m.Text}}}
	return object(m, map[string]any{"service": "channels", "event": "sms.inbound", "payload": payload})
}

func signBird(a Account, c *Call) {
	hashed := sha256.Sum256([]byte(c.Body))
	c.Header.Set("messagebird-request-timestamp", a.seconds())
	c.Header.Set("messagebird-signature", base64Sum(a.Secret, a.seconds()+"\n"+a.URL+"\n", string(hashed[:])))
}
