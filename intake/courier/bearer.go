package courier

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"tipline/intake"
)

// Plivo, Message API:
//
//	POST /v1/Account/{user}/Message/, Basic user:secret
//	{"src":"+15550001111","dst":"+8613800138000","text":"…","log":"false"}
//	202 {"message":"message(s) queued","message_uuid":["…"]}
//
// log=false asks Plivo to keep neither the text nor the whole number.
func askPlivo(g Gateway, number string, t Text, _ time.Time) (*http.Request, error) {
	req, err := postJSON(g.URL+"/v1/Account/"+url.PathEscape(g.User)+"/Message/",
		map[string]string{"src": g.From, "dst": number, "text": t.Body, "log": "false"})
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(g.User, g.Secret)
	return req, nil
}

// Sinch, SMS REST API:
//
//	POST /xms/v1/{user: the service plan}/batches, Bearer secret
//	{"from":"15550001111","to":["8613800138000"],"body":"…"}
//	201 {"id":"01F…",…}
func askSinch(g Gateway, number string, t Text, _ time.Time) (*http.Request, error) {
	return bearer(g, "/xms/v1/"+url.PathEscape(g.User)+"/batches", map[string]any{"from": g.From, "to": []string{bare(number)}, "body": t.Body})
}

// Telnyx, API v2:
//
//	POST /v2/messages, Bearer secret
//	{"from":"+15550001111","to":"+8613800138000","text":"…"}
//	200 {"data":{"id":"…","to":[{"status":"queued",…}],…}}; 400 {"errors":[{"code":"40300",…}]}
//
// A sender that is a name wants messaging_profile_id as well: {user}.
func askTelnyx(g Gateway, number string, t Text, _ time.Time) (*http.Request, error) {
	message := map[string]string{"from": g.From, "to": number, "text": t.Body}
	if g.User != "" {
		message["messaging_profile_id"] = g.User
	}
	return bearer(g, "/v2/messages", message)
}

func readTelnyx(_ Gateway, status int, body []byte) error {
	var told struct {
		Errors []struct {
			Code string `json:"code"`
		} `json:"errors"`
	}
	_ = json.Unmarshal(body, &told) // without one the status stands alone
	for _, e := range told.Errors {
		switch e.Code {
		case "10002", "10016", "40001", "40300", "40310": // no number, no route, STOP, not to be sent to
			return failed(intake.SendNumber)
		case "40302":
			return failed(intake.SendTooLong)
		}
	}
	return byStatus(status)
}

func bearer(g Gateway, path string, v any) (*http.Request, error) {
	req, err := postJSON(g.URL+path, v)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+g.Secret)
	return req, nil
}

// android-sms-gateway, a phone as a modem: its cloud, or a private server or a
// tunnel to the phone by url:
//
//	POST /messages, Basic user:secret
//	{"textMessage":{"text":"…"},"phoneNumbers":["+8613800138000"]}
//	202 {"id":"…","state":"Pending",…}
func askAndroid(g Gateway, number string, t Text, _ time.Time) (*http.Request, error) {
	req, err := postJSON(g.URL+"/messages", map[string]any{"textMessage": map[string]string{"text": t.Body}, "phoneNumbers": []string{number}})
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(g.User, g.Secret)
	return req, nil
}
