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
// log=false asks Plivo to keep neither the text nor the whole number. A number it can't send
// to may stand in the answer of a success: {"message_uuid":[],"invalid_number":["86…"]}.
func askPlivo(g Gateway, number string, t Text, _ time.Time) (*http.Request, error) {
	req, err := postJSON(g.URL+"/v1/Account/"+url.PathEscape(g.User)+"/Message/",
		map[string]string{"src": g.From, "dst": number, "text": t.Body, "log": "false"})
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(g.User, g.Secret)
	return req, nil
}

func readPlivo(_ Gateway, status int, body []byte) error {
	if err := byStatus(status); err != nil {
		return err
	}
	var answer struct {
		IDs     []string `json:"message_uuid"`
		Invalid []string `json:"invalid_number"`
	}
	_ = json.Unmarshal(body, &answer) // without one the status stands alone
	if len(answer.IDs) == 0 && len(answer.Invalid) > 0 {
		return failed(intake.SendNumber)
	}
	return nil
}

// Sinch, SMS REST API:
//
//	POST /xms/v1/{user: the service plan}/batches, Bearer secret
//	{"from":"15550001111","to":["8613800138000"],"body":"…"}
//	201 {"id":"01F…",…}; 400 or 403 {"code":"blocked_account",…}
func askSinch(g Gateway, number string, t Text, _ time.Time) (*http.Request, error) {
	return bearer(g, "/xms/v1/"+url.PathEscape(g.User)+"/batches", map[string]any{"from": g.From, "to": []string{bare(number)}, "body": t.Body})
}

// sinchCodes are what its codes come to (developers.sinch.com/docs/sms/api-reference/status-codes)
// beside the status: 403 is about the account, or about what the request names.
func sinchCodes() map[string]string {
	return map[string]string{
		"blocked_account":      intake.SendCredentials, // as without credit
		"illegal_number_type":  intake.SendNumber,
		"unknown_group":        intake.SendRefused,
		"unknown_campaign":     intake.SendRefused,
		"missing_callback_url": intake.SendRefused,
	}
}

func readSinch(_ Gateway, status int, body []byte) error {
	if byStatus(status) == nil {
		return nil
	}
	var answer struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(body, &answer) // without one the status stands alone
	return told(sinchCodes(), answer.Code, status)
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

// telnyxCodes are what its codes come to (developers.telnyx.com/docs/messaging/messages/error-codes)
// beside the status.
func telnyxCodes() map[string]string {
	return map[string]string{
		"40001": intake.SendNumber, // no route
		"40012": intake.SendNumber, // none
		"40300": intake.SendNumber, // has said STOP
		"40301": intake.SendNumber, // takes no texts
		"40319": intake.SendNumber, // takes none of this kind
		"40310": intake.SendNumber, // not to be sent to
		"40302": intake.SendTooLong,
		"40011": intake.SendLimited,
		"40318": intake.SendLimited,     // the queue is full
		"10039": intake.SendCredentials, // a trial account
		"20100": intake.SendCredentials, // no credit
		"40013": intake.SendCredentials, // the sender is none
		"40100": intake.SendCredentials, // the sender may send no texts
		"40305": intake.SendCredentials, // the sender isn't ours
		"40306": intake.SendCredentials, // the sender's name isn't set up
		"40309": intake.SendCredentials, // the country isn't switched on
		"40315": intake.SendCredentials, // the sender is held back for what it sent
		"40320": intake.SendCredentials, // the sender isn't bought yet
		"40321": intake.SendCredentials, // the messaging profile has no sender
		"40329": intake.SendCredentials, // the sender isn't verified
		"40312": intake.SendCredentials, // the messaging profile is off
		"40314": intake.SendCredentials, // the account may send no texts
	}
}

// readTelnyx: what is wrong with a number is told by one code for both; its source says which
// one is meant.
func readTelnyx(_ Gateway, status int, body []byte) error {
	if byStatus(status) == nil {
		return nil
	}
	var answer struct {
		Errors []struct {
			Code   string `json:"code"`
			Source struct {
				Pointer string `json:"pointer"`
			} `json:"source"`
		} `json:"errors"`
	}
	_ = json.Unmarshal(body, &answer) // without one the status stands alone
	if len(answer.Errors) == 0 {
		return failure(status)
	}
	switch e := answer.Errors[0]; {
	case e.Code != "10002" && e.Code != "10016": // no number, or not written as one
		return told(telnyxCodes(), e.Code, status)
	case e.Source.Pointer == "/from":
		return failed(intake.SendCredentials)
	default:
		return failed(intake.SendNumber)
	}
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
