package sms

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
)

func gbk(t *testing.T, s string) string {
	t.Helper()
	out, err := simplifiedchinese.GBK.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTencentDeliveries(t *testing.T) {
	one := `{"extend":"12","mobile":"13800138000","nationcode":"86","sign":"签名","text":"挖沙","time":1457336869}`
	runDeliveries(t, "tencent", []delivery{
		{"a reply", one, []filing{{Text: "挖沙", Sender: "+8613800138000", From: "+8613800138000", Notes: []string{"to 12", "sent 2016-03-07T07:47:49Z"}}}},
		{"abroad, as text", `{"mobile":"2025550123","nationcode":"1","text":"x","time":"1457336869"}`,
			[]filing{{Text: "x", Sender: "+12025550123", From: "+12025550123", Notes: []string{"sent 2016-03-07T07:47:49Z"}}}},
		{"no country", `{"mobile":13800138000,"text":"x","extend":null,"time":0}`,
			[]filing{{Text: "x", Sender: "+8613800138000", From: "13800138000", Notes: []string{"sent 1970-01-01T00:00:00Z"}}}},
		{"two, and a broken one", "[" + one + `,{oops},{"mobile":"1069","text":"y"}]`,
			[]filing{{Text: "挖沙", Sender: "+8613800138000", From: "+8613800138000", Raw: one, Notes: []string{"to 12", "sent 2016-03-07T07:47:49Z"}},
				held("{oops}"), {Text: "y", Sender: "1069", From: "1069", Raw: `{"mobile":"1069","text":"y"}`}}},
		{"a report of delivery", `[{"user_receive_time":"2015-10-17 08:03:04","nationcode":"86","mobile":"13800138000","report_status":"SUCCESS","errmsg":"DELIVRD","sid":"x"}]`, nil},
		{"not JSON", "oops", []filing{held("")}},
	})
}

// TestTencentSameText: a reply has no id. The same words at another second are
// another message, in the same second they are one.
func TestTencentSameText(t *testing.T) {
	o, h := open(t, "tencent")
	for _, second := range []string{"1457336869", "1457336870", "1457336869"} {
		deliver(h, "tencent", `{"mobile":"13800138000","nationcode":"86","text":"x","time":`+second+`}`)
	}
	if len(o.filings) != 2 {
		t.Errorf("%d reports of two texts", len(o.filings))
	}
}

func TestHuaweiDeliveries(t *testing.T) {
	garbled, err := charmap.ISO8859_1.NewDecoder().String("村北有人挖沙")
	if err != nil {
		t.Fatal(err)
	}
	runDeliveries(t, "huawei", []delivery{
		{"a text", form("smsMsgId", "h1", "from", "+8613800138000", "to", "1069", "body", "挖沙", "createTime", "2018-02-12T15:30:20Z"),
			[]filing{{Text: "挖沙", Sender: "+8613800138000", From: "+8613800138000", MessageID: "h1", Notes: []string{"to 1069", "sent 2018-02-12T15:30:20Z"}}}},
		{"garbled", form("smsMsgId", "h2", "from", "13800138000", "body", garbled),
			[]filing{{Text: "村北有人挖沙", Sender: "+8613800138000", From: "13800138000", MessageID: "h2", Flags: []string{"charset"}}}},
		{"Latin letters stay", form("smsMsgId", "h3", "from", "13800138000", "body", "Café à 5 €"),
			[]filing{{Text: "Café à 5 €", Sender: "+8613800138000", From: "13800138000", MessageID: "h3"}}},
		{"no id", form("from", "13800138000", "body", "x"), []filing{{Text: "x", Sender: "+8613800138000", From: "13800138000"}}},
		{"a report of delivery", form("sequence", "1", "total", "1", "orgCode", "000", "updateTime", "2018-04-13T06:31:46Z", "source", "2", "smsMsgId", "h4_6", "status", "DELIVRD", "extend", "x", "to", "+8613800138000"), nil},
		{"reports of delivery", `{"statusReportList":[{"smsMsgId":"h5_6","total":"1","sequence":"1","status":"E200018","source":"3"}]}`, nil},
		{"another list", `{"reports":[{"smsMsgId":"h5_6","status":"DELIVRD"}]}`, []filing{held("")}},
		{"no report: it has words", form("smsMsgId", "h6", "from", "13800138000", "body", "x", "status", "1"), []filing{{Text: "x", Sender: "+8613800138000", From: "13800138000", MessageID: "h6"}}},
		{"another event", form("smsMsgId", "h7"), []filing{held("")}},
		{"broken", "from=%zz", []filing{held("")}},
		{"nothing", "", nil},
	})
}

// TestHuaweiUnsigned: without the signature the key is asked for.
func TestHuaweiUnsigned(t *testing.T) {
	body := form("smsMsgId", "h1", "from", "13800138000", "body", "x")
	signed := newCallback("huawei", body).header
	stale := signed.Clone()
	stale.Set("X-Sdk-Date", "20261124T055959Z")
	for _, c := range []struct {
		name, target string
		header       http.Header
		status       int
	}{
		{"signed", hookPath, signed, 200},
		{"key", hookPath + "/" + url.PathEscape(keyText), nil, 200},
		{"neither", hookPath, nil, 403},
		{"a wrong signature beside the key", hookPath + "/" + url.PathEscape(keyText), stale, 403},
		{"no signed headers", hookPath, http.Header{"Authorization": {"SDK-HMAC-SHA256 Signature="}}, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, h := open(t, "huawei")
			if w := call(h, http.MethodPost, c.target, body, c.header); w.Code != c.status {
				t.Errorf("answered %d", w.Code)
			}
		})
	}
}

// TestCharsets: what a request declares is honoured, and GB18030 is recognized
// where nothing is declared.
func TestCharsets(t *testing.T) {
	const text = "村北有人挖沙，三天了"
	for _, c := range []struct{ name, provider, body, contentType string }{
		{"form in GBK, declared", "huawei", form("smsMsgId", "1", "from", "13800138000", "body", gbk(t, text)), "application/x-www-form-urlencoded; charset=GBK"},
		{"form in GBK, undeclared", "huawei", form("smsMsgId", "1", "from", "13800138000", "body", gbk(t, text)), ""},
		{"form in UTF-8, declared as GBK by mistake", "huawei", form("smsMsgId", "1", "from", "13800138000", "body", text+"。"), "application/x-www-form-urlencoded; charset=US-ASCII"},
		{"JSON in GBK, declared", "tencent", gbk(t, `{"mobile":"13800138000","text":"`+text+`"}`), "application/json; charset=gb2312"},
		{"JSON in GBK, undeclared", "aliyun", gbk(t, `[{"phone_number":"13800138000","content":"`+text+`"}]`), ""},
		{"JSON behind a byte order mark", "aliyun", "\uFEFF" + `[{"phone_number":"13800138000","content":"` + text + `"}]`, ""},
		{"JSON in an unknown charset", "standard", `{"from":"13800138000","text":"` + text + `"}`, "application/json; charset=klingon"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, h := open(t, c.provider)
			call := newCallback(c.provider, c.body)
			call.header.Set("Content-Type", c.contentType)
			if w := call.to(h); w.Code != 200 || len(o.filings) != 1 || strings.TrimSuffix(o.filings[0].Text, "。") != text {
				t.Errorf("answered %d, filed %+v", w.Code, o.filings)
			}
		})
	}
}
