package courier

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tipline/intake"
)

// Tencent, SendSms of 2021-01-11 under TC3-HMAC-SHA256. It carries an approved
// template alone, whose variables have no names but an order:
//
//	POST /, X-TC-Action: SendSms, X-TC-Version, X-TC-Region, X-TC-Timestamp
//	{"PhoneNumberSet":["+8613800138000"],"SmsSdkAppId":"1400…","SignName":"…","TemplateId":"1110","TemplateParamSet":["…"]}
//	200 {"Response":{"SendStatusSet":[{"Code":"Ok",…}],"RequestId":"…"}} or {"Response":{"Error":{"Code":"…"}}}
func askTencent(g Gateway, number string, t Text, now time.Time) (*http.Request, error) {
	params := []string{}
	for _, p := range pairs(g.Variables) {
		params = append(params, filled(p[1], t.Values))
	}
	body, err := json.Marshal(map[string]any{"PhoneNumberSet": []string{number}, "SmsSdkAppId": g.App, "SignName": g.Sign,
		"TemplateId": g.Template, "TemplateParamSet": params})
	if err != nil {
		return nil, err
	}
	req, err := post(g.URL+"/", "application/json; charset=utf-8", body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-TC-Action", "SendSms")
	req.Header.Set("X-TC-Version", "2021-01-11")
	req.Header.Set("X-TC-Region", g.Region)
	signTC3(req, body, "sms", g.User, g.Secret, now)
	return req, nil
}

// signTC3 signs type and host with a key derived for the day and the service.
func signTC3(req *http.Request, body []byte, service, id, secret string, now time.Time) {
	day, stamp := now.UTC().Format(time.DateOnly), strconv.FormatInt(now.Unix(), 10)
	req.Header.Set("X-TC-Timestamp", stamp)
	const signed = "content-type;host"
	canonical := strings.Join([]string{req.Method, "/", "",
		"content-type:" + req.Header.Get("Content-Type") + "\nhost:" + req.URL.Host + "\n",
		signed, hash(body)}, "\n")
	scope := day + "/" + service + "/tc3_request"
	key := mac(mac(mac([]byte("TC3"+secret), day), service), "tc3_request")
	signature := hex.EncodeToString(mac(key, strings.Join([]string{"TC3-HMAC-SHA256", stamp, scope, hash([]byte(canonical))}, "\n")))
	req.Header.Set("Authorization", "TC3-HMAC-SHA256 Credential="+id+"/"+scope+", SignedHeaders="+signed+", Signature="+signature)
}

func readTencent(_ Gateway, status int, body []byte) error {
	if err := byStatus(status); err != nil {
		return err
	}
	var answer struct {
		Response struct {
			Error         *struct{ Code string }
			SendStatusSet []struct{ Code string }
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return unclear()
	}
	r := answer.Response
	switch {
	case r.Error != nil:
		return tencentCode(r.Error.Code)
	case len(r.SendStatusSet) == 0:
		return unclear()
	default:
		return tencentCode(r.SendStatusSet[0].Code)
	}
}

// tencentCodes are what its codes come to (cloud.tencent.com/document/api/382/59177 and
// …/382/52075), in its own spelling. A variable that is too long is the template's affair: no
// handler's words are in it.
func tencentCodes() []rule {
	return []rule{
		{"InvalidParameterValue.IncorrectPhoneNumber", intake.SendNumber},
		{"FailedOperation.PhoneNumber", intake.SendNumber}, // none, or on a list of who has unsubscribed
		{"UnsupportedOperation.UnsuportedRegion", intake.SendNumber},
		{"UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone", intake.SendNumber}, // the template doesn't go there
		{"UnsupportedOperation.GlobalTemplateToChineseMainlandPhone", intake.SendNumber},
		{"LimitExceeded.AppCountryOrRegionInBlacklist", intake.SendCredentials}, // the country isn't switched on
		{"LimitExceeded", intake.SendLimited},
		{"RequestLimitExceeded", intake.SendLimited},
		{"FailedOperation.MarketingSendTimeConstraint", intake.SendLimited}, // by day alone
		{"AuthFailure", intake.SendCredentials},
		{"UnauthorizedOperation", intake.SendCredentials}, // arrears as well
		{"FailedOperation.InsufficientBalance", intake.SendCredentials},
		{"InvalidParameterValue.SdkAppIdNotExist", intake.SendCredentials},
		{"InvalidParameter.AppidAndBizId", intake.SendCredentials},
		{"IpInBlacklist", intake.SendCredentials},
		{"IpNotInWhitelist", intake.SendCredentials},
		{"InternalError.Sig", intake.SendCredentials},
		{"InternalError.RequestTimeException", intake.SendCredentials}, // our clock
		{"InternalError.RestApiInterfaceNotExist", intake.SendRefused},
		{"InternalError.JsonParseFail", intake.SendRefused},
		{"InternalError", intake.SendUnclear},
	}
}

func tencentCode(code string) error {
	if code == "Ok" {
		return nil
	}
	return toldBy(tencentCodes(), code, http.StatusOK)
}
