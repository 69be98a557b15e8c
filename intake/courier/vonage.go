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
	var told struct {
		Messages []struct {
			Status string `json:"status"`
		} `json:"messages"`
	}
	if err := json.Unmarshal(body, &told); err != nil || len(told.Messages) == 0 {
		return unclear()
	}
	for i, m := range told.Messages {
		if m.Status == "0" {
			continue
		}
		if i > 0 {
			return unclear() // the parts before it are on their way
		}
		return vonageStatus(m.Status)
	}
	return nil
}

func vonageStatus(status string) error {
	switch status {
	case "1", "10": // throttled, too many connections
		return failed(intake.SendLimited)
	case "4", "8", "9", "11", "14", "29", "32": // credentials, account barred, no credit, no API, signature, a trial account, no signature
		return failed(intake.SendCredentials)
	case "5": // internal error
		return unclear()
	case "6", "7", "17", "33": // not routable, barred, unreachable, given up
		return failed(intake.SendNumber)
	case "12":
		return failed(intake.SendTooLong)
	default:
		return failed(intake.SendRefused)
	}
}
