package sms

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
)

func TestVonageDeliveries(t *testing.T) {
	text := form("messageId", "n1", "msisdn", "8613800138000", "to", "10690000", "text", "村北 a=b & c", "type", "unicode", "keyword", "村北", "message-timestamp", "2020-01-01 14:00:00")
	runDeliveries(t, "vonage", []delivery{
		{"a text", text, []filing{{Text: "村北 a=b & c", Sender: "+8613800138000", From: "+8613800138000", MessageID: "n1", Notes: []string{"to 10690000", "sent 2020-01-01T14:00:00Z"}}}},
		{"a name", form("messageId", "n2", "msisdn", "VILLAGE", "text", ""), []filing{{Sender: "VILLAGE", From: "VILLAGE", MessageID: "n2", Reply: "none"}}},
		{"a short code", form("messageId", "n3", "msisdn", "10086", "text", "x"), []filing{{Text: "x", Sender: "10086", From: "10086", MessageID: "n3"}}},
		{"no id", form("msisdn", "10086", "text", "x"), []filing{{Text: "x", Sender: "10086", From: "10086"}}},
		{"data", form("messageId", "n4", "msisdn", "8613800138000", "type", "binary", "data", "0102"), []filing{held("")}},
		{"a receipt of delivery", form("messageId", "n5", "msisdn", "8613800138000", "to", "Office", "status", "delivered", "scts", "2001011400", "err-code", "0"), nil},
		{"another event", form("messageId", "n6"), []filing{held("")}},
	})
}

// TestVonageForms: the same message by POST or GET, as a form or an object, under
// every way to sign.
func TestVonageForms(t *testing.T) {
	const object = `{"messageId":"n1","msisdn":"8613800138000","to":"10690000","text":"村北有人挖沙","timestamp":"1795500000","sig":"SIG"}`
	base := "&messageId=n1&msisdn=8613800138000&text=村北有人挖沙&timestamp=1795500000&to=10690000"
	query := form("messageId", "n1", "msisdn", "8613800138000", "to", "10690000", "text", "村北有人挖沙", "timestamp", "1795500000", "sig", vonageSum(base))
	for _, c := range []struct{ name, method, target, body, contentType string }{
		{"form", "POST", "", query, "application/x-www-form-urlencoded"},
		{"query", "GET", "?" + query, "", ""},
		{"object", "POST", "", strings.Replace(object, "SIG", vonageSum(base), 1), "application/json"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, h := open(t, "vonage")
			w := call(h, c.method, hookPath+c.target, c.body, http.Header{"Content-Type": {c.contentType}})
			if w.Code != 200 || len(o.filings) != 1 || o.filings[0].Text != "村北有人挖沙" || o.filings[0].From != "+8613800138000" {
				t.Errorf("answered %d, filed %+v", w.Code, o.filings)
			}
		})
	}
}

// TestVonageLooks: before it takes an address, Vonage asks it for nothing at all, and wants 200. That is no
// callback, of nobody else's either.
func TestVonageLooks(t *testing.T) {
	for _, c := range []struct {
		provider, method, query string
		status                  int
	}{{"vonage", "GET", "", 200}, {"vonage", "GET", "?a=b", 403}, {"vonage", "POST", "", 403}, {"vonage-messages", "GET", "", 405}, {"plivo", "GET", "", 403}} {
		o, h := open(t, c.provider)
		before := len(o.outcomes)
		w := call(h, c.method, hookPath+c.query, "", nil)
		if w.Code != c.status || len(o.filings) > 0 || c.status == 200 && len(o.outcomes) > before {
			t.Errorf("%s %s%s: answered %d, %d reports, %v", c.provider, c.method, c.query, w.Code, len(o.filings), o.outcomes)
		}
	}
}

