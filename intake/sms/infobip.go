package sms

// Infobip, "Receive inbound SMS messages", format MO_JSON_2
// (infobip.com/docs/api/channels/sms/inbound-sms):
//
//	POST /hooks/sms/city/{key}
//
//	{"results": [{"messageId": "817790313235066447", "from": "8613800138000", "to": "10690000", "text": "村北有人挖沙",
//	  "cleanText": "…", "keyword": "…", "receivedAt": "2026-01-01T14:00:00.000+0000", "smsCount": 1}], "messageCount": 1}
//
// What became of texts we sent (infobip.com/docs/api/channels/sms/logs-and-status-reports) comes as
// results as well, with a status and without words.
//
// No signature is documented, so the secret comes with the request: see keyed.

import (
	"encoding/json"
	"net/http"
	"time"
)

type infobip struct{ keyed }

func newInfobip(c Channel, _ func() time.Time) (provider, error) { return infobip{newKeyed(c)}, nil }

func (infobip) decode(r *http.Request, body []byte) []message {
	body = jsonOf(r, body)
	results, ok := listAt(body, "results")
	if !ok {
		return unparsed("", body)
	}
	return batch(body, results, infobipMessage)
}

func (infobip) wrap(element []byte) []byte {
	return []byte(`{"results":[` + string(element) + `]}`)
}

func infobipMessage(element []byte) []message {
	var in struct {
		ID       loose           `json:"messageId"`
		From     *loose          `json:"from"`
		To       loose           `json:"to"`
		Text     *loose          `json:"text"`
		Received loose           `json:"receivedAt"`
		Report   json.RawMessage `json:"status"`
	}
	switch err := json.Unmarshal(element, &in); {
	case err == nil && in.Text == nil && in.Report != nil:
		return nil // what became of a text we sent
	case err != nil || in.From == nil && in.Text == nil:
		return unparsed("", element)
	}
	m := message{id: string(in.ID), from: internationalNumber(in.From.or("")), to: string(in.To), text: in.Text.or(""), sent: string(in.Received), raw: element}
	return []message{m}
}

func (infobip) answer(string) reply { return reply{contentType: textType, body: "OK"} }
