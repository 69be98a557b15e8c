package sms

// Africa's Talking, "Incoming messages" (developers.africastalking.com/docs/sms/notifications):
//
//	POST /hooks/sms/city/{key}
//	Content-Type: application/x-www-form-urlencoded
//
//	id=28a92cdf-…&from=%2B254711XXXYYY&to=12345&text=…&date=2026-01-01+14%3A00%3A00&linkId=SampleLinkId123
//
// Reports of what became of texts we sent (…/sms/deliveryreports) have a status and no text.
// Nothing is signed, so the secret comes with the request: see keyed.

import (
	"net/http"
	"time"
)

type africasTalking struct{ keyed }

func newAfricasTalking(c Channel, _ func() time.Time) (provider, error) {
	return africasTalking{newKeyed(c)}, nil
}

func (africasTalking) decode(r *http.Request, body []byte) []message {
	form, ok := formOf(r, body)
	if ok && form.Get("status") != "" && !form.Has("text") {
		return nil // what became of a text we sent
	}
	if !ok || !form.Has("from") && !form.Has("text") {
		return unparsed(form.Get("id"), body)
	}
	m := message{id: form.Get("id"), from: form.Get("from"), to: form.Get("to"), text: form.Get("text"), sent: form.Get("date"), raw: body}
	return []message{m}
}

func (africasTalking) answer(string) reply { return reply{contentType: textType, body: "OK"} }
