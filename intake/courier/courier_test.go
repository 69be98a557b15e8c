package courier

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
)

const number = "138 0013 8000"

// asked is a request as a gateway sees it.
type asked struct {
	method, path, query, auth, kind, body string
	header                                http.Header
}

// fake is a gateway that answers with one status and body.
func fake(t *testing.T, status int, answer string) (*httptest.Server, func() []asked) {
	t.Helper()
	var got []asked
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, asked{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Get("Authorization"), r.Header.Get("Content-Type"), string(body), r.Header})
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(srv.Close)
	return srv, func() []asked { return got }
}

func basic(user, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+secret))
}

func clock() time.Time { return time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC) }

func values() map[string]string {
	return map[string]string{"state": "受理", "date": "2026-11-24", "office": "乡专项办"}
}

// TestRequests holds what each provider is asked for to its documentation, byte by
// byte where it is signed or a form.
func TestRequests(t *testing.T) {
	for provider, c := range map[string]struct {
		gateway          Gateway
		status           int
		answer           string
		path, auth, kind string
		body             string
		text             string
		query            string
	}{
		"twilio": {Gateway{User: "AC1", Secret: "tok", From: "+15550001111"}, 201, `{"sid":"SM1","status":"queued"}`, "/2010-04-01/Accounts/AC1/Messages.json", basic("AC1", "tok"), typeForm,
			"Body=hi+%E5%8F%97%E7%90%86&From=%2B15550001111&To=%2B8613800138000", "hi 受理", ""},
		"vonage": {Gateway{User: "key", Secret: "sec", From: "Office"}, 200, `{"message-count":"1","messages":[{"status":"0"}]}`, "/sms/json", "", typeForm,
			"api_key=key&api_secret=sec&from=Office&text=hi&to=8613800138000&type=unicode", "hi", ""},
		"plivo": {Gateway{User: "MA1", Secret: "tok", From: "+15550001111"}, 202, `{"message_uuid":["x"]}`, "/v1/Account/MA1/Message/", basic("MA1", "tok"), typeJSON,
			`{"dst":"+8613800138000","log":"false","src":"+15550001111","text":"hi"}`, "hi", ""},
		"sinch": {Gateway{User: "plan", Secret: "tok", From: "15550001111"}, 201, `{"id":"x"}`, "/xms/v1/plan/batches", "Bearer tok", typeJSON,
			`{"body":"hi","from":"15550001111","to":["8613800138000"]}`, "hi", ""},
		"telnyx": {Gateway{Secret: "tok", From: "+15550001111"}, 200, `{"data":{}}`, "/v2/messages", "Bearer tok", typeJSON,
			`{"from":"+15550001111","text":"hi","to":"+8613800138000"}`, "hi", ""},
		"telnyx named": {Gateway{Provider: "telnyx", User: "profile", Secret: "tok", From: "Office"}, 200, `{"data":{}}`, "/v2/messages", "Bearer tok", typeJSON,
			`{"from":"Office","messaging_profile_id":"profile","text":"hi","to":"+8613800138000"}`, "hi", ""},
		"android": {Gateway{User: "u", Secret: "p"}, 202, `{"state":"Pending"}`, "/messages", basic("u", "p"), typeJSON,
			`{"phoneNumbers":["+8613800138000"],"textMessage":{"text":"hi"}}`, "hi", ""},
		"custom": {Gateway{Secret: "s=&{text}", Fields: []string{"m={bare}", "c=【{office}】{text}", "k={secret}"}, Header: "X-Key: {secret}", Success: `"code":0`}, 200, `{"code":0}`, "/", "", typeForm,
			"c=%E3%80%90%E4%B9%A1%E4%B8%93%E9%A1%B9%E5%8A%9E%E3%80%91%7Bto%7D&k=s%3D%26%7Btext%7D&m=8613800138000", "{to}", ""},
		"aliyun": {Gateway{User: "id", Secret: "key", Sign: "签名", Template: "SMS_1", Variables: []string{"state={state}", "t={text}"}}, 200, `{"Code":"OK"}`, "/", "", "",
			"", "never free text", "PhoneNumbers=13800138000&SignName=%E7%AD%BE%E5%90%8D&TemplateCode=SMS_1&TemplateParam=%7B%22state%22%3A%22%E5%8F%97%E7%90%86%22%2C%22t%22%3A%22%7Btext%7D%22%7D"},
		"tencent": {Gateway{User: "id", Secret: "key", App: "14", Sign: "签名", Template: "1110", Variables: []string{"1={state}", "2={date}"}}, 200, `{"Response":{"SendStatusSet":[{"Code":"Ok"}]}}`, "/", "",
			"application/json; charset=utf-8", `{"PhoneNumberSet":["+8613800138000"],"SignName":"签名","SmsSdkAppId":"14","TemplateId":"1110","TemplateParamSet":["受理","2026-11-24"]}`, "never free text", ""},
	} {
		srv, got := fake(t, c.status, c.answer)
		c.gateway.URL = srv.URL
		if c.gateway.Provider == "" {
			c.gateway.Provider = provider
		}
		s, err := New(c.gateway, clock)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Send(t.Context(), number, Text{Body: c.text, Values: values()}); err != nil {
			t.Errorf("%s: %v", provider, err)
			continue
		}
		r := got()[0]
		auth := r.auth
		if c.gateway.Sign != "" {
			auth = "" // held to the documents' own examples in sign_test.go, and checked here below
		}
		want := []string{"POST", c.path, c.query, c.auth, c.kind, c.body}
		if d := cmp.Diff(want, []string{r.method, r.path, r.query, auth, r.kind, r.body}); d != "" {
			t.Errorf("%s: %s", provider, d)
		}
		if provider == "custom" && r.header.Get("X-Key") != c.gateway.Secret {
			t.Errorf("the header is %q", r.header.Get("X-Key"))
		}
		signedAnew(t, provider, srv.URL, r)
	}
}

