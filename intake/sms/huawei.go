package sms

// Huawei Cloud Message & SMS, "receiving an uplink SMS"
// (support.huaweicloud.com/api-msgsms/sms_05_0004.html):
//
//	POST /hooks/sms/city
//	Content-Type: application/x-www-form-urlencoded
//	X-Sdk-Date: 20260101T010203Z
//	Authorization: SDK-HMAC-SHA256 Access=…, SignedHeaders=content-type;host;x-sdk-date, Signature=…
//
//	smsMsgId=…&from=%2B8613800138000&to=106900000000&body=…&createTime=2018-02-12T15%3A30%3A20Z
//
// What became of texts we sent (…/sms_05_0003.html, …/sms_05_0063.html) is a form with a status and
// no body, or {"statusReportList": […]}.
//
// It signs when that is switched on ("push AK/SK authentication"): the secret is
// the pushing SK. Without it the secret comes with the request: see keyed. A body
// may come as UTF-8 that was taken for ISO-8859-1 on the way.

import (
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

type huawei struct {
	keyed
	sdk sdkSignature
}

func newHuawei(c Channel, now func() time.Time) (provider, error) {
	sdk, err := newSDKSignature(c, now)
	if err != nil {
		return nil, err
	}
	return huawei{newKeyed(c), sdk}, nil
}

func (p huawei) verify(r *http.Request, body []byte) error {
	if strings.HasPrefix(r.Header.Get("Authorization"), sdkScheme+" ") {
		return p.sdk.verify(r, body)
	}
	return p.keyed.verify(r, body)
}

func (huawei) decode(r *http.Request, body []byte) []message {
	if _, reports := listAt(body, "statusReportList"); reports {
		return nil // what became of texts we sent
	}
	form, ok := formOf(r, body)
	if ok && form.Get("status") != "" && !form.Has("body") {
		return nil // what became of a text we sent
	}
	if !ok || !form.Has("from") && !form.Has("body") {
		return unparsed("", body)
	}
	m := message{id: form.Get("smsMsgId"), from: form.Get("from"), to: form.Get("to"), sent: form.Get("createTime"), raw: body}
	var mended bool
	if m.text, mended = ungarbled(form.Get("body")); mended {
		m.flags = append(m.flags, "charset")
	}
	return []message{m}
}

// ungarbled undoes that UTF-8 was read as ISO-8859-1: every letter is a byte, and
// together the bytes are UTF-8 beyond ASCII, which no text in a Latin script is by
// chance.
func ungarbled(text string) (string, bool) {
	bytes, wide := make([]byte, 0, len(text)), false
	for _, r := range text {
		if r > 0xFF {
			return text, false
		}
		wide = wide || r >= utf8.RuneSelf
		bytes = append(bytes, byte(r))
	}
	if !wide || !utf8.Valid(bytes) {
		return text, false
	}
	return string(bytes), true
}

func (huawei) answer(string) reply { return reply{contentType: textType, body: "OK"} }

// sdkBack is how long a signed request may be on its way.
const sdkBack = 15 * time.Minute

// sdkTime holds an X-Sdk-Date against the clock.
func sdkTime(s string, now time.Time) error {
	t, err := time.Parse("20060102T150405Z", s)
	if err != nil {
		return fmt.Errorf("%w: X-Sdk-Date is no time", errSignature)
	}
	return within(t, now, sdkBack)
}