// TestWindows: how old a signed message may be depends on how long its gateway
// delivers again.
func TestWindows(t *testing.T) {
	for provider, back := range map[string]time.Duration{"standard": window, "android": window, "telnyx": window, "huawei": sdkBack, "custom": window,
		"vonage": vonageBack, "vonage-messages": vonageBack, "sinch": sinchBack, "bird": birdBack} {
		for late, status := range map[time.Duration]int{0: 2, back: 2, back + time.Second: 4, -window: 2, -window - time.Second: 4} {
			o := &office{seen: map[string]bool{}}
			options := o.options()
			options.Now = func() time.Time { return time.Unix(moment, 0).Add(late) }
			channel := Channel{Name: "city", Provider: provider, Secrets: []string{keyText}, URL: hookURL}
			if settle := wires()[provider].settle; settle != nil {
				settle(&channel)
			}
			h, err := NewHandler(channel, options)
			if err != nil {
				t.Fatal(err)
			}
			w := deliver(h, provider, encode(provider, said{"+8613800138000", "1069", "x"}))
			if w.Code/100 != status || status == 4 && o.outcomes[0] != "stale" {
				t.Errorf("%s, %v late: answered %d, %v", provider, late, w.Code, o.outcomes)
			}
		}
	}
}

func TestPlivoDeliveries(t *testing.T) {
	runDeliveries(t, "plivo", []delivery{
		{"a text", form("MessageUUID", "p1", "From", "8613800138000", "To", "10690000", "Text", "挖沙", "Type", "sms"),
			[]filing{{Text: "挖沙", Sender: "+8613800138000", From: "+8613800138000", MessageID: "p1", Notes: []string{"to 10690000"}}}},
		{"pictures", form("MessageUUID", "p2", "From", "8613800138000", "Body", "看", "Type", "mms", "MediaCount", "2", "Media0", "https://a.example/0", "Media1", "https://a.example/1"),
			[]filing{{Text: "看", Sender: "+8613800138000", From: "+8613800138000", MessageID: "p2", Flags: []string{"media:2"}}}},
		{"no id", form("From", "8613800138000", "Text", "x"), []filing{{Text: "x", Sender: "+8613800138000", From: "+8613800138000"}}},
		{"a status", form("MessageUUID", "p3", "From", "15550006", "To", "8613800138000", "Status", "delivered"), nil},
		{"another event", form("MessageUUID", "p4"), []filing{held("")}},
	})
}

// TestPlivoV2: the body isn't signed, so its nonce goes to the store, which takes
// it once; V3 is what counts when both are there.
func TestPlivoV2(t *testing.T) {
	body := form("MessageUUID", "p1", "From", "8613800138000", "Text", "x")
	v2 := http.Header{"X-Plivo-Signature-V2": {base64MAC(hookURL, "77")}, "X-Plivo-Signature-V2-Nonce": {"77"}}
	main := http.Header{"X-Plivo-Signature-Ma-V2": {base64MAC(hookURL, "77")}, "X-Plivo-Signature-V2-Nonce": {"77"}}
	both := newCallback("plivo", body).header
	both.Set("X-Plivo-Signature-V2", base64MAC(hookURL, "77"))
	both.Set("X-Plivo-Signature-V2-Nonce", "77")
	forged := both.Clone()
	forged.Set("X-Plivo-Signature-V3", "b3RoZXI=")
	bare := v2.Clone()
	bare.Del("X-Plivo-Signature-V2-Nonce")
	for _, c := range []struct {
		name   string
		header http.Header
		nonce  string
		status int
	}{
		{"V2", v2, "77", 200},
		{"V2 of the main account", main, "77", 200},
		{"both", both, "", 200},
		{"V3 is wrong", forged, "", 403},
		{"no nonce", bare, "", 403},
		{"none", nil, "", 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, h := open(t, "plivo")
			if w := call(h, "POST", hookPath, body, c.header); w.Code != c.status {
				t.Fatalf("answered %d", w.Code)
			}
			if c.status == 200 && o.nonces[0] != c.nonce {
				t.Errorf("the nonce is %q", o.nonces[0])
			}
		})
	}
}

func TestMessageBirdDeliveries(t *testing.T) {
	object := `{"id":"m3","originator":8613800138000,"recipient":"10690000","body":"x","mediaUrls":["https://a.example/0"]}`
	runDeliveries(t, "messagebird", []delivery{
		{"a text", form("id", "m1", "originator", "8613800138000", "recipient", "10690000", "body", "挖沙", "createdDatetime", "2026-01-01T00:00:00+00:00"),
			[]filing{{Text: "挖沙", Sender: "+8613800138000", From: "+8613800138000", MessageID: "m1", Notes: []string{"to 10690000", "sent 2026-01-01T00:00:00+00:00"}}}},
		{"pictures", form("id", "m2", "originator", "8613800138000", "subject", "村北", "mediaUrls[0]", "https://a.example/0", "mediaUrls[1]", "https://a.example/1"),
			[]filing{{Text: "村北", Sender: "+8613800138000", From: "+8613800138000", MessageID: "m2", Flags: []string{"media:2"}}}},
		{"an object", object, []filing{{Text: "x", Sender: "+8613800138000", From: "+8613800138000", MessageID: "m3", Notes: []string{"to 10690000"}, Flags: []string{"media:1"}}}},
		{"a report of delivery", form("id", "m4", "reference", "r", "recipient", "8613800138000", "status", "delivered", "statusReason", "successfully delivered", "statusErrorCode", "0", "statusDatetime", "2026-01-01T00:00:00+00:00"), nil},
		{"another event", form("id", "m5"), []filing{held("")}},
		{"broken", "{", []filing{held("")}},
	})
}