// signedAnew signs what a gateway saw once more, with its key.
func signedAnew(t *testing.T, provider, home string, r asked) {
	t.Helper()
	req, err := post(home+r.path+"?"+r.query, r.kind, []byte(r.body))
	if err != nil {
		t.Fatal(err)
	}
	switch provider {
	case "aliyun":
		req.Header = http.Header{}
		for _, name := range []string{"X-Acs-Action", "X-Acs-Version", "X-Acs-Date", "X-Acs-Signature-Nonce", "X-Acs-Content-Sha256"} {
			req.Header.Set(name, r.header.Get(name))
		}
		signACS3(req, "id", "key")
	case "tencent":
		signTC3(req, []byte(r.body), "sms", "id", "key", clock())
	default:
		return
	}
	if got := req.Header.Get("Authorization"); got != r.auth {
		t.Errorf("%s signs %s, not %s", provider, r.auth, got)
	}
}

// TestAnswers: every refusal has its reason, and says whether the text may be on
// its way.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		provider string
		status   int
		answer   string
		want     intake.SendError
	}{
		{"twilio", 400, `{"code":21211}`, intake.SendError{Reason: intake.SendNumber}},
		{"twilio", 400, `{"code":21612}`, intake.SendError{Reason: intake.SendNumber}},
		{"twilio", 400, `{"code":21614}`, intake.SendError{Reason: intake.SendNumber}},
		{"twilio", 400, `{"code":21635}`, intake.SendError{Reason: intake.SendNumber}},
		{"twilio", 400, `{"code":21611}`, intake.SendError{Reason: intake.SendLimited}},
		{"twilio", 429, `{"code":20429}`, intake.SendError{Reason: intake.SendLimited}},
		{"twilio", 429, `{"code":63038}`, intake.SendError{Reason: intake.SendLimited}},
		{"twilio", 400, `{"code":21408}`, intake.SendError{Reason: intake.SendCredentials}},
		{"twilio", 400, `{"code":21608}`, intake.SendError{Reason: intake.SendCredentials}},
		{"twilio", 400, `{"code":21606}`, intake.SendError{Reason: intake.SendCredentials}},
		{"twilio", 400, `{"code":21659}`, intake.SendError{Reason: intake.SendCredentials}},
		{"twilio", 400, `{"code":21660}`, intake.SendError{Reason: intake.SendCredentials}},
		{"twilio", 400, `{"code":21705}`, intake.SendError{Reason: intake.SendCredentials}},
		{"twilio", 401, `{"code":20005}`, intake.SendError{Reason: intake.SendCredentials}},
		{"twilio", 400, `{"code":21617}`, intake.SendError{Reason: intake.SendTooLong}},
		{"twilio", 404, `{"code":20404}`, intake.SendError{Reason: intake.SendCredentials}},
		{"aliyun", 200, `{"Code":"isv.OUT_OF_SERVICE"}`, intake.SendError{Reason: intake.SendCredentials}},
		{"aliyun", 200, `{"Code":"isv.AMOUNT_NOT_ENOUGH"}`, intake.SendError{Reason: intake.SendCredentials}},
		{"aliyun", 200, `{"Code":"isv.SECURITY_FROZEN_ACCOUNT"}`, intake.SendError{Reason: intake.SendCredentials}},
		{"aliyun", 200, `{"Code":"isv.SMS_TEST_NUMBER_LIMIT"}`, intake.SendError{Reason: intake.SendCredentials}},
		{"aliyun", 200, `{"Code":"isv.DENY_IP_RANGE"}`, intake.SendError{Reason: intake.SendCredentials}},
		{"aliyun", 200, `{"Code":"isp.RAM_PERMISSION_DENY"}`, intake.SendError{Reason: intake.SendCredentials}},
		{"aliyun", 200, `{"Code":"isv.PRODUCT_UN_SUBSCRIPT"}`, intake.SendError{Reason: intake.SendCredentials}},
		{"aliyun", 200, `{"Code":"isv.CUSTOMER_REFUSED"}`, intake.SendError{Reason: intake.SendNumber}},
		{"aliyun", 200, `{"Code":"isv.DOMESTIC_NUMBER_NOT_SUPPORTED"}`, intake.SendError{Reason: intake.SendNumber}},
		{"aliyun", 200, `{"Code":"isv.DAY_LIMIT_CONTROL"}`, intake.SendError{Reason: intake.SendLimited}},
		{"aliyun", 200, `{"Code":"isv.MONTH_LIMIT_CONTROL"}`, intake.SendError{Reason: intake.SendLimited}},
		{"aliyun", 200, `{"Code":"isv.PARAM_LENGTH_LIMIT"}`, intake.SendError{Reason: intake.SendRefused}},
		{"aliyun", 200, `{"Code":"isv.BLACK_KEY_CONTROL_LIMIT"}`, intake.SendError{Reason: intake.SendRefused}},
		{"aliyun", 200, `{"Code":"isp.GATEWAY_ERROR"}`, intake.SendError{Reason: intake.SendUnclear, Uncertain: true}},
		{"aliyun", 400, `{"Code":"InvalidTimeStamp.Expired"}`, intake.SendError{Reason: intake.SendCredentials}},
		{"aliyun", 403, `{"Code":"NoPermission"}`, intake.SendError{Reason: intake.SendCredentials}},
		{"aliyun", 500, `{"Code":"InternalError"}`, intake.SendError{Reason: intake.SendUnclear, Uncertain: true}},
		{"aliyun", 503, `busy`, intake.SendError{Reason: intake.SendUnclear, Uncertain: true}},
		{"tencent", 200, `{"Response":{"SendStatusSet":[{"Code":"FailedOperation.PhoneNumberParseFail"}]}}`, intake.SendError{Reason: intake.SendNumber}},
		{"tencent", 200, `{"Response":{"SendStatusSet":[{"Code":"InvalidParameterValue.IncorrectPhoneNumber"}]}}`, intake.SendError{Reason: intake.SendNumber}},
		{"tencent", 200, `{"Response":{"SendStatusSet":[{"Code":"UnsupportedOperation.UnsuportedRegion"}]}}`, intake.SendError{Reason: intake.SendNumber}},
		{"tencent", 200, `{"Response":{"SendStatusSet":[{"Code":"UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone"}]}}`, intake.SendError{Reason: intake.SendNumber}},
		{"tencent", 200, `{"Response":{"SendStatusSet":[{"Code":"UnsupportedOperation.GlobalTemplateToChineseMainlandPhone"}]}}`, intake.SendError{Reason: intake.SendNumber}},
		{"tencent", 200, `{"Response":{"SendStatusSet":[{"Code":"LimitExceeded.AppCountryOrRegionInBlacklist"}]}}`, intake.SendError{Reason: intake.SendCredentials}},
		{"tencent", 200, `{"Response":{"SendStatusSet":[{"Code":"LimitExceeded.AppDailyLimit"}]}}`, intake.SendError{Reason: intake.SendLimited}},
		{"tencent", 200, `{"Response":{"SendStatusSet":[{"Code":"FailedOperation.MarketingSendTimeConstraint"}]}}`, intake.SendError{Reason: intake.SendLimited}},
		{"tencent", 200, `{"Response":{"SendStatusSet":[{"Code":"UnauthorizedOperation.SerivceSuspendDueToArrears"}]}}`, intake.SendError{Reason: intake.SendCredentials}},
		{"tencent", 200, `{"Response":{"SendStatusSet":[{"Code":"InvalidParameterValue.SdkAppIdNotExist"}]}}`, intake.SendError{Reason: intake.SendCredentials}},
		{"tencent", 200, `{"Response":{"SendStatusSet":[{"Code":"InternalError.SigVerificationFail"}]}}`, intake.SendError{Reason: intake.SendCredentials}},
		{"tencent", 200, `{"Response":{"SendStatusSet":[{"Code":"InternalError.RequestTimeException"}]}}`, intake.SendError{Reason: intake.SendCredentials}},
		{"tencent", 200, `{"Response":{"SendStatusSet":[{"Code":"InternalError.JsonParseFail"}]}}`, intake.SendError{Reason: intake.SendRefused}},
		{"tencent", 200, `{"Response":{"SendStatusSet":[{"Code":"InternalError.SendAndRecvFail"}]}}`, intake.SendError{Reason: intake.SendUnclear, Uncertain: true}},
		{"tencent", 200, `{"Response":{"SendStatusSet":[{"Code":"FailedOperation.TemplateIncorrectOrUnapproved"}]}}`, intake.SendError{Reason: intake.SendRefused}},
		{"tencent", 200, `{"Response":{"SendStatusSet":[{"Code":"FailedOperation.ContainSensitiveWord"}]}}`, intake.SendError{Reason: intake.SendRefused}},
		{"tencent", 200, `{"Response":{"Error":{"Code":"RequestLimitExceeded.IPLimitExceeded"}}}`, intake.SendError{Reason: intake.SendLimited}},
		{"vonage", 200, `{"messages":[{"status":"7"}]}`, intake.SendError{Reason: intake.SendNumber}},
		{"vonage", 200, `{"messages":[{"status":"8"}]}`, intake.SendError{Reason: intake.SendCredentials}},
		{"vonage", 200, `{"messages":[{"status":"13"}]}`, intake.SendError{Reason: intake.SendUnreachable}},
		{"vonage", 200, `{"messages":[{"status":"12"}]}`, intake.SendError{Reason: intake.SendTooLong}},
		{"vonage", 200, `{"messages":[{"status":"29"}]}`, intake.SendError{Reason: intake.SendCredentials}},
		{"sinch", 403, `{"code":"blocked_account","text":"x"}`, intake.SendError{Reason: intake.SendCredentials}},
		{"sinch", 403, `{"code":"illegal_number_type","text":"x"}`, intake.SendError{Reason: intake.SendNumber}},
		{"sinch", 403, `{"code":"unknown_campaign","text":"x"}`, intake.SendError{Reason: intake.SendRefused}},
		{"sinch", 403, `{"code":"something_new","text":"x"}`, intake.SendError{Reason: intake.SendCredentials}},
		{"sinch", 404, ``, intake.SendError{Reason: intake.SendCredentials}},
		{"sinch", 429, ``, intake.SendError{Reason: intake.SendLimited}},
		{"plivo", 202, `{"message":"message(s) queued","message_uuid":[],"invalid_number":["8613800138000"]}`, intake.SendError{Reason: intake.SendNumber}},
		{"plivo", 402, `{"error":"insufficient balance"}`, intake.SendError{Reason: intake.SendCredentials}},
		{"telnyx", 400, `{"errors":[{"code":"40310"}]}`, intake.SendError{Reason: intake.SendNumber}},
		{"telnyx", 429, `{"errors":[{"code":"40318"}]}`, intake.SendError{Reason: intake.SendLimited}},
		{"telnyx", 400, `{"errors":[{"code":"40309"}]}`, intake.SendError{Reason: intake.SendCredentials}},
		{"telnyx", 400, `{"errors":[{"code":"40306"}]}`, intake.SendError{Reason: intake.SendCredentials}},
		{"telnyx", 400, `{"errors":[{"code":"40321"}]}`, intake.SendError{Reason: intake.SendCredentials}},
		{"telnyx", 400, `{"errors":[{"code":"40319"}]}`, intake.SendError{Reason: intake.SendNumber}},
		{"telnyx", 400, `{"errors":[{"code":"40322"}]}`, intake.SendError{Reason: intake.SendRefused}},
		{"telnyx", 403, `{"errors":[{"code":"10039"}]}`, intake.SendError{Reason: intake.SendCredentials}},
		{"telnyx", 402, `{"errors":[{"code":"20100"}]}`, intake.SendError{Reason: intake.SendCredentials}},
		{"telnyx", 400, `{"errors":[{"code":"40305"}]}`, intake.SendError{Reason: intake.SendCredentials}},
		{"telnyx", 400, `{"errors":[{"code":"40312"}]}`, intake.SendError{Reason: intake.SendCredentials}},
		{"telnyx", 422, `{"errors":[{"code":"10002","source":{"pointer":"/to"}}]}`, intake.SendError{Reason: intake.SendNumber}},
		{"telnyx", 422, `{"errors":[{"code":"10002","source":{"pointer":"/from"}}]}`, intake.SendError{Reason: intake.SendCredentials}},
		{"twilio", 400, `{"code":21610}`, intake.SendError{Reason: intake.SendNumber}},
		{"twilio", 401, `{"code":20003}`, intake.SendError{Reason: intake.SendCredentials}},
		{"twilio", 429, ``, intake.SendError{Reason: intake.SendLimited}},
		{"twilio", 503, `x`, intake.SendError{Reason: intake.SendUnclear, Uncertain: true}},
		{"twilio", 307, ``, intake.SendError{Reason: intake.SendRefused}}, // no redirect is followed
		{"twilio", 201, `{"status":"failed"}`, intake.SendError{Reason: intake.SendRefused}},
		{"vonage", 200, `{"messages":[{"status":"1"}]}`, intake.SendError{Reason: intake.SendLimited}},
		{"vonage", 200, `{"messages":[{"status":"4"}]}`, intake.SendError{Reason: intake.SendCredentials}},
		{"vonage", 200, `{"messages":[{"status":"0"},{"status":"1"}]}`, intake.SendError{Reason: intake.SendUnclear, Uncertain: true}},
		{"vonage", 200, `broken`, intake.SendError{Reason: intake.SendUnclear, Uncertain: true}},
		{"aliyun", 200, `{"Code":"isv.MOBILE_NUMBER_ILLEGAL"}`, intake.SendError{Reason: intake.SendNumber}},
		{"aliyun", 200, `{"Code":"isv.BUSINESS_LIMIT_CONTROL"}`, intake.SendError{Reason: intake.SendLimited}},
		{"aliyun", 400, `{"Code":"InvalidAccessKeyId.NotFound"}`, intake.SendError{Reason: intake.SendCredentials}},
		{"aliyun", 200, `{"Code":"isp.SYSTEM_ERROR"}`, intake.SendError{Reason: intake.SendUnclear, Uncertain: true}},
		{"aliyun", 200, `{}`, intake.SendError{Reason: intake.SendUnclear, Uncertain: true}},
		{"tencent", 200, `{"Response":{"Error":{"Code":"AuthFailure.SignatureFailure"}}}`, intake.SendError{Reason: intake.SendCredentials}},
		{"tencent", 200, `{"Response":{"SendStatusSet":[{"Code":"FailedOperation.PhoneNumberInBlacklist"}]}}`, intake.SendError{Reason: intake.SendNumber}},
		{"tencent", 200, `{"Response":{"SendStatusSet":[{"Code":"LimitExceeded.PhoneNumberDailyLimit"}]}}`, intake.SendError{Reason: intake.SendLimited}},
		{"tencent", 200, `[]`, intake.SendError{Reason: intake.SendUnclear, Uncertain: true}},
		{"vonage", 200, `{"messages":[{"status":"9"}]}`, intake.SendError{Reason: intake.SendCredentials}}, // no credit left
		{"vonage", 200, `{"messages":[{"status":"10"}]}`, intake.SendError{Reason: intake.SendLimited}},
		{"vonage", 200, `{"messages":[{"status":"5"}]}`, intake.SendError{Reason: intake.SendUnclear, Uncertain: true}},
		{"vonage", 200, `{"messages":[{"status":"33"}]}`, intake.SendError{Reason: intake.SendNumber}},
		{"vonage", 200, `{"messages":[{"status":"15"}]}`, intake.SendError{Reason: intake.SendCredentials}},
		{"vonage", 200, `{"messages":[{"status":"17"}]}`, intake.SendError{Reason: intake.SendRefused}}, // none of its pages knows it
		{"aliyun", 200, `{"Code":"isv.BUSINESS_LIMIT_DAY"}`, intake.SendError{Reason: intake.SendLimited}},
		{"aliyun", 200, `{"Code":"isv.ACCOUNT_ABNORMAL"}`, intake.SendError{Reason: intake.SendCredentials}},
		{"aliyun", 200, `{"Code":"isv.SMS_TEMPLATE_ILLEGAL"}`, intake.SendError{Reason: intake.SendRefused}},
		{"aliyun", 400, `{"Code":"Throttling.User"}`, intake.SendError{Reason: intake.SendLimited}},
		{"aliyun", 400, `{"Code":"SignatureDoesNotMatch"}`, intake.SendError{Reason: intake.SendCredentials}},
		{"tencent", 200, `{"Response":{"SendStatusSet":[{"Code":"FailedOperation.InsufficientBalanceInSmsPackage"}]}}`, intake.SendError{Reason: intake.SendCredentials}},
		{"tencent", 200, `{"Response":{"SendStatusSet":[{"Code":"InvalidParameterValue.TemplateParameterLengthLimit"}]}}`, intake.SendError{Reason: intake.SendRefused}}, // the handler wrote none of it
		{"tencent", 200, `{"Response":{"Error":{"Code":"InternalError.Timeout"}}}`, intake.SendError{Reason: intake.SendUnclear, Uncertain: true}},
		{"telnyx", 422, `{"errors":[]}`, intake.SendError{Reason: intake.SendRefused}},
		{"telnyx", 400, `{"errors":[{"code":"40300"}]}`, intake.SendError{Reason: intake.SendNumber}},
		{"telnyx", 400, `{"errors":[{"code":"40302"}]}`, intake.SendError{Reason: intake.SendTooLong}},
		{"telnyx", 403, `{"errors":[{"code":"10010"}]}`, intake.SendError{Reason: intake.SendCredentials}},
		{"plivo", 400, `{"error":"dst is invalid"}`, intake.SendError{Reason: intake.SendRefused}},
		{"plivo", 401, `{"error":"authentication failed"}`, intake.SendError{Reason: intake.SendCredentials}},
		{"plivo", 429, `{}`, intake.SendError{Reason: intake.SendLimited}},
		{"plivo", 504, ``, intake.SendError{Reason: intake.SendUnclear, Uncertain: true}},
		{"sinch", 400, `{"code":"syntax_invalid_parameter_format"}`, intake.SendError{Reason: intake.SendRefused}},
		{"sinch", 401, ``, intake.SendError{Reason: intake.SendCredentials}},
		{"sinch", 500, ``, intake.SendError{Reason: intake.SendUnclear, Uncertain: true}},
		{"android", 401, ``, intake.SendError{Reason: intake.SendCredentials}},
		{"android", 429, ``, intake.SendError{Reason: intake.SendLimited}},
		{"custom", 200, `{"code":7}`, intake.SendError{Reason: intake.SendRefused}},
	} {
		srv, got := fake(t, c.status, c.answer)
		s, err := New(Gateway{Provider: c.provider, URL: srv.URL, Secret: "k3y", Success: `"code":0`, Fields: []string{"a=b"}}, clock)
		if err != nil {
			t.Fatal(err)
		}
		err = s.Send(t.Context(), number, Text{Body: "words", Values: values()})
		e, ok := errors.AsType[*intake.SendError](err)
		if !ok || *e != c.want || len(got()) != 1 {
			t.Errorf("%s %d %s: %v, %d calls", c.provider, c.status, c.answer, err, len(got()))
		}
		if strings.Contains(fmt.Sprint(err), "138") || strings.Contains(fmt.Sprint(err), "k3y") {
			t.Errorf("%s says too much: %v", c.provider, err)
		}
	}
}

