package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"time"
)

func aliyun(_ Account, ms []Message) string {
	return asJSON(list(ms, func(m Message) any {
		return map[string]string{"phone_number": m.From, "dest_code": m.To, "content": m.Text, "sequence_id": m.ID, "send_time": chinaTime(m.Sent)}
	}))
}

// chinaTime is a moment as Chinese gateways write it.
func chinaTime(t time.Time) string {
	return t.In(time.FixedZone("CST", 8*60*60)).Format(time.DateTime)
}

func tencent(_ Account, ms []Message) string {
	m := ms[0]
	return object(m, map[string]any{"mobile": m.From, "nationcode": "", "extend": m.To, "text": m.Text, "time": m.Sent.Unix(), "sign": "签名"})
}

func huawei(_ Account, ms []Message) string {
	m := ms[0]
	return form(m, "smsMsgId", m.ID, "from", m.From, "to", m.To, "body", m.Text)
}

// signHuawei signs host and time (SDK-HMAC-SHA256).
func signHuawei(a Account, c *Call) {
	u, err := url.Parse(a.URL)
	if err != nil {
		u = &url.URL{}
	}
	date := a.Now.UTC().Format("20060102T150405Z")
	request := "POST\n" + u.Path + "/\n\nhost:" + u.Host + "\nx-sdk-date:" + date + "\n\nhost;x-sdk-date\n" + hexHash(c.Body)
	signature := sum(sha256.New, a.Secret, "SDK-HMAC-SHA256\n"+date+"\n"+hexHash(request))
	c.Header.Set("X-Sdk-Date", date)
	c.Header.Set("Authorization", "SDK-HMAC-SHA256 Access=app, SignedHeaders=host;x-sdk-date, Signature="+hex.EncodeToString(signature))
}

func android(_ Account, ms []Message) string {
	one := func(m Message) any {
		return map[string]string{"messageId": m.ID, "sender": m.From, "recipient": m.To, "message": m.Text}
	}
	if len(ms) == 1 {
		return object(ms[0], map[string]any{"event": "sms:received", "payload": one(ms[0])})
	}
	return asJSON(map[string]any{"event": "sms:batch:received", "payload": map[string]any{"messages": list(ms, one)}})
}

func signAndroid(a Account, c *Call) {
	c.Header.Set("X-Timestamp", a.seconds())
	c.Header.Set("X-Signature", hex.EncodeToString(sum(sha256.New, a.Secret, c.Body, a.seconds())))
}
