package sms

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
)

// wire is how the gateway of one provider speaks, written apart from the code
// that listens to it.
type wire struct {
	settle func(*Channel)    // what its channel is set to, beside secret and URL
	encode func(said) string // the body of one message, or the query of a GET
	sign   func(*callback)   // adds what shows that the gateway sent it
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
	key                  string
}

// hookPath is where every callback goes.
const hookPath = "/hooks/sms/city"

func newCallback(provider, body string) *callback {
	c := &callback{method: http.MethodPost, target: hookPath, body: body, header: http.Header{}, key: keyText}
	wires()[provider].sign(c)
	return c
}

func now() string { return strconv.Itoa(moment) }

// inPath puts the key where gateways that sign nothing have it.
func inPath(c *callback) { c.target = hookPath + "/" + url.PathEscape(c.key) }

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
	return map[string]wire{
		"africastalking":  africasTalkingWire(),
		"aliyun":          aliyunWire(),
		"android":         androidWire(),
		"bird":            birdWire(),
		"custom":          customWire(),
		"huawei":          huaweiWire(),
		"infobip":         infobipWire(),
		"messagebird":     messagebirdWire(),
		"plivo":           plivoWire(),
		"sinch":           sinchWire(),
		"standard":        standardWire(),
		"telnyx":          telnyxWire(),
		"tencent":         tencentWire(),
		"twilio":          twilioWire(),
		"vonage":          vonageWire(),
		"vonage-messages": vonageMessagesWire(),
	}
}

func aliyunWire() wire {
	return wire{
		encode: func(s said) string {
			return asJSON([]any{map[string]string{"phone_number": s.from, "dest_code": s.to, "content": s.text, "sequence_id": "1"}})
		},
		sign: inPath, covers: []string{"key"},
		answer: [2]string{jsonType, `{"code":0,"msg":"接收成功"}`},
	}
}

func androidWire() wire {
	return wire{
		encode: func(s said) string {
			return asJSON(map[string]any{"event": "sms:received", "payload": map[string]string{"messageId": "a", "sender": s.from, "recipient": s.to, "message": s.text}})
		},
		sign: func(c *callback) {
			c.header.Set("X-Timestamp", now())
			c.header.Set("X-Signature", hex.EncodeToString(mac(sha256.New, []byte(keyText), c.body+now())))
		},
		covers: []string{"body", "X-Timestamp", "X-Signature"},
		answer: [2]string{textType, "OK"},
	}
}

func standardWire() wire {
	return wire{
		encode: func(s said) string { return asJSON(map[string]string{"from": s.from, "to": s.to, "text": s.text}) },
		sign: func(c *callback) {
			c.header.Set("webhook-id", "msg_1")
			c.header.Set("webhook-timestamp", now())
			c.header.Set("webhook-signature", "v1a,other v1,"+base64MAC("msg_1.", now(), ".", c.body))
		},
		covers: []string{"body", "webhook-id", "webhook-timestamp", "webhook-signature|other v1,"},
		answer: [2]string{textType, "OK"},
	}
}

func twilioWire() wire {
	return wire{
		encode: func(s said) string { return form("MessageSid", "SM1", "From", s.from, "To", s.to, "Body", s.text) },
		sign: func(c *callback) {
			fields, _ := url.ParseQuery(c.body)
			sum := mac(sha1.New, []byte(keyText), hookURL, sortedFields(fields))
			c.header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(sum))
		},
		covers: []string{"body", "url", "X-Twilio-Signature"}, alike: sameForm,
		answer: [2]string{"text/xml", `<?xml version="1.0" encoding="UTF-8"?><Response/>`},
	}
}

func tencentWire() wire {
	return wire{
		encode: func(s said) string {
			return asJSON(map[string]any{"mobile": s.from, "nationcode": "", "extend": s.to, "text": s.text, "time": moment, "sign": "签名"})
		},
		sign: inPath, covers: []string{"key"},
		answer: [2]string{jsonType, `{"result":0,"errmsg":"OK"}`},
	}
}

func huaweiWire() wire {
	const date = "20261124T060000Z" // moment
	return wire{
		encode: func(s said) string { return form("smsMsgId", "h1", "from", s.from, "to", s.to, "body", s.text) },
		sign: func(c *callback) {
			sum := sha256.Sum256([]byte(c.body))
			request := "POST\n/hooks/sms/city/\n\nhost:tips.example.org\nx-sdk-date:" + date + "\n\nhost;x-sdk-date\n" + hex.EncodeToString(sum[:])
			hash := sha256.Sum256([]byte(request))
			signature := mac(sha256.New, []byte(keyText), "SDK-HMAC-SHA256\n"+date+"\n"+hex.EncodeToString(hash[:]))
			c.header.Set("X-Sdk-Date", date)
			c.header.Set("Authorization", "SDK-HMAC-SHA256 Access=app, SignedHeaders=host;x-sdk-date, Signature="+hex.EncodeToString(signature))
		},
		covers: []string{"body", "url|https://", "X-Sdk-Date", "Authorization|Signature="},
		answer: [2]string{textType, "OK"},
	}
}

// customWire signs some fields of a form in an order of its own.
func customWire() wire {
	return wire{
		settle: func(c *Channel) {
			c.Custom = Custom{Format: FormatForm, Fields: CustomFields{ID: "msgid", From: "mobile", To: "dest", Text: "content"},
				Sign:    CustomSign{Algorithm: "hmac-sha256", Fields: []string{"content", "mobile", "msgid", "dest", "at"}, Joiner: "|", Field: "sign", Time: "at"},
				Success: CustomSuccess{Status: 202, Type: jsonType, Body: `{"ok":true}`}}
		},
		encode: func(s said) string { return form("msgid", "c1", "mobile", s.from, "dest", s.to, "content", s.text) },
		sign: func(c *callback) {
			fields, _ := url.ParseQuery(c.body)
			signed := strings.Join([]string{fields.Get("content"), fields.Get("mobile"), fields.Get("msgid"), fields.Get("dest"), now()}, "|")
			c.body += "&at=" + now() + "&sign=" + hex.EncodeToString(mac(sha256.New, []byte(keyText), signed))
		},
		covers: []string{"body"}, alike: sameFields("msgid", "mobile", "dest", "content", "at", "sign"),
		answer: [2]string{jsonType, `{"ok":true}`},
	}
}

// to sends the callback. The host is never the configured one: nothing may depend
// on it.
func (c *callback) to(h http.Handler) *httptest.ResponseRecorder {
	return call(h, c.method, c.target, c.body, c.header)
}
