package courier

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tipline/intake"
)

// Twilio, Messages resource of API 2010-04-01:
//
//	POST /2010-04-01/Accounts/{user}/Messages.json, Basic user:secret
//	To=%2B8613800138000&From=%2B15550001111&Body=…
//	201 {"sid":"SM…","status":"queued",…}; 400 {"code":21211,"message":…}
//
// A From that begins with MG is a messaging service.
func askTwilio(g Gateway, number string, t Text, _ time.Time) (*http.Request, error) {
	form := url.Values{"To": {number}, "Body": {t.Body}}
	if strings.HasPrefix(g.From, "MG") {
		form.Set("MessagingServiceSid", g.From)
	} else {
		form.Set("From", g.From)
	}
	req, err := postForm(g.URL+"/2010-04-01/Accounts/"+url.PathEscape(g.User)+"/Messages.json", form)
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(g.User, g.Secret)
	return req, nil
}

func readTwilio(_ Gateway, status int, body []byte) error {
	var told struct {
		Code   int    `json:"code"`
		Status string `json:"status"`
	}
	_ = json.Unmarshal(body, &told) // without one the status stands alone
	// Not a number, not one for texts, or one that has said STOP.
	if slices.Contains([]int{21211, 21214, 21217, 21610, 21614}, told.Code) {
		return failed(intake.SendNumber)
	}
	if told.Code == 21617 {
		return failed(intake.SendTooLong)
	}
	if err := byStatus(status); err != nil {
		return err
	}
	if told.Status == "failed" || told.Status == "undelivered" {
		return failed(intake.SendRefused)
	}
	return nil
}
