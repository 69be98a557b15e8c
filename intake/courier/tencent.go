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
	var told struct {
		Response struct {
			Error         *struct{ Code string }
			SendStatusSet []struct{ Code string }
		}
	}
	if err := json.Unmarshal(body, &told); err != nil {
		return unclear()
	}
	r := told.Response
	switch {
	case r.Error != nil:
		return tencentCode(r.Error.Code)
	case len(r.SendStatusSet) == 0:
		return unclear()
	default:
		return tencentCode(r.SendStatusSet[0].Code)
	}
}

func tencentCode(code string) error {
	switch {
	case code == "Ok":
		return nil
	case strings.Contains(code, "IncorrectPhoneNumber"), strings.Contains(code, "PhoneNumberInBlacklist"):
		return failed(intake.SendNumber)
	case strings.HasPrefix(code, "LimitExceeded"), strings.HasPrefix(code, "RequestLimitExceeded"):
		return failed(intake.SendLimited)
	case strings.HasPrefix(code, "AuthFailure"), strings.HasPrefix(code, "UnauthorizedOperation"), strings.Contains(code, "InsufficientBalance"):
		return failed(intake.SendCredentials)
	case strings.Contains(code, "LengthLimit"), strings.Contains(code, "LengthError"):
		return failed(intake.SendTooLong)
	case strings.HasPrefix(code, "InternalError"):
		return unclear()
	default:
		return failed(intake.SendRefused)
	}
}
