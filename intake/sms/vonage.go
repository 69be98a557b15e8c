package sms

// Vonage SMS API, "Inbound SMS" and "Signing messages"
// (developer.vonage.com/messaging/sms/guides/inbound-sms, …/getting-started/concepts/signing-messages):
//
//	GET or POST /hooks/sms/city, as a form or as JSON
//
//	msisdn=8613800138000&to=10690000&messageId=0C0000…&text=…&type=unicode&keyword=…
//	&message-timestamp=2020-01-01+14%3A00%3A00&timestamp=1577887200&nonce=…&sig=…
//	&concat=true&concat-ref=1&concat-total=3&concat-part=2
//
// sig is taken over "&key=value" of every other field in the order of their
// keys, with & and = in values written as _: either md5(base + secret) or an HMAC
// by MD5, SHA-1, SHA-256 or SHA-512. The secret is the account's signature
// secret. A message that isn't answered 200 or 204 is sent again for 24 hours. When a
// number is given the address (moHttpUrl), Vonage asks it by GET, and wants 200.

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tipline/intake"
)

// vonageBack is how long a signed message may be on its way.
const vonageBack = 25 * time.Hour

type vonage struct {
	keys [][]byte
	now  func() time.Time
}

func newVonage(c Channel, now func() time.Time) (provider, error) {
	return vonage{keysOf(c.Secrets), now}, nil
}

func (p vonage) verify(r *http.Request, body []byte) error {
	fields, ok := vonageFields(r, body)
	if !ok {
		return fmt.Errorf("%w: neither a form nor an object", errSignature)
	}
	given, matched := strings.ToLower(fields.Get("sig")), false
	base := vonageBase(fields)
	for _, key := range p.keys {
		sum := md5.Sum([]byte(base + string(key)))
		matched = same(given, hex.EncodeToString(sum[:])) || matched
		for _, h := range []func() hash.Hash{md5.New, sha1.New, sha256.New, sha512.New} {
			matched = same(given, hex.EncodeToString(mac(h, key, base))) || matched
		}
	}
	if !matched {
		return errSignature
	}
	return freshSince(fields.Get("timestamp"), p.now(), vonageBack)
}

// vonageBase is what is signed.
func vonageBase(fields url.Values) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if name != "sig" {
			b.WriteString("&" + name + "=" + strings.NewReplacer("&", "_", "=", "_").Replace(fields.Get(name)))
		}
	}
	return b.String()
}

// vonageFields are the fields of either form, by their bytes: they are signed.
func vonageFields(_ *http.Request, body []byte) (url.Values, bool) {
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		form, err := url.ParseQuery(string(body))
		return form, err == nil
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil {
		return nil, false
	}
	fields := url.Values{}
	for name, raw := range object {
		var l loose
		if json.Unmarshal(raw, &l) != nil {
			return nil, false
		}
		fields.Set(name, string(l))
	}
	return fields, true
}

func (vonage) decode(r *http.Request, body []byte) []message {
	fields, ok := vonageFields(r, body)
	id := fields.Get("messageId")
	if ok && fields.Has("err-code") && !fields.Has("text") {
		return nil // what became of a text we sent
	}
	if !ok || !fields.Has("msisdn") || fields.Get("type") == "binary" {
		return unparsed(id, body)
	}
	m := message{id: id, from: internationalNumber(fields.Get("msisdn")), to: fields.Get("to"), text: utf8Text(fields.Get("text"), declared(r)),
		sent: utcTime(fields.Get("message-timestamp")), raw: body}
	m.part = intake.Piece{Ref: fields.Get("concat-ref"), Number: count(fields.Get("concat-part")), Of: count(fields.Get("concat-total"))}
	return []message{m}
}

func count(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// internationalNumber puts the plus before a number that a gateway writes with its
// country's code but without it. Short codes stay short.
func internationalNumber(number string) string {
	if len(number) < 8 || strings.Trim(number, "0123456789") != "" {
		return number
	}
	return "+" + number
}

// utcTime is a time without a zone, which stands for UTC, as RFC 3339; another
// form stays as it came.
func utcTime(s string) string {
	t, err := time.Parse(time.DateTime, s)
	if err != nil {
		return s
	}
	return t.Format(time.RFC3339)
}

func (vonage) answer(string) reply { return reply{contentType: textType, body: "OK"} }
