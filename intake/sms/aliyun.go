package sms

// Alibaba Cloud SMS, "SmsUp" in its HTTP batch push mode
// (help.aliyun.com/zh/sms/developer-reference/smsup-http):
//
//	POST /hooks/sms/city?key=…
//
//	[{"phone_number": "13800138000", "content": "村北有人挖沙", "send_time": "2017-09-01 00:00:00",
//	  "dest_code": "1234", "sequence_id": "1234567890", "sign_name": "签名"}]
//
// An older page writes sequence_id as a number and send_time as 20170901000000.
// Nothing is signed, so the secret comes with the request. In the query it ends
// up in the logs of load balancers: the header or the password of Basic
// authentication (https://any:key@host/…) is better where it can be set.
// HTTP 200 means taken; anything else is pushed again.

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"time"
)

// maxElements is far above any real batch. A longer one is kept as a whole, so
// that a broken sender can't turn one request into a flood of tips.
const maxElements = 1000

type aliyun struct{ keys []string }

func newAliyun(c Channel, _ func() time.Time) (provider, error) { return aliyun{c.Secrets}, nil }

func (p aliyun) verify(r *http.Request, _ []byte) error {
	_, password, _ := r.BasicAuth()
	matched := false
	for _, given := range []string{r.URL.Query().Get("key"), r.Header.Get("X-Tipline-Key"), password} {
		for _, key := range p.keys {
			matched = sameKey(given, key) || matched
		}
	}
	if !matched {
		return errSignature
	}
	return nil
}

// sameKey compares hashes, so that not even a key's length can be timed.
func sameKey(given, key string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(key))
	return same(string(a[:]), string(b[:]))
}

// decode keeps every element on its own: one that can't be read doesn't lose
// its neighbours, and no tip holds another reporter's text.
func (aliyun) decode(_ *http.Request, body []byte) []message {
	all := elements(body)
	if len(all) > maxElements {
		return unparsed("", body)
	}
	var out []message
	for _, element := range all {
		out = append(out, aliyunMessage(element)...)
	}
	return out
}

func aliyunMessage(element []byte) []message {
	var in struct {
		Phone   *loose `json:"phone_number"`
		Content *loose `json:"content"`
		Sent    loose  `json:"send_time"`
		Dest    loose  `json:"dest_code"`
		ID      loose  `json:"sequence_id"`
	}
	if json.Unmarshal(element, &in) != nil || in.Phone == nil && in.Content == nil {
		return unparsed("", element)
	}
	m := message{id: string(in.ID), from: in.Phone.or(""), to: string(in.Dest), text: in.Content.or(""),
		sent: chinaTime(string(in.Sent)), raw: element}
	if m.id == "" {
		m.id = contentID(m.from, m.to, m.text, m.sent)
	}
	return []message{m}
}

// chinaTime is either of the two forms as RFC 3339; another one stays as it came.
func chinaTime(s string) string {
	for _, layout := range []string{time.DateTime, "20060102150405"} {
		if t, err := time.ParseInLocation(layout, s, time.FixedZone("", 8*60*60)); err == nil {
			return t.Format(time.RFC3339)
		}
	}
	return s
}

// elements cuts a JSON array at its outermost commas without parsing what is
// between, so that a broken element costs only itself. What is no array is one
// element.
func elements(body []byte) [][]byte {
	body = bytes.TrimSpace(body)
	inner, isArray := bytes.CutPrefix(body, []byte("["))
	if !isArray {
		return [][]byte{body}
	}
	var out [][]byte
	depth, quoted, start := 0, false, 0
	for i := 0; i < len(inner); i++ {
		switch c := inner[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case depth > 0 && (c == '}' || c == ']'):
			depth--
		case depth == 0 && (c == ',' || c == ']'):
			out = append(out, bytes.TrimSpace(inner[start:i]))
			start = i + 1
		}
	}
	return append(out, bytes.TrimSpace(inner[start:]))
}

func (aliyun) answer(string) reply {
	return reply{"application/json; charset=utf-8", `{"code":0,"msg":"接收成功"}`}
}
