package courier

import (
	"encoding/json"
	"net/http"
	"net/url"
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

// twilioCodes are what its codes come to (twilio.com/docs/api/errors) beside the status.
func twilioCodes() map[string]string {
	return map[string]string{
		"21211": intake.SendNumber, // none
		"21214": intake.SendNumber, // not to be reached
		"21217": intake.SendNumber, // none
		"21265": intake.SendNumber, // a short code
		"21610": intake.SendNumber, // has said STOP
		"21612": intake.SendNumber, // not to be reached from here
		"21614": intake.SendNumber, // not a mobile
		"21635": intake.SendNumber, // a landline
		"21617": intake.SendTooLong,
		"20429": intake.SendLimited,
		"21611": intake.SendLimited,     // the sender's queue is full
		"63038": intake.SendLimited,     // the account's day
		"10001": intake.SendCredentials, // not active
		"20005": intake.SendCredentials, // not active
		"21408": intake.SendCredentials, // the country isn't switched on
		"21606": intake.SendCredentials, // the sender isn't ours
		"21608": intake.SendCredentials, // a trial account
		"21212": intake.SendCredentials, // the sender is none
		"21659": intake.SendCredentials, // the sender is none of Twilio's
		"21660": intake.SendCredentials, // the sender is another account's
		"21701": intake.SendCredentials, // there is no such messaging service
		"21705": intake.SendCredentials, // the messaging service is none
		"30002": intake.SendCredentials, // suspended
	}
}

func readTwilio(_ Gateway, status int, body []byte) error {
	var answer struct {
		Code   json.Number `json:"code"`
		Status string      `json:"status"`
	}
	_ = json.Unmarshal(body, &answer) // without one the status stands alone
	if byStatus(status) != nil || answer.Status == "failed" || answer.Status == "undelivered" {
		return told(twilioCodes(), answer.Code.String(), status)
	}
	return nil
}
