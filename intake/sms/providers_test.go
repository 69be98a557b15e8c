package sms

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
	"tipline/intake/intaketest"
	"tipline/intake/sms/gateway"
)

// delivery is one callback and what the office must have got of it. An empty
// Raw stands for the whole body, an empty MessageID isn't looked at.
type delivery struct {
	name string
	body string
	want []filing
}

func runDeliveries(t *testing.T, provider string, table []delivery) {
	for _, d := range table {
		t.Run(d.name, func(t *testing.T) {
			o, h := open(t, provider, ack(AckNone))
			for range 2 { // a redelivery is a success and nothing new
				w := deliver(h, provider, d.body)
				got := [2]string{w.Header().Get("Content-Type"), w.Body.String()}
				if w.Code/100 != 2 || got != wires()[provider].answer {
					t.Fatalf("answered %d %q", w.Code, got)
				}
			}
			if diff := cmp.Diff(d.expected(newCallback(provider, d.body).body, o.filings), o.filings); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func (d delivery) expected(raw string, got []filing) []filing {
	want := append([]filing(nil), d.want...)
	for i := range want {
		if want[i].Raw == "" {
			want[i].Raw = raw
		}
		if want[i].Hold { // what can't be read stands with the identity as it came
			want[i].Notes = append(want[i].Notes, want[i].Raw)
		}
		if want[i].MessageID == "" && i < len(got) {
			want[i].MessageID = got[i].MessageID
		}
		if want[i].Reply == "" {
			want[i].Reply = intake.ReplyContact
		}
	}
	return want
}

func form(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

func held(raw string) filing {
	return filing{Raw: raw, Hold: true, Flags: []string{"unparsed"}, Reply: intake.ReplyNone}
}

func TestTwilioDeliveries(t *testing.T) {
	long := strings.Repeat("村北有人挖沙，已经三天了。", 6)
	runDeliveries(t, "twilio", []delivery{
		{"a text", form("MessageSid", "SM1", "AccountSid", "AC1", "From", "+8613800138000", "To", "+15550006", "Body", "村北 <有人> & 挖沙", "NumMedia", "0"),
			[]filing{{Text: "村北 <有人> & 挖沙", Sender: "+8613800138000", From: "+8613800138000", MessageID: "SM1", Notes: []string{"to +15550006"}}}},
		{"pictures", form("MessageSid", "MM2", "From", "+1 (415) 867-5309", "Body", "", "NumMedia", "2", "MediaUrl0", "https://a.example/0", "MediaUrl1", "https://a.example/1"),
			[]filing{{Sender: "+14158675309", From: "+1 (415) 867-5309", MessageID: "MM2", Flags: []string{"media:2"}}}},
		{"a name as sender", form("MessageSid", "SM3", "From", "VILLAGE", "Body", "hello"),
			[]filing{{Text: "hello", Sender: "VILLAGE", From: "VILLAGE", MessageID: "SM3", Reply: intake.ReplyNone}}},
		{"base64 text", form("MessageSid", "SM4", "From", "+8613800138000", "Body", base64.StdEncoding.EncodeToString([]byte(long))),
			[]filing{{Text: long, Sender: "+8613800138000", From: "+8613800138000", MessageID: "SM4", Flags: []string{"base64"}}}},
		{"looks like base64", form("MessageSid", "SM5", "From", "+8613800138000", "Body", strings.Repeat("a", 64)),
			[]filing{{Text: strings.Repeat("a", 64), Sender: "+8613800138000", From: "+8613800138000", MessageID: "SM5"}}},
		{"repeated keys", form("MessageSid", "SM6", "From", "+8613800138000", "Body", "x", "Tag", "2", "Tag", "1", "Tag", "2"),
			[]filing{{Text: "x", Sender: "+8613800138000", From: "+8613800138000", MessageID: "SM6"}}},
		{"older name of the id", form("SmsSid", "SM7", "From", "+8613800138000", "Body", "x"),
			[]filing{{Text: "x", Sender: "+8613800138000", From: "+8613800138000", MessageID: "SM7"}}},
		{"no id", form("From", "+8613800138000", "Body", "x"), []filing{{Text: "x", Sender: "+8613800138000", From: "+8613800138000"}}},
		{"a call", form("CallSid", "CA1"), []filing{held("")}},
		{"as it comes", form("MessageSid", "SM8", "SmsMessageSid", "SM8", "SmsStatus", "received", "From", "+8613800138000", "Body", "x"),
			[]filing{{Text: "x", Sender: "+8613800138000", From: "+8613800138000", MessageID: "SM8"}}},
		{"a report of delivery", form("MessageSid", "SM9", "MessageStatus", "delivered", "SmsStatus", "delivered", "From", "+15550006", "To", "+8613800138000"), nil},
		{"nothing", "", nil},
	})
}

func TestStandardDeliveries(t *testing.T) {
	runDeliveries(t, "standard", []delivery{
		{"a text", `{"id":"m-1","from":"13800138000","to":"10690000","text":"挖沙","received_at":"2026-11-24T09:00:00+08:00"}`,
			[]filing{{Text: "挖沙", Sender: "+8613800138000", From: "13800138000", MessageID: "msg_1", Notes: []string{"to 10690000", "sent 2026-11-24T09:00:00+08:00"}}}},
		{"pictures and numbers", `{"id":7,"from":8613800138000,"text":"","media":[{"url":"https://a.example/1"},{"url":"https://a.example/2"},{}]}`,
			[]filing{{Sender: "+8613800138000", From: "8613800138000", MessageID: "msg_1", Flags: []string{"media:3"}}}},
		{"no sender", `{"text":"x","from":null}`, []filing{{Text: "x", MessageID: "msg_1", Reply: intake.ReplyNone}}},
		{"not JSON", `{"text":`, []filing{held("")}},
		{"wrong types", `{"from":"1","text":["x"]}`, []filing{held("")}},
		{"another event", `{"test":2432232314}`, []filing{held("")}},
		{"nothing", " \n", nil},
	})
}

func TestAliyunDeliveries(t *testing.T) {
	one := `{"phone_number":"13800138000","content":"挖沙","send_time":"2017-09-01 00:00:00","dest_code":"1234","sequence_id":"1234567890"}`
	two := `{"phone_number":13900139000,"content":"a ], \"b\" }","send_time":"20170901000000","sequence_id":12345678901234567890,"sign_name":"签名"}`
	first := filing{Text: "挖沙", Sender: "+8613800138000", From: "13800138000", MessageID: "1234567890", Raw: one, Notes: []string{"to 1234", "sent 2017-09-01T00:00:00+08:00"}}
	second := filing{Text: `a ], "b" }`, Sender: "+8613900139000", From: "13900139000", MessageID: "12345678901234567890", Raw: two, Notes: []string{"sent 2017-09-01T00:00:00+08:00"}}
	bare := `{"phone_number":"13800138000","content":"x","send_time":"yesterday"}`
	runDeliveries(t, "aliyun", []delivery{
		{"two", "[" + one + "," + two + "]", []filing{first, second}},
		{"reports of delivery", `[{"phone_number":"13800138000","send_time":"2017-01-01 00:00:00","report_time":"2017-01-01 00:00:00","success":true,"err_code":"DELIVERED","err_msg":"x","sms_size":"1","biz_id":"1","out_id":"1"}]`, nil},
		{"reports of delivery abroad", `[{"To":"8521234567","SendDate":"Thu, 25 Nov 2021 10:25:00 +0800","ReceiveDate":"Thu, 25 Nov 2021 10:25:33 +0800","Status":"1","MessageId":"1","TaskId":"2","SmsSize":"1","ErrorCode":"success","ErrorDescription":"success"}]`, nil},
		{"no words", `[{"phone_number":"13800138000"}]`, []filing{held(`{"phone_number":"13800138000"}`)}},
		{"bad neighbours", `[42, null, ` + one + `, {"content":{}}, {oops "}"}, ` + two + `, {}]`,
			[]filing{held("42"), held("null"), first, held(`{"content":{}}`), held(`{oops "}"}`), second, held("{}")}},
		{"cut off", "[" + one + "," + two[:40], []filing{first, held(two[:40])}},
		{"one alone", one, []filing{first}},
		{"no id, no known time", "[" + bare + "]", []filing{{Text: "x", Sender: "+8613800138000", From: "13800138000", Raw: bare, Notes: []string{"sent yesterday"}}}},
		{"a flood", "[" + strings.Repeat("1,", maxElements) + "1]", []filing{held("")}},
		{"empty array", "[]", nil},
		{"nothing", "", nil},
	})
}

func TestAndroidDeliveries(t *testing.T) {
	event := func(name, payload string) string {
		return `{"deviceId":"d","event":"` + name + `","id":"e1","payload":` + payload + `,"webhookId":"w"}`
	}
	runDeliveries(t, "android", []delivery{
		{"a text", event("sms:received", `{"messageId":"abc","message":"挖沙","sender":"+8613800138000","recipient":"+8613900139000","simNumber":null,"receivedAt":"2024-06-22T15:46:11.000+07:00"}`),
			[]filing{{Text: "挖沙", Sender: "+8613800138000", From: "+8613800138000", Notes: []string{"to +8613900139000", "sent 2024-06-22T15:46:11.000+07:00"}}}},
		{"older app", event("sms:received", `{"messageId":"abc","message":"","phoneNumber":"10086"}`), []filing{{Sender: "10086", From: "10086"}}},
		{"bare", `{"messageId":"abc","message":"x","sender":"13800138000"}`, []filing{{Text: "x", Sender: "+8613800138000", From: "13800138000"}}},
		{"data", event("sms:data-received", `{"messageId":"abc","data":"SGVsbG8=","sender":"13800138000"}`), []filing{{Text: "Hello", Sender: "+8613800138000", From: "13800138000"}}},
		{"binary data", event("sms:data-received", `{"messageId":"abc","data":"/w==","sender":"13800138000"}`), []filing{held("")}},
		{"picture", event("mms:downloaded", `{"messageId":"abc","body":"看","sender":"13800138000","attachments":[{},{}]}`),
			[]filing{{Text: "看", Sender: "+8613800138000", From: "13800138000", Flags: []string{"media:2"}}}},
		{"a batch", event("sms:batch:received", `{"messages":[{"messageId":"a","message":"挖沙","sender":"13800138000"},{oops},{"messageId":"b","data":"SGVsbG8=","sender":"13800138001"},{"simNumber":1}]}`),
			[]filing{{Text: "挖沙", Sender: "+8613800138000", From: "13800138000", Raw: `{"messageId":"a","message":"挖沙","sender":"13800138000"}`}, held("{oops}"),
				{Text: "Hello", Sender: "+8613800138001", From: "13800138001", Raw: `{"messageId":"b","data":"SGVsbG8=","sender":"13800138001"}`}, held(`{"simNumber":1}`)}},
		{"a batch of pictures", event("mms:batch:downloaded", `{"messages":[{"messageId":"m","subject":"村北","body":null,"sender":"13800138000","attachments":[{"contentType":"image/jpeg"}]}]}`),
			[]filing{{Text: "村北", Sender: "+8613800138000", From: "13800138000", Flags: []string{"media:1"},
				Raw: `{"messageId":"m","subject":"村北","body":null,"sender":"13800138000","attachments":[{"contentType":"image/jpeg"}]}`}}},
		{"no batch at all", event("sms:batch:received", `{"messages":[]}`), nil},
		{"picture on its way", event("mms:received", `{"messageId":"abc","sender":"13800138000"}`), []filing{held("")}},
		{"ping", event("system:ping", `{"health":{}}`), nil},
		{"delivery note", event("sms:delivered", `{"messageId":"abc","recipient":"13800138000"}`), nil},
		{"not JSON", `sms`, []filing{held("")}},
	})
}

// TestAndroidPictures: the files that come along with a picture message are files of its tip, once;
// a callback may be as large as they make it.
func TestAndroidPictures(t *testing.T) {
	o := intaketest.Open(t)
	var filed []intake.Filed
	h := officeHandler(t, o, "android", &filed)
	picture := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("GIF89a picture of the pond ", 60_000)))
	body := `{"event":"mms:downloaded","payload":{"messageId":"abc","subject":"村北","body":"看","sender":"13800138000","attachments":[` +
		`{"partId":1,"contentType":"text/plain","name":"note.txt","data":"5p2R5YyX\n"},{"contentType":"image/gif","name":"pond.gif","size":1,"data":"` + picture + `"},{"name":"stayed.jpg","data":null}]}}`
	for i := range 2 {
		a := account("android")
		a.Now = o.Clock.Now()
		c := gateway.Sign("android", a, body)
		if w := call(h, c.Method, hookPath, c.Body, c.Header); w.Code != 200 || filed[i].Duplicate != (i > 0) {
			t.Fatalf("answered %d, again %t", w.Code, filed[i].Duplicate)
		}
	}
	tip, err := o.Store.Tip(t.Context(), filed[0].ID)
	intaketest.Must(t, err)
	if tip.Files != 2 {
		t.Errorf("%d files, want 2", tip.Files)
	}
	reports, err := Read(Channel{Name: "city", Provider: "android", Secrets: []string{keyText}}, []byte(body))
	if err != nil || len(reports) != 1 || reports[0].Words.Text != "村北\n看" || !slices.Contains(reports[0].Flags, "media:1") {
		t.Fatalf("read again: %v, %+v", err, reports)
	}
	var names []string
	for f, err := range reports[0].Decode(nil, reports[0]) {
		intaketest.Must(t, err)
		b, err := io.ReadAll(f.Body)
		intaketest.Must(t, err)
		names = append(names, fmt.Sprint(f.Name, " ", f.Type, " ", len(b)))
	}
	if want := []string{"note.txt text/plain 6", fmt.Sprint("pond.gif image/gif ", 27*60_000)}; !slices.Equal(names, want) {
		t.Errorf("files %q, want %q", names, want)
	}
	if got := (android{}).wrap([]byte(`{"message":"x","sender":"1"}`)); len((android{}).decode(&http.Request{Header: http.Header{}}, got)) != 1 {
		t.Error("an element of a batch can't be read again")
	}
}

// TestAndroidIDRepeats: the app's 32-bit id may come twice for different texts.
func TestAndroidIDRepeats(t *testing.T) {
	o, h := open(t, "android")
	for _, text := range []string{"one", "two", "one"} {
		deliver(h, "android", `{"event":"sms:received","payload":{"messageId":"abc","message":"`+text+`","sender":"13800138000"}}`)
	}
	if len(o.filings) != 2 {
		t.Errorf("%d reports of two texts", len(o.filings))
	}
}