// TestMessageBirdReports: what became of a text comes by GET, and the token covers its query.
func TestMessageBirdReports(t *testing.T) {
	query := form("id", "m4", "recipient", "8613800138000", "status", "delivered", "statusDatetime", "2026-01-01T00:00:00+00:00")
	for signed, status := range map[string]int{hookURL + "?" + query: 200, hookURL: 403, hookURL + "?" + query + "&a=b": 403} {
		claims := map[string]any{"iss": "MessageBird", "nbf": moment, "exp": moment + 60, "url_hash": sumOf(signed)}
		o, h := open(t, "messagebird")
		w := call(h, "GET", hookPath+"?"+query, "", http.Header{"Messagebird-Signature-Jwt": {token(keyText, claims)}})
		if w.Code != status || len(o.filings) > 0 {
			t.Errorf("%s: answered %d, %d reports", signed, w.Code, len(o.filings))
		}
	}
}

func TestMessageBirdClaims(t *testing.T) {
	body := form("id", "m1", "originator", "8613800138000", "body", "x")
	for name, c := range map[string]struct {
		change func(map[string]any)
		status int
	}{
		"good":              {func(map[string]any) {}, 200},
		"a second early":    {func(m map[string]any) { m["nbf"] = moment + 1 }, 200},
		"two seconds early": {func(m map[string]any) { m["nbf"] = moment + 2 }, 403},
		"a second late":     {func(m map[string]any) { m["exp"] = moment - 1 }, 200},
		"two seconds late":  {func(m map[string]any) { m["exp"] = moment - 2 }, 403},
		"no end":            {func(m map[string]any) { delete(m, "exp") }, 403},
		"another issuer":    {func(m map[string]any) { m["iss"] = "Bird" }, 403},
		"another address":   {func(m map[string]any) { m["url_hash"] = sumOf(hookURL + "/") }, 403},
		"no body":           {func(m map[string]any) { delete(m, "payload_hash") }, 403},
	} {
		claims := map[string]any{"iss": "MessageBird", "nbf": moment, "exp": moment + 60, "url_hash": sumOf(hookURL), "payload_hash": sumOf(body)}
		c.change(claims)
		_, h := open(t, "messagebird")
		if w := call(h, "POST", hookPath, body, http.Header{"Messagebird-Signature-Jwt": {token(keyText, claims)}}); w.Code != c.status {
			t.Errorf("%s: answered %d", name, w.Code)
		}
	}
}

func TestVonageMessagesDeliveries(t *testing.T) {
	text := `{"to":"10690000","from":"8613800138000","channel":"sms","message_uuid":"v1","timestamp":"2026-01-01T14:00:00.000Z","message_type":"text","text":"挖沙","sms":{"num_messages":"2"}}`
	runDeliveries(t, "vonage-messages", []delivery{
		{"a text", text, []filing{{Text: "挖沙", Sender: "+8613800138000", From: "+8613800138000", MessageID: "v1", Notes: []string{"to 10690000", "sent 2026-01-01T14:00:00.000Z"}}}},
		{"a picture", `{"from":"8613800138000","message_uuid":"v2","channel":"mms","message_type":"image","image":{"url":"https://a.example/0","caption":"看"}}`,
			[]filing{{Text: "看", Sender: "+8613800138000", From: "+8613800138000", MessageID: "v2", Flags: []string{"media:1"}}}},
		{"a status", `{"message_uuid":"v3","status":"delivered","to":"8613800138000"}`, nil},
		{"another event", `{"message_uuid":"v4"}`, []filing{held("")}},
		{"not JSON", `{`, []filing{held("")}},
	})
	o, h := open(t, "vonage-messages") // it may come signed the next time
	if w := call(h, "POST", hookPath, text, nil); w.Code != 503 || o.outcomes[0] != "unsigned" || len(o.filings) > 0 {
		t.Errorf("unsigned answered %d, %v", w.Code, o.outcomes)
	}
	// The token of a call without a body is good for none, not even for none at all.
	o, h = open(t, "vonage-messages")
	if w := call(h, "POST", hookPath, "", http.Header{"Authorization": {"Bearer " + token(keyText, map[string]any{"iss": "Vonage", "iat": moment})}}); w.Code != 403 || len(o.filings) > 0 {
		t.Errorf("without a body: answered %d, %d reports", w.Code, len(o.filings))
	}
}

