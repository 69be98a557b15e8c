package sms

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
)

const oneText = `{"from":"+8613800138000","text":"the words of the text"}`

func TestErrorsBecomeAnswers(t *testing.T) {
	for _, c := range []struct {
		name       string
		err        error
		status     int
		retryAfter string
		outcome    string
	}{
		{"limited", &intake.LimitedError{RetryAfter: 90*time.Second + 1}, 429, "91", "limited"},
		{"limited for a moment", fmt.Errorf("gate: %w", &intake.LimitedError{RetryAfter: 1}), 429, "1", "limited"},
		{"not durable", fmt.Errorf("%w: disk full", intake.ErrNotDurable), 503, "", "not_durable"},
		{"unknown", errors.New("what is this"), 503, "", "not_durable"},
		{"too large", intake.ErrTooLarge, 413, "", "too_large"},
		{"always invalid", &intake.InvalidError{}, 503, "", "not_durable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, h := open(t, "standard")
			o.fail = func(filing) error { return c.err }
			w := deliver(h, "standard", oneText)
			if w.Code != c.status || w.Header().Get("Retry-After") != c.retryAfter {
				t.Errorf("answered %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
			}
			if diff := cmp.Diff([]string{c.outcome}, o.outcomes); diff != "" {
				t.Error(diff)
			}
			o.fail = nil // the redelivery is taken
			if w := deliver(h, "standard", oneText); w.Code != 200 || len(o.filings) != 1 {
				t.Errorf("redelivery answered %d with %d reports", w.Code, len(o.filings))
			}
		})
	}
}

// TestInvalidIsKept: what the domain refuses is kept bare, held and flagged.
func TestInvalidIsKept(t *testing.T) {
	o, h := open(t, "standard")
	o.fail = func(f filing) error {
		if f.Text != "" {
			return &intake.InvalidError{Problems: []intake.Problem{{Field: "text", Code: "too_long"}}}
		}
		return nil
	}
	w := deliver(h, "standard", oneText)
	want := filing{Sender: "+8613800138000", From: "+8613800138000", MessageID: "msg_1", Raw: oneText, Notes: []string{oneText},
		Flags: []string{"unparsed"}, Hold: true, Reply: intake.ReplyContact}
	if diff := cmp.Diff([]filing{want}, o.filings); w.Code != 200 || diff != "" {
		t.Errorf("answered %d\n%s", w.Code, diff)
	}
}

// TestBatchHalfStored: one element that isn't durable asks for the whole batch
// again, and the others are found, not doubled.
func TestBatchHalfStored(t *testing.T) {
	body := `[{"phone_number":"1","content":"a","sequence_id":1},{"phone_number":"2","content":"b","sequence_id":2},{"phone_number":"3","content":"c","sequence_id":3}]`
	o, h := open(t, "aliyun")
	o.fail = func(f filing) error {
		switch f.Text {
		case "a":
			return &intake.LimitedError{RetryAfter: time.Minute}
		case "b":
			return errors.New("what is this") // worse than limited, for nobody knows it
		}
		return nil
	}
	if w := deliver(h, "aliyun", body); w.Code != 503 {
		t.Errorf("half a batch answered %d", w.Code)
	}
	o.fail = nil
	if w := deliver(h, "aliyun", body); w.Code != 200 {
		t.Errorf("the whole batch answered %d", w.Code)
	}
	var texts []string
	for _, f := range o.filings {
		texts = append(texts, f.Text)
	}
	if diff := cmp.Diff([]string{"c", "a", "b"}, texts); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"limited", "not_durable", "stored", "stored", "stored", "duplicate"}, o.outcomes); diff != "" {
		t.Error(diff)
	}
}

