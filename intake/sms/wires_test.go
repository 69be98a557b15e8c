package sms

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"time"

	"tipline/intake/sms/gateway"
)

// wire is what tests want to know of one provider beside how its gateway speaks,
// which package gateway does.
type wire struct {
	settle func(*Channel) // what its channel is set to, beside secret and URL
	// covers is what no bit may change of: "body", "url", "key", or a header's name,
	// behind a bar the mark after which its bits count.
	covers []string
	// alike says that two bodies say the same, for providers that sign what is
	// meant and not how it is written.
	alike   func(a, b string) bool
	without string    // "to": it doesn't say which number was written to
	answer  [2]string // type and body of the success
}

// said is what a sender said; each provider writes it in its own way.
type said struct{ from, to, text string }

// callback is one request of a gateway.
type callback struct {
	method, target, body string
	header               http.Header
}

// hookPath is where every callback goes.
const hookPath = "/hooks/sms/city"

// account is what a provider's gateway knows of the tests' office.
func account(provider string) gateway.Account {
	a := gateway.Account{Secret: keyText, URL: hookURL, Now: time.Unix(moment, 0), Nonce: "aaaa", Event: "msg_1"}
	if settle := wires()[provider].settle; settle != nil {
		var c Channel
		settle(&c)
		a.Custom = gateway.Custom{Format: c.Custom.Format, Fields: gateway.CustomFields(c.Custom.Fields), Sign: gateway.CustomSign(c.Custom.Sign)}
	}
	return a
}

// encode is what its gateway makes of one text.
func encode(provider string, s said) string {
	return gateway.Encode(provider, account(provider), gateway.Message{ID: "1", From: s.from, To: s.to, Text: s.text, Sent: time.Unix(moment, 0)})
}

// newCallback is what its gateway makes of a body.
func newCallback(provider, body string) *callback {
	c := gateway.Sign(provider, account(provider), body)
	target := hookPath
	if c.Key != "" {
		target += "/" + url.PathEscape(c.Key)
	}
	return &callback{method: c.Method, target: target, body: c.Body, header: c.Header}
}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func base64MAC(parts ...string) string {
	return base64.StdEncoding.EncodeToString(mac(sha256.New, []byte(keyText), parts...))
}

// wires is the table of gateways: a provider without one fails the tests.
func wires() map[string]wire {
	ok := [2]string{textType, "OK"}
	keyAlone := []string{"key"}
	return map[string]wire{
		"africastalking": {covers: keyAlone, answer: ok},
		"aliyun":         {covers: keyAlone, answer: [2]string{jsonType, `{"code":0,"msg":"接收成功"}`}},
		"android":        {covers: []string{"body", "X-Timestamp", "X-Signature"}, answer: ok},
		"bird": {covers: []string{"body", "url", "messagebird-signature", "messagebird-request-timestamp"}, answer: ok,
			without: "to"},
		"custom": {settle: customByHMAC, covers: []string{"body"}, alike: sameFields("msgid", "mobile", "dest", "content", "at", "sign"),
			answer: [2]string{jsonType, `{"ok":true}`}},
		"huawei":      {covers: []string{"body", "url|https://", "X-Sdk-Date", "Authorization|Signature="}, answer: ok},
		"infobip":     {covers: keyAlone, answer: ok},
		"messagebird": {covers: []string{"body", "url", "MessageBird-Signature-JWT"}, answer: ok},
		"plivo":       {covers: []string{"body", "url", "X-Plivo-Signature-V3|,", "X-Plivo-Signature-V3-Nonce"}, alike: sameForm, answer: ok},
		"sinch": {covers: []string{"body", "x-sinch-webhook-signature", "x-sinch-webhook-signature-nonce", "x-sinch-webhook-signature-timestamp"},
			answer: ok},
		"standard": {covers: []string{"body", "webhook-id", "webhook-timestamp", "webhook-signature|other v1,"}, answer: ok},
		"telnyx":   {settle: telnyxKeys, covers: []string{"body", "telnyx-timestamp", "telnyx-signature-ed25519"}, answer: ok},
		"tencent":  {covers: keyAlone, answer: [2]string{jsonType, `{"result":0,"errmsg":"OK"}`}},
		"twilio": {covers: []string{"body", "url", "X-Twilio-Signature"}, alike: sameForm,
			answer: [2]string{"text/xml", `<?xml version="1.0" encoding="UTF-8"?><Response/>`}},
		"vonage":          {covers: []string{"body"}, alike: vonageAlike, answer: ok},
		"vonage-messages": {covers: []string{"body", "Authorization|Bearer "}, answer: ok},
	}
}

// customByHMAC signs some fields of a form in an order of its own.
func customByHMAC(c *Channel) {
	c.Custom = Custom{Format: FormatForm, Fields: CustomFields{ID: "msgid", From: "mobile", To: "dest", Text: "content"},
		Sign:    CustomSign{Algorithm: "hmac-sha256", Fields: []string{"content", "mobile", "msgid", "dest", "at"}, Joiner: "|", Field: "sign", Time: "at"},
		Success: CustomSuccess{Status: 202, Type: jsonType, Body: `{"ok":true}`}}
}

// telnyxKeys are two, one of them being rotated out.
func telnyxKeys(c *Channel) {
	c.Secrets = []string{gateway.TelnyxKey("another key of thirty-two bytes!"), gateway.TelnyxKey(keyText)}
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

// to sends the callback. The host is never the configured one: nothing may depend
// on it.
func (c *callback) to(h http.Handler) *httptest.ResponseRecorder {
	return call(h, c.method, c.target, c.body, c.header)
}

func vonageSum(base string) string {
	return strings.ToUpper(hex.EncodeToString(mac(sha256.New, []byte(keyText), base)))
}

func sumOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// token is a JWT under key, HS256.
func token(key string, claims any) string {
	part := func(v any) string { return base64.RawURLEncoding.EncodeToString([]byte(asJSON(v))) }
	signed := part(map[string]string{"alg": "HS256", "typ": "JWT"}) + "." + part(claims)
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac(sha256.New, []byte(key), signed))
}