func TestSinchDeliveries(t *testing.T) {
	runDeliveries(t, "sinch", []delivery{
		{"a text", `{"type":"mo_text","id":"s1","from":"8613800138000","to":"10690000","body":"挖沙","received_at":"2026-01-01T14:00:00.000Z","operator_id":"1"}`,
			[]filing{{Text: "挖沙", Sender: "+8613800138000", From: "+8613800138000", MessageID: "s1", Notes: []string{"to 10690000", "sent 2026-01-01T14:00:00.000Z"}}}},
		{"pictures", `{"type":"mo_media","id":"s2","from":"8613800138000","body":{"subject":"村北","message":"看","media":[{"url":"https://a.example/0"},{"status":"Failed","code":400}]}}`,
			[]filing{{Text: "村北\n看", Sender: "+8613800138000", From: "+8613800138000", MessageID: "s2", Flags: []string{"media:2"}}}},
		{"data", `{"type":"mo_binary","id":"s3","from":"8613800138000","body":"AQI=","udh":"050003cc0201"}`, []filing{held("")}},
		{"a report of delivery", `{"type":"recipient_delivery_report_sms","status":"Delivered"}`, nil},
		{"not JSON", `[]`, []filing{held("")}},
	})
	c := newCallback("sinch", `{}`)
	c.header.Set("x-sinch-webhook-signature-algorithm", "none")
	if _, h := open(t, "sinch"); c.to(h).Code != 403 {
		t.Error("another algorithm was taken")
	}
}

func TestTelnyxDeliveries(t *testing.T) {
	event := func(kind, payload string) string {
		return `{"data":{"record_type":"event","id":"e1","event_type":"` + kind + `","payload":` + payload + `}}`
	}
	runDeliveries(t, "telnyx", []delivery{
		{"a text", event("message.received", `{"id":"t1","from":{"phone_number":"+8613800138000"},"to":[{"phone_number":"+15550006"},{"phone_number":"+15550007"}],"text":"挖沙","media":[],"received_at":"2026-01-01T14:00:00Z"}`),
			[]filing{{Text: "挖沙", Sender: "+8613800138000", From: "+8613800138000", MessageID: "t1", Notes: []string{"to +15550006, +15550007", "sent 2026-01-01T14:00:00Z"}}}},
		{"a picture", event("message.received", `{"id":"t2","from":{"phone_number":"+8613800138000"},"subject":"村北","text":null,"media":[{"url":"https://a.example/0"}]}`),
			[]filing{{Text: "村北", Sender: "+8613800138000", From: "+8613800138000", MessageID: "t2", Flags: []string{"media:1"}}}},
		{"sent", event("message.finalized", `{"id":"t3","from":{"phone_number":"+15550006"},"text":"our own words"}`), nil},
		{"a call", event("call.initiated", `{"id":"t4"}`), []filing{held("")}},
		{"not JSON", `{"data":`, []filing{held("")}},
	})
}