func TestRefusals(t *testing.T) {
	good := newCallback("standard", oneText).header
	changed := func(key, value string) http.Header {
		h := good.Clone()
		h.Set(key, value)
		return h
	}
	big := strings.Repeat("x", maxBody+1)
	bigHeader := newCallback("standard", big).header
	for _, c := range []struct {
		name, method, body string
		header             http.Header
		status             int
		outcome            string
	}{
		{"GET", "GET", "", good, 405, "method"},
		{"HEAD", "HEAD", "", good, 405, "method"},
		{"PUT", "PUT", oneText, good, 405, "method"},
		{"no signature", "POST", oneText, http.Header{}, 403, "signature"},
		{"another's body", "POST", oneText + " ", good, 403, "signature"},
		{"no id", "POST", oneText, changed("webhook-id", ""), 403, "signature"},
		{"another version", "POST", oneText, changed("webhook-signature", strings.Replace(good.Get("webhook-signature"), "v1,", "v2,", 1)), 403, "signature"},
		{"too large", "POST", big, bigHeader, 413, "too_large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, h := open(t, "standard")
			w := call(h, c.method, "/hooks/sms/city", c.body, c.header)
			if w.Code != c.status || len(o.filings) > 0 {
				t.Errorf("answered %d with %d reports", w.Code, len(o.filings))
			}
			if (w.Header().Get("Allow") == "POST") != (c.status == 405) {
				t.Errorf("Allow: %q", w.Header().Get("Allow"))
			}
			if diff := cmp.Diff([]string{c.outcome}, o.outcomes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestKeyPlaces(t *testing.T) {
	body := `[{"phone_number":"1","content":"a"}]`
	basic := func(password string) http.Header {
		r, _ := http.NewRequest("POST", "/", nil)
		r.SetBasicAuth("any", password)
		return r.Header
	}
	for _, c := range []struct {
		name, query string
		header      http.Header
		status      int
	}{
		{"query", "?key=" + url.QueryEscape(keyText), nil, 200},
		{"older key", "?key=an+older+key", nil, 200},
		{"header", "", http.Header{"X-Tipline-Key": {keyText}}, 200},
		{"basic", "", basic(keyText), 200},
		{"path", "/" + url.PathEscape(keyText), nil, 200},
		{"deeper path", "/x/" + url.PathEscape(keyText), nil, 403},
		{"none", "", nil, 403},
		{"empty", "?key=", basic(""), 403},
		{"prefix", "?key=a+key", nil, 403},
		{"wrong", "?key=wrong", basic("wrong"), 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, h := open(t, "aliyun")
			if w := call(h, "POST", "/hooks/sms/city"+c.query, body, c.header); w.Code != c.status {
				t.Errorf("answered %d", w.Code)
			}
			if strings.Contains(o.log.String(), "key=") {
				t.Errorf("the log holds the key: %s", o.log.String())
			}
		})
	}
}

func TestAllowList(t *testing.T) {
	for prefix, status := range map[string]int{"192.0.2.0/24": 200, "198.51.100.0/24": 403} {
		_, h := open(t, "standard", allow(prefix)) // httptest calls from 192.0.2.1
		if w := deliver(h, "standard", oneText); w.Code != status {
			t.Errorf("allow %s answered %d", prefix, w.Code)
		}
	}
}

func TestAcknowledgements(t *testing.T) {
	const head = `<?xml version="1.0" encoding="UTF-8"?>`
	text := form("MessageSid", "SM1", "From", "+8613800138000", "Body", "the words")
	_, h := open(t, "twilio", ack(""))
	for i, want := range []string{head + "<Response><Message>zh-CN sms.ack.neutral</Message></Response>", head + "<Response/>"} {
		if got := deliver(h, "twilio", text).Body.String(); got != want {
			t.Errorf("delivery %d answered %s", i+1, got)
		}
	}
	o, h := open(t, "twilio", ack(AckReceipt))
	got := deliver(h, "twilio", text).Body.String()
	if !strings.HasPrefix(got, head+"<Response><Message>zh-CN sms.ack.receipt receipt ") || strings.Count(got, " ") < 8 || o.filings[0].Reply != intake.ReplyReceipt {
		t.Errorf("answered %s, reply %s", got, o.filings[0].Reply)
	}
	named := form("MessageSid", "SM2", "From", "VILLAGE", "Body", "the words")
	if got := deliver(h, "twilio", named).Body.String(); got != head+"<Response/>" {
		t.Errorf("a name was answered %s", got)
	}
	if got := (twilio{}).answer(`a < b & "c"`).body; got != head+"<Response><Message>a &lt; b &amp; &#34;c&#34;</Message></Response>" {
		t.Errorf("escaped as %s", got)
	}
}

// TestNothingPersonalIsLogged: neither numbers nor words nor keys.
func TestNothingPersonalIsLogged(t *testing.T) {
	for provider := range kinds() {
		o, h := open(t, provider)
		o.fail = func(filing) error { return intake.ErrNotDurable }
		body := encode(provider, said{"+8613800138000", "10690000", "the words"})
		if w := deliver(h, provider, body); w.Code != 503 {
			t.Fatalf("%s answered %d", provider, w.Code)
		}
		log := o.log.String()
		if !strings.Contains(log, "outcome=not_durable") || strings.Contains(log, "13800138000") || strings.Contains(log, "words") || strings.Contains(log, "thirty-two") {
			t.Errorf("%s logged %s", provider, log)
		}
	}
	m := message{from: "13800138000", text: "the words"}
	if s := fmt.Sprintf("%v %+v %s", m, m, Channel{Name: "c", Secrets: []string{"key"}}); strings.Contains(s, "138") || strings.Contains(s, "key") {
		t.Errorf("prints as %s", s)
	}
}

func TestNewHandlerRefuses(t *testing.T) {
	good := Channel{Name: "city", Provider: "twilio", Secrets: []string{keyText}, URL: hookURL}
	for want, change := range map[string]func(*Channel){
		"use one of africastalking, aliyun, android": func(c *Channel) { c.Provider = "pigeon" },
		"give the channel the name":                  func(c *Channel) { c.Name = "" },
		"set the key":                                func(c *Channel) { c.Secrets = nil },
		"anybody could sign":                         func(c *Channel) { c.Secrets = []string{keyText, " "} },
		"use neutral, receipt or none":               func(c *Channel) { c.Ack = "loud" },
		"full https address":                         func(c *Channel) { c.URL = "" },
		"exactly as it was entered at twilio":        func(c *Channel) { c.URL = "/hooks/sms/city" },
		"copy it again in full":                      func(c *Channel) { c.Provider, c.Secrets = "standard", []string{"whsec_%%"} },
	} {
		c := good
		change(&c)
		if _, err := NewHandler(c, Options{}); !errors.Is(err, ErrChannel) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestNumber(t *testing.T) {
	for from, want := range map[string]string{
		"+8613800138000": "+8613800138000", "8613800138000": "+8613800138000", "13800138000": "+8613800138000",
		"0086 138-0013-8000": "+8613800138000", "（＋86）１３８００１３８０００": "+8613800138000", "+1 (415) 867.5309": "+14158675309",
		"10086": "10086", "12025550123": "12025550123", "BANK": "BANK", " ": "", "1+2345": "1+2345", "+": "+",
	} {
		if got := intake.Number(from); got != want {
			t.Errorf("number(%q) = %q, want %q", from, got, want)
		}
	}
}

// TestBusy: of more callbacks than are filed at once the rest come again; a forged one
// takes nobody's place.
func TestBusy(t *testing.T) {
	o, _ := open(t, "aliyun")
	options := o.options()
	filing, free := make(chan struct{}, together), make(chan struct{})
	options.Count = func(string) {}
	options.Submit = func(context.Context, *intake.Report) (intake.Filed, error) {
		filing <- struct{}{}
		<-free
		return intake.Filed{ID: "1"}, nil
	}
	h, err := NewHandler(Channel{Name: "city", Provider: "aliyun", Secrets: []string{keyText}}, options)
	if err != nil {
		t.Fatal(err)
	}
	body := encode("aliyun", said{"13800138000", "1069", "x"})
	codes := make(chan int, together)
	for range together {
		go func() { codes <- deliver(h, "aliyun", body).Code }()
	}
	for range together {
		<-filing
	}
	if w := deliver(h, "aliyun", body); w.Code != 503 || w.Header().Get("Retry-After") != "1" {
		t.Errorf("one more: %d", w.Code)
	}
	if w := call(h, "POST", hookPath+"/wrong", body, http.Header{}); w.Code != 403 {
		t.Errorf("a forged one: %d", w.Code)
	}
	close(free)
	for range together {
		if code := <-codes; code != 200 {
			t.Errorf("one of them: %d", code)
		}
	}
}

// TestAnswersInTime: a gateway hears that nothing was stored before it gives up waiting, whatever
// the database does, and the batch's other messages aren't tried for as long again.
func TestAnswersInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, _ := open(t, "aliyun")
		options := o.options()
		options.Submit = func(ctx context.Context, _ *intake.Report) (intake.Filed, error) {
			<-ctx.Done() // a database that is frozen
			return intake.Filed{}, ctx.Err()
		}
		h, err := NewHandler(Channel{Name: "city", Provider: "aliyun", Secrets: []string{keyText}}, options)
		if err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		w := deliver(h, "aliyun", `[{"phone_number":"13800138000","content":"x"},{"phone_number":"13800138001","content":"y"}]`)
		if took := time.Since(begun); w.Code != 503 || took != answerTime {
			t.Errorf("answered %d after %v", w.Code, took)
		}
	})
}