// TestNothingLeaves: what can't be sent isn't tried, and a gateway that isn't there
// certainly has nothing.
func TestNothingLeaves(t *testing.T) {
	srv, got := fake(t, 200, "")
	s, err := New(Gateway{Provider: "telnyx", URL: srv.URL, Secret: "x"}, clock)
	if err != nil {
		t.Fatal(err)
	}
	for text, reason := range map[string]string{"": intake.SendNumber, "Office": intake.SendNumber} {
		if err := s.Send(t.Context(), text, Text{Body: "hi"}); err == nil || err.Error() != failed(reason).Error() {
			t.Errorf("to %q: %v", text, err)
		}
	}
	if err := s.Send(t.Context(), number, Text{Body: strings.Repeat("受", tenParts+1)}); err == nil || err.Error() != failed(intake.SendTooLong).Error() {
		t.Errorf("too long: %v", err)
	}
	if len(got()) != 0 {
		t.Error("something left")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	away, err := New(Gateway{Provider: "telnyx", URL: "http://" + ln.Addr().String(), Secret: "x"}, clock)
	if err != nil {
		t.Fatal(err)
	}
	e, ok := errors.AsType[*intake.SendError](away.Send(t.Context(), number, Text{Body: "hi"}))
	if !ok || e.Reason != intake.SendUnreachable || e.Uncertain {
		t.Errorf("away: %+v", e)
	}
	if _, err := New(Gateway{Provider: "huawei"}, nil); err == nil || !strings.Contains(err.Error(), "twilio") {
		t.Errorf("a provider that sends nothing: %v", err)
	}
}

// TestPace: ten go at once, then one a second.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, begun := newPace(0), time.Now()
		for range burst + 3 {
			if err := p.wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(begun); took != 3*time.Second {
			t.Errorf("it took %v, want 3 s", took)
		}
	})
}

