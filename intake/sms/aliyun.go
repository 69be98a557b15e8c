package sms

// Alibaba Cloud SMS, "SmsUp" in its HTTP batch push mode
// (help.aliyun.com/zh/sms/developer-reference/smsup-http):
//
//	POST /hooks/sms/city/{key}
//
//	[{"phone_number": "13800138000", "content": "村北有人挖沙", "send_time": "2017-09-01 00:00:00",
//	  "dest_code": "1234", "sequence_id": "1234567890", "sign_name": "签名"}]
//
// An older page writes sequence_id as a number and send_time as 20170901000000.
// Nothing is signed, so the secret comes with the request: see keyed.
// HTTP 200 means taken; anything else is pushed again. Reports of what became of texts we sent
// (SmsReport) have a report_time and no content; abroad (alibabacloud.com/help/en/sms/developer-reference/sms-webhook-1)
// a ReceiveDate.

import (
	"encoding/json"
	"net/http"
	"time"
)

type aliyun struct{ keyed }

func newAliyun(c Channel, _ func() time.Time) (provider, error) { return aliyun{newKeyed(c)}, nil }

func (aliyun) decode(r *http.Request, body []byte) []message {
	body = jsonOf(r, body)
	return batch(body, elements(body), aliyunMessage)
}

func aliyunMessage(element []byte) []message {
	var in struct {
		Phone   *loose `json:"phone_number"`
		Content *loose `json:"content"`
		Sent    loose  `json:"send_time"`
		Dest    loose  `json:"dest_code"`
		ID      loose  `json:"sequence_id"`
		Report  loose  `json:"report_time"`
		Abroad  loose  `json:"ReceiveDate"`
	}
	switch err := json.Unmarshal(element, &in); {
	case err == nil && in.Content == nil && (in.Report != "" || in.Abroad != ""):
		return nil // what became of a text we sent
	case err != nil || in.Content == nil:
		return unparsed("", element)
	}
	m := message{id: string(in.ID), from: in.Phone.or(""), to: string(in.Dest), text: string(*in.Content),
		sent: chinaTime(string(in.Sent)), raw: element}
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

func (aliyun) answer(string) reply {
	return reply{contentType: jsonType, body: `{"code":0,"msg":"接收成功"}`}
}
