package courier

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tipline/intake"
)

// Aliyun, SendSms of 2017-05-25 under signature V3 (ACS3-HMAC-SHA256). It carries an
// approved template alone:
//
//	POST /?PhoneNumbers=13800138000&SignName=…&TemplateCode=SMS_1&TemplateParam={"state":"…"}
//	x-acs-action: SendSms; x-acs-version; x-acs-date; x-acs-signature-nonce; x-acs-content-sha256
//	200 {"Code":"OK","Message":"OK","BizId":"…","RequestId":"…"}
func askAliyun(g Gateway, number string, t Text, now time.Time) (*http.Request, error) {
	param := map[string]string{}
	for _, p := range pairs(g.Variables) {
		param[p[0]] = filled(p[1], t.Values)
	}
	text, err := json.Marshal(param)
	if err != nil {
		return nil, err
	}
	query := url.Values{"PhoneNumbers": {home(number)}, "SignName": {g.Sign}, "TemplateCode": {g.Template}, "TemplateParam": {string(text)}}
	req, err := http.NewRequest(http.MethodPost, g.URL+"/?"+strict(query), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("x-acs-action", "SendSms")
	req.Header.Set("x-acs-version", "2017-05-25")
	req.Header.Set("x-acs-date", now.UTC().Format("2006-01-02T15:04:05Z"))
	req.Header.Set("x-acs-signature-nonce", rand.Text())
	req.Header.Set("x-acs-content-sha256", hash(nil))
	signACS3(req, g.User, g.Secret)
	return req, nil
}

// home is a mainland number without its country, as Aliyun wants it; others keep
// their country, without a plus.
func home(number string) string {
	if n, ok := strings.CutPrefix(number, "+86"); ok {
		return n
	}
	return bare(number)
}

// strict encodes a query by RFC 3986 with its names sorted, as it is signed.
func strict(q url.Values) string {
	return strings.ReplaceAll(q.Encode(), "+", "%20")
}

// signACS3 signs the host and every x-acs header; the path is /.
func signACS3(req *http.Request, id, secret string) {
	names := []string{"host"}
	for name := range req.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-acs-") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	lines := make([]string, len(names))
	for i, name := range names {
		value := req.Header.Get(name)
		if name == "host" {
			value = req.URL.Host
		}
		lines[i] = name + ":" + strings.TrimSpace(value) + "\n"
	}
	signed := strings.Join(names, ";")
	canonical := strings.Join([]string{req.Method, "/", req.URL.RawQuery, strings.Join(lines, ""), signed, req.Header.Get("x-acs-content-sha256")}, "\n")
	signature := hex.EncodeToString(mac([]byte(secret), "ACS3-HMAC-SHA256\n"+hash([]byte(canonical))))
	req.Header.Set("Authorization", "ACS3-HMAC-SHA256 Credential="+id+",SignedHeaders="+signed+",Signature="+signature)
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// aliyunCodes are what its codes come to (help.aliyun.com/document_detail/101346.html). A
// variable that is too long is the template's affair: no handler's words are in it.
func aliyunCodes() []rule {
	return []rule{
		{"isv.MOBILE_NUMBER_ILLEGAL", intake.SendNumber},
		{"isv.DOMESTIC_NUMBER_NOT_SUPPORTED", intake.SendNumber}, // the template goes abroad alone
		{"isv.CUSTOMER_REFUSED", intake.SendNumber},              // has unsubscribed
		{"isv.BUSINESS_LIMIT", intake.SendLimited},
		{"isv.DAY_LIMIT", intake.SendLimited},
		{"isv.MONTH_LIMIT", intake.SendLimited},
		{"Throttling", intake.SendLimited},
		{"isp.RAM_PERMISSION", intake.SendCredentials},
		{"isv.ACCOUNT_", intake.SendCredentials},
		{"isv.AMOUNT_NOT_ENOUGH", intake.SendCredentials},
		{"isv.OUT_OF_SERVICE", intake.SendCredentials}, // no credit
		{"isv.PRODUCT_UN", intake.SendCredentials},     // not switched on
		{"isv.DENY_IP_RANGE", intake.SendCredentials},
		{"isv.SECURITY_FROZEN_ACCOUNT", intake.SendCredentials}, // wasn't used for long
		{"isv.SMS_TEST_NUMBER_LIMIT", intake.SendCredentials},   // a template to try with
		{"InvalidAccessKeyId", intake.SendCredentials},
		{"MissingAccessKeyId", intake.SendCredentials},
		{"Signature", intake.SendCredentials},
		{"IncompleteSignature", intake.SendCredentials},
		{"InvalidTimeStamp", intake.SendCredentials}, // our clock
		{"IllegalTimestamp", intake.SendCredentials},
		{"isp.", intake.SendUnclear},
	}
}

func readAliyun(_ Gateway, status int, body []byte) error {
	var answer struct{ Code string }
	err := json.Unmarshal(body, &answer)
	switch {
	case err == nil && answer.Code == "OK":
		return nil
	case err == nil && answer.Code != "":
		return toldBy(aliyunCodes(), answer.Code, status)
	case byStatus(status) != nil:
		return byStatus(status)
	default:
		return unclear()
	}
}