// TestRest: a gateway that has too much to do (429, or 503 with a time) is left alone for as
// long as it asks, within bounds: the texts meanwhile are refused here, and certainly
// weren't sent.
func TestRest(t *testing.T) {
	for _, c := range []struct {
		status int
		after  string
		want   time.Duration
	}{
		{429, "30", 30 * time.Second}, {429, "", restTime}, {429, "Wed, 21 Oct 2026 07:28:00 GMT", restTime}, {429, "99999999999", mostRest}, {429, "-5", restTime},
		{503, "7", 7 * time.Second}, {503, "", 0}, {500, "30", 0}, {200, "30", 0},
	} {
		if got := retryAfter(&http.Response{StatusCode: c.status, Header: http.Header{"Retry-After": {c.after}}}); got != c.want {
			t.Errorf("%d, %q: rests %v, want %v", c.status, c.after, got, c.want)
		}
	}
	srv, got := fake(t, 429, "")
	s, err := New(Gateway{Provider: "twilio", URL: srv.URL, User: "AC1", Secret: "x", From: "+15550001111"}, clock)
	if err != nil {
		t.Fatal(err)
	}
	s.(*sender).pace.rest(time.Hour)
	e, ok := errors.AsType[*intake.SendError](s.Send(t.Context(), number, Text{Body: "hi"}))
	if !ok || e.Reason != intake.SendLimited || e.Uncertain || len(got()) != 0 {
		t.Errorf("while it rests: %+v, %d calls", e, len(got()))
	}
	synctest.Test(t, func(t *testing.T) {
		p, begun := newPace(0), time.Now()
		p.rest(20 * time.Second)
		p.rest(time.Second) // no earlier
		if err := p.wait(t.Context()); err != nil || time.Since(begun) != 20*time.Second {
			t.Errorf("waited %v (%v), want 20 s", time.Since(begun), err)
		}
	})
}