func TestInfobipDeliveries(t *testing.T) {
	one := `{"messageId":"i1","from":"8613800138000","to":"10690000","text":"KEY 挖沙","cleanText":"挖沙","keyword":"KEY","receivedAt":"2026-01-01T14:00:00.000+0000","smsCount":1}`
	first := filing{Text: "KEY 挖沙", Sender: "+8613800138000", From: "+8613800138000", MessageID: "i1", Raw: one, Notes: []string{"to 10690000", "sent 2026-01-01T14:00:00.000+0000"}}
	runDeliveries(t, "infobip", []delivery{
		{"one", `{"results":[` + one + `],"messageCount":1,"pendingMessageCount":0}`, []filing{first}},
		{"bad neighbours", `{"messageCount":3,"results":[{oops},` + one + `,{"price":{}}]}`, []filing{held("{oops}"), first, held(`{"price":{}}`)}},
		{"none", `{"results":[],"messageCount":0}`, nil},
		{"reports of delivery", `{"results":[{"bulkId":"b","messageId":"i2","to":"8613800138000","from":"Office","sentAt":"2026-01-01T14:00:00.000+0000","doneAt":"2026-01-01T14:00:01.000+0000","smsCount":1,` +
			`"price":{"pricePerMessage":0.01,"currency":"EUR"},"status":{"groupId":3,"groupName":"DELIVERED","id":5,"name":"DELIVERED_TO_HANDSET"},"error":{"groupId":0,"name":"NO_ERROR"}},` + one + `]}`, []filing{first}},
		{"another shape", `{"error":"x"}`, []filing{held("")}},
	})
}

func TestAfricasTalkingDeliveries(t *testing.T) {
	runDeliveries(t, "africastalking", []delivery{
		{"a text", form("id", "a1", "from", "+254711000111", "to", "12345", "text", "mchanga", "date", "2026-01-01 14:00:00", "linkId", "L1"),
			[]filing{{Text: "mchanga", Sender: "+254711000111", From: "+254711000111", MessageID: "a1", Notes: []string{"to 12345", "sent 2026-01-01 14:00:00"}}}},
		{"no id", form("from", "+254711000111", "text", "x"), []filing{{Text: "x", Sender: "+254711000111", From: "+254711000111"}}},
		{"a report of delivery", form("id", "a2", "status", "Success", "phoneNumber", "+254711000111", "networkCode", "63902", "retryCount", "0"), nil},
		{"a failure", form("id", "a3", "status", "Failed", "phoneNumber", "+254711000111", "networkCode", "63902", "failureReason", "UserInBlackList"), nil},
		{"another event", form("phoneNumber", "+254711000111", "senderId", "OFFICE"), []filing{held("")}},
	})
}

// TestPartsAreTold: a part of a long message knows its place.
func TestPartsAreTold(t *testing.T) {
	p, err := newVonage(Channel{Secrets: []string{keyText}}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	query := url.Values{"msisdn": {"8613800138000"}, "text": {"x"}, "concat": {"true"}, "concat-ref": {"42"}, "concat-total": {"3"}, "concat-part": {"2"}}
	got := p.decode(&http.Request{}, []byte(query.Encode()))
	if diff := cmp.Diff(intake.Piece{Ref: "42", Number: 2, Of: 3}, got[0].part); diff != "" {
		t.Error(diff)
	}
}

func TestBirdDeliveries(t *testing.T) {
	payload := func(body string) string {
		return `{"id":"b1","sender":{"contact":{"identifierKey":"phonenumber","identifierValue":"+8613800138000"}},"body":` + body + `,"direction":"incoming","createdAt":"2026-01-01T14:00:00.000Z"}`
	}
	want := filing{Text: "挖沙", Sender: "+8613800138000", From: "+8613800138000", MessageID: "b1", Notes: []string{"sent 2026-01-01T14:00:00.000Z"}}
	pictures, files := want, want
	pictures.Flags, files.Text, files.Flags = []string{"media:2"}, "", []string{"media:1"}
	runDeliveries(t, "bird", []delivery{
		{"a text", `{"service":"channels","event":"sms.inbound","payload":` + payload(`{"type":"text","text":{"text":"挖沙"}}`) + `}`, []filing{want}},
		{"bare", payload(`{"type":"text","text":{"text":"挖沙"}}`), []filing{want}},
		{"pictures", payload(`{"type":"image","image":{"text":"挖沙","images":[{"mediaUrl":"https://a.example/0"},{"mediaUrl":"https://a.example/1"}]}}`), []filing{pictures}},
		{"a file", payload(`{"type":"file","file":{"files":[{"mediaUrl":"https://a.example/0"}]}}`), []filing{files}},
		{"ours", `{"event":"sms.outbound","payload":{"id":"b2","direction":"outgoing","body":{}}}`, nil},
		{"another event", `{"event":"sms.inbound","payload":{"id":"b3"}}`, []filing{held("")}},
		{"not JSON", `{`, []filing{held("")}},
	})
}
