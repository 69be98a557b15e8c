package sms

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strings"
)

func africasTalkingWire() wire {
	return wire{
		encode: func(s said) string { return form("id", "a1", "from", s.from, "to", s.to, "text", s.text) },
		sign:   inPath, covers: []string{"key"},
		answer: [2]string{textType, "OK"},
	}
}

func infobipWire() wire {
	return wire{
		encode: func(s said) string {
			return asJSON(map[string]any{"results": []any{map[string]string{"messageId": "i1", "from": s.from, "to": s.to, "text": s.text}}})
		},
		sign: inPath, covers: []string{"key"},
		answer: [2]string{textType, "OK"},
	}
}

// token is a JWT under key, HS256.
func token(key string, claims any) string {
	part := func(v any) string { return base64.RawURLEncoding.EncodeToString([]byte(asJSON(v))) }
	signed := part(map[string]string{"alg": "HS256", "typ": "JWT"}) + "." + part(claims)
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac(sha256.New, []byte(key), signed))
}

func sumOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func messagebirdWire() wire {
	return wire{
		encode: func(s said) string {
			return form("id", "m1", "originator", s.from, "recipient", s.to, "body", s.text)
		},
		sign: func(c *callback) {
			c.header.Set("MessageBird-Signature-JWT", token(keyText, map[string]any{"iss": "MessageBird", "nbf": moment, "exp": moment + 60,
				"jti": "j1", "url_hash": sumOf(hookURL), "payload_hash": sumOf(c.body)}))
		},
		covers: []string{"body", "url", "MessageBird-Signature-JWT"},
		answer: [2]string{textType, "OK"},
	}
}

func vonageMessagesWire() wire {
	return wire{
		encode: func(s said) string {
			return asJSON(map[string]any{"message_uuid": "v1", "from": s.from, "to": s.to, "channel": "sms", "message_type": "text", "text": s.text})
		},
		sign: func(c *callback) {
			c.header.Set("Authorization", "Bearer "+token(keyText, map[string]any{"iss": "Vonage", "iat": moment, "jti": "j1", "payload_hash": sumOf(c.body)}))
		},
		covers: []string{"body", "Authorization|Bearer "},
		answer: [2]string{textType, "OK"},
	}
}

func vonageWire() wire {
	return wire{
		encode: func(s said) string {
			return form("messageId", "n1", "msisdn", s.from, "to", s.to, "text", s.text, "type", "unicode")
		},
		sign: func(c *callback) {
			c.body += "&timestamp=" + now() + "&nonce=aaaa"
			fields, _ := url.ParseQuery(c.body)
			base := ""
			for _, name := range slices.Sorted(maps.Keys(fields)) {
				base += "&" + name + "=" + strings.ReplaceAll(strings.ReplaceAll(fields.Get(name), "&", "_"), "=", "_")
			}
			c.body += "&sig=" + vonageSum(base)
		},
		covers: []string{"body"}, alike: vonageAlike,
		answer: [2]string{textType, "OK"},
	}
}

func vonageSum(base string) string {
	return strings.ToUpper(hex.EncodeToString(mac(sha256.New, []byte(keyText), base)))
}

// vonageAlike: & and = in a value are signed as _, and the signature's letters
// may be small or large.
func vonageAlike(a, b string) bool {
	x, _ := url.ParseQuery(a)
	y, err := url.ParseQuery(b)
	if err != nil || !slices.Equal(slices.Sorted(maps.Keys(x)), slices.Sorted(maps.Keys(y))) {
		return false
	}
	plain := strings.NewReplacer("&", "_", "=", "_")
	for name := range x {
		if name == "sig" && !strings.EqualFold(x.Get(name), y.Get(name)) || name != "sig" && plain.Replace(x.Get(name)) != plain.Replace(y.Get(name)) {
			return false
		}
	}
	return true
}

func plivoWire() wire {
	return wire{
		encode: func(s said) string { return form("MessageUUID", "p1", "From", s.from, "To", s.to, "Text", s.text) },
		sign: func(c *callback) {
			fields, _ := url.ParseQuery(c.body)
			signed := hookURL + "?"
			for _, name := range slices.Sorted(maps.Keys(fields)) {
				signed += name + fields.Get(name)
			}
			c.header.Set("X-Plivo-Signature-V3-Nonce", "12345")
			c.header.Set("X-Plivo-Signature-V3", "b3RoZXI=,"+base64MAC(signed, ".12345"))
		},
		covers: []string{"body", "url", "X-Plivo-Signature-V3|,", "X-Plivo-Signature-V3-Nonce"}, alike: sameForm,
		answer: [2]string{textType, "OK"},
	}
}

func sinchWire() wire {
	const name = "x-sinch-webhook-signature"
	return wire{
		encode: func(s said) string {
			return asJSON(map[string]string{"type": "mo_text", "id": "s1", "from": s.from, "to": s.to, "body": s.text})
		},
		sign: func(c *callback) {
			c.header.Set(name+"-nonce", "01JHF")
			c.header.Set(name+"-timestamp", now())
			c.header.Set(name+"-algorithm", "HmacSHA256")
			c.header.Set(name, base64MAC(c.body, ".01JHF.", now()))
		},
		covers: []string{"body", name, name + "-nonce", name + "-timestamp"},
		answer: [2]string{textType, "OK"},
	}
}

// telnyxKey is the private key behind the tests' channel.
func telnyxKey() ed25519.PrivateKey { return ed25519.NewKeyFromSeed([]byte(keyText)) }

func telnyxWire() wire {
	return wire{
		settle: func(c *Channel) {
			public := telnyxKey().Public().(ed25519.PublicKey)
			older := ed25519.NewKeyFromSeed([]byte("another key of thirty-two bytes!")).Public().(ed25519.PublicKey)
			c.Secrets = []string{base64.StdEncoding.EncodeToString(older), base64.StdEncoding.EncodeToString(public)}
		},
		encode: func(s said) string {
			payload := map[string]any{"id": "t1", "from": map[string]string{"phone_number": s.from}, "to": []any{map[string]string{"phone_number": s.to}}, "text": s.text}
			return asJSON(map[string]any{"data": map[string]any{"event_type": "message.received", "payload": payload}})
		},
		sign: func(c *callback) {
			c.header.Set("telnyx-timestamp", now())
			c.header.Set("telnyx-signature-ed25519", base64.StdEncoding.EncodeToString(ed25519.Sign(telnyxKey(), []byte(now()+"|"+c.body))))
		},
		covers: []string{"body", "telnyx-timestamp", "telnyx-signature-ed25519"},
		answer: [2]string{textType, "OK"},
	}
}

func birdWire() wire {
	return wire{
		encode: func(s said) string {
			payload := map[string]any{"id": "b1", "direction": "incoming", "sender": map[string]any{"contact": map[string]string{"identifierValue": s.from}},
				"body": map[string]any{"type": "text", "text": map[string]string{"text": s.text}}}
			return asJSON(map[string]any{"service": "channels", "event": "sms.inbound", "payload": payload})
		},
		sign: func(c *callback) {
			sum := sha256.Sum256([]byte(c.body))
			c.header.Set("messagebird-request-timestamp", now())
			c.header.Set("messagebird-signature", base64MAC(now()+"\n"+hookURL+"\n", string(sum[:])))
		},
		covers:  []string{"body", "url", "messagebird-signature", "messagebird-request-timestamp"},
		answer:  [2]string{textType, "OK"},
		without: "to",
	}
}