// TestNoWords: what a provider carries by approved templates holds nothing of the text,
// whatever its variables ask for.
func TestNoWords(t *testing.T) {
	for provider, answer := range map[string]string{"aliyun": `{"Code":"OK"}`, "tencent": `{"Response":{"SendStatusSet":[{"Code":"Ok"}]}}`} {
		srv, got := fake(t, 200, answer)
		s, err := New(Gateway{Provider: provider, URL: srv.URL, User: "id", Secret: "key", App: "1", Sign: "s", Template: "1",
			Variables: []string{"a={text}", "b={to}", "c={state}", "d={secret}"}}, clock)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Send(t.Context(), number, Text{Body: "confidential", Values: values()}); err != nil {
			t.Fatal(err)
		}
		if r := got()[0]; strings.Contains(r.body+r.query, "confidential") || strings.Contains(r.body+r.query, "key\"") {
			t.Errorf("%s carries the words: %s %s", provider, r.query, r.body)
		}
	}
}

// TestWebhook is signed as Standard Webhooks 1.0 has it, by its own example key.
func TestWebhook(t *testing.T) {
	srv, got := fake(t, 204, "")
	secret := "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	if err := NewWebhook(srv.URL, secret, clock).Send(t.Context(), "msg_1", "tipline.urgent.v1", map[string]string{"console": "https://desk.example.org/"}); err != nil {
		t.Fatal(err)
	}
	r := got()[0]
	if want := `{"data":{"console":"https://desk.example.org/"},"timestamp":"2026-11-24T08:00:00Z","type":"tipline.urgent.v1"}`; r.body != want || !json.Valid([]byte(r.body)) {
		t.Errorf("the body is %s", r.body)
	}
	key, err := base64.StdEncoding.DecodeString(secret[6:])
	if err != nil {
		t.Fatal(err)
	}
	want := "v1," + base64.StdEncoding.EncodeToString(mac(key, "msg_1.1795507200."+r.body))
	if r.header.Get("webhook-signature") != want || r.header.Get("webhook-id") != "msg_1" || r.header.Get("webhook-timestamp") != "1795507200" {
		t.Errorf("signed %q at %s, want %q", r.header.Get("webhook-signature"), r.header.Get("webhook-timestamp"), want)
	}
	srv, _ = fake(t, 500, "")
	if err := NewWebhook(srv.URL, "plain", clock).Send(t.Context(), "m", "x", nil); err == nil {
		t.Error("a failure is taken as heard")
	}
}
