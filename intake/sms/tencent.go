package sms

// Tencent Cloud SMS, "SMS reply" (cloud.tencent.com/document/product/382/43548):
//
//	POST /hooks/sms/city/{key}
//
//	{"extend": "", "mobile": "13800138000", "nationcode": "86", "sign": "签名", "text": "村北有人挖沙", "time": 1457336869}
//
// Nothing is signed, so the secret comes with the request: see keyed. A reply has
// no id, so its content stands in for one. Reports of what became of texts we
// sent may share the address; they come as an array with report_status.

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tipline/intake"
)

type tencent struct{ keyed }

func newTencent(c Channel, _ func() time.Time) (provider, error) { return tencent{newKeyed(c)}, nil }

func (tencent) decode(r *http.Request, body []byte) []message {
	body = jsonOf(r, body)
	return batch(body, elements(body), tencentMessage)
}

func tencentMessage(element []byte) []message {
	var in struct {
		Nation loose  `json:"nationcode"`
		Mobile *loose `json:"mobile"`
		Text   *loose `json:"text"`
		Extend loose  `json:"extend"`
		Time   loose  `json:"time"`
		Report loose  `json:"report_status"`
	}
	if json.Unmarshal(element, &in) != nil {
		return unparsed("", element)
	}
	if in.Report != "" && in.Text == nil {
		return nil // what became of a text we sent
	}
	if in.Text == nil {
		return unparsed("", element)
	}
	m := message{from: nationNumber(string(in.Nation), in.Mobile.or("")), to: string(in.Extend), text: string(*in.Text),
		sent: unixTime(string(in.Time)), raw: element}
	m.id = contentID(string(in.Nation), in.Mobile.or(""), m.text, string(in.Time))
	return []message{m}
}

// nationNumber puts a country's code before a number that lacks it.
func nationNumber(nation, number string) string {
	nation = strings.TrimPrefix(nation, "+")
	if nation == "" || number == "" || strings.HasPrefix(number, "+") || !intake.Dialable(number) {
		return number
	}
	return "+" + nation + number
}

// unixTime is seconds since 1970 as RFC 3339; anything else stays as it came.
func unixTime(s string) string {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > 1<<33 {
		return s
	}
	return time.Unix(n, 0).UTC().Format(time.RFC3339)
}

func (tencent) answer(string) reply {
	return reply{contentType: jsonType, body: `{"result":0,"errmsg":"OK"}`}
}
