package courier

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"tipline/intake"
)

// Vonage, SMS API:
//
//	POST /sms/json
//	api_key={user}&api_secret={secret}&from=Office&to=8613800138000&text=…&type=unicode
//	200 {"message-count":"1","messages":[{"status":"0","message-id":"0C…",…}]}
//
// The HTTP status is 200 whatever became of the text; each part has its own.
func askVonage(g Gateway, number string, t Text, _ time.Time) (*http.Request, error) {
	form := url.Values{"api_key": {g.User}, "api_secret": {g.Secret}, "from": {g.From}, "to": {bare(number)}, "text": {t.Body}, "type": {"unicode"}}
	return postForm(g.URL+"/sms/json", form)
}

func readVonage(_ Gateway, status int, body []byte) error {
	if err := byStatus(status); err != nil {
		return err
	}
	var answer struct {
		Messages []struct {
			Status string `json:"status"`
		} `json:"messages"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || len(answer.Messages) == 0 {
		return unclear()
	}
	for i, m := range answer.Messages {
		if m.Status == "0" {
			continue
		}
		if i > 0 {
			return unclear() // the parts before it are on their way
		}
		return told(vonageCodes(), m.Status, status)
	}
	return nil
}

// vonageCodes are what its statuses come to (developer.vonage.com/api-errors/sms).
func vonageCodes() map[string]string {
	return map[string]string{
		"1":  intake.SendLimited,
		"10": intake.SendLimited, // too many connections
		"4":  intake.SendCredentials,
		"8":  intake.SendCredentials, // barred
		"9":  intake.SendCredentials, // no credit
		"11": intake.SendCredentials, // not switched on
		"14": intake.SendCredentials, // the signature
		"15": intake.SendCredentials, // the sender isn't ours
		"29": intake.SendCredentials, // a trial account
		"32": intake.SendCredentials, // a signature is wanted
		"5":  intake.SendUnclear,
		"6":  intake.SendNumber, // no route
		"7":  intake.SendNumber, // barred, as by STOP
		"33": intake.SendNumber, // given up
		"12": intake.SendTooLong,
		"13": intake.SendUnreachable, // it wasn't handed on
	}
}
