package sms

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tipline/intake/sms/gateway"
)

func drawSaid(t *rapid.T) said {
	return said{
		from: rapid.OneOf(rapid.StringMatching(`\+?[0-9]{3,15}`), rapid.StringMatching(`[A-Z]{3,11}`)).Draw(t, "from"),
		to:   rapid.StringMatching(`[0-9]{4,12}`).Draw(t, "to"),
		text: rapid.String().Draw(t, "text"),
	}
}

// TestRoundTrip: what is encoded and signed is filed as it was said.
func TestRoundTrip(t *testing.T) {
	for provider := range kinds() {
		t.Run(provider, func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) {
				s := drawSaid(r)
				o, h := open(t, provider)
				if w := deliver(h, provider, encode(provider, s)); w.Code/100 != 2 || len(o.filings) != 1 {
					r.Fatalf("answered %d with %d reports", w.Code, len(o.filings))
				}
				f := o.filings[0]
				if f.Text != s.text || f.From != s.from && f.From != "+"+s.from || f.Hold ||
					wires()[provider].without != "to" && f.Notes[0] != "to "+s.to {
					r.Fatalf("filed %+v of %+v", f, s)
				}
			})
		})
	}
}

// TestBrokenIsKept: what a gateway signed and nobody can read is kept as it came and
// held; in a batch its neighbours arrive.
func TestBrokenIsKept(t *testing.T) {
	for provider := range kinds() {
		t.Run(provider, func(t *testing.T) {
			o, h := open(t, provider)
			whole := gateway.Message{ID: "2", From: "13800138000", To: "1069", Text: "村北有人挖沙", Sent: time.Unix(moment, 0)}
			ms := []gateway.Message{{ID: "1", From: "13800138001", Sent: time.Unix(moment, 0), Broken: true}}
			if gateway.Can(provider).Batch {
				ms = append(ms, whole)
			}
			w := deliver(h, provider, gateway.Encode(provider, account(provider), ms...))
			if w.Code/100 != 2 || len(o.filings) != len(ms) || !o.filings[0].Hold || o.filings[0].Raw == "" {
				t.Fatalf("answered %d with %+v", w.Code, o.filings)
			}
			if len(ms) > 1 && (o.filings[1].Hold || o.filings[1].Text != whole.Text) {
				t.Errorf("the neighbour came as %+v", o.filings[1])
			}
		})
	}
}

// TestOneBit: one changed bit of the body, the URL, the key, the signature or
// what it covers is refused.
func TestOneBit(t *testing.T) {
	for provider, w := range wires() {
		t.Run(provider, func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) { checkOneBit(r, provider, w) })
		})
	}
}

func checkOneBit(r *rapid.T, provider string, w wire) {
	c := newCallback(provider, encode(provider, drawSaid(r)))
	channel := Channel{Name: "city", Provider: provider, Secrets: []string{keyText}, URL: hookURL}
	if w.settle != nil {
		w.settle(&channel)
	}
	part, mark, _ := strings.Cut(rapid.SampledFrom(w.covers).Draw(r, "part"), "|")
	switch part {
	case "body":
		whole := c.body
		if c.body = flip(r, whole); w.alike != nil && w.alike(whole, c.body) {
			return
		}
	case "url":
		channel.URL = flipAfter(r, hookURL, mark)
	case "key":
		c.target = hookPath + "?" + url.Values{"key": {flip(r, keyText)}}.Encode()
	default:
		c.header.Set(part, flipAfter(r, c.header.Get(part), mark))
	}
	o := &office{seen: map[string]bool{}}
	h, err := NewHandler(channel, o.options())
	if err != nil {
		return // an address that is none any more
	}
	if w := call(h, c.method, c.target, c.body, c.header); w.Code != 403 && provider != "vonage-messages" || w.Code < 400 || len(o.filings) > 0 {
		r.Fatalf("answered %d with %d reports", w.Code, len(o.filings))
	}
}

func flip(r *rapid.T, s string) string {
	b := []byte(s)
	i := rapid.IntRange(0, len(b)*8-1).Draw(r, "bit")
	b[i/8] ^= 1 << (i % 8)
	return string(b)
}

// flipAfter changes a bit behind the last mark.
func flipAfter(r *rapid.T, s, mark string) string {
	at := 0
	if mark != "" {
		at = strings.LastIndex(s, mark) + len(mark)
	}
	return s[:at] + flip(r, s[at:])
}

func sameForm(a, b string) bool {
	x, _ := url.ParseQuery(a)
	y, err := url.ParseQuery(b)
	return err == nil && cmp.Equal(x, y)
}

// TestBadElementsLoseNothing: whatever stands between them, the readable
// elements of a batch arrive, and the others are kept as they came.
func TestBadElementsLoseNothing(t *testing.T) {
	bad := []string{`42`, `null`, `true`, `"]"`, `{}`, `{"content":[1,"}"]}`, `{"phone_number":{"a":"]"}}`, `[[1],{}]`, `{oops}`, `{"content":"a" "b"}`, `{"content":tru}`}
	rapid.Check(t, func(r *rapid.T) {
		body, good, kept := "[", []string{}, []string{}
		for i := range rapid.IntRange(1, 8).Draw(r, "elements") {
			element := rapid.SampledFrom(bad).Draw(r, "bad")
			if rapid.Bool().Draw(r, "good") {
				text := rapid.String().Draw(r, "text")
				b, _ := json.Marshal(map[string]any{"phone_number": "1", "content": text, "sequence_id": i})
				element, good = string(b), append(good, text)
			} else {
				kept = append(kept, element)
			}
			if i > 0 {
				body += rapid.SampledFrom([]string{",", ", ", "\n,\n"}).Draw(r, "comma")
			}
			body += element
		}
		var texts, raws []string
		for _, m := range (aliyun{}).decode(&http.Request{}, []byte(body+"]")) {
			if m.unparsed {
				raws = append(raws, string(m.raw))
			} else {
				texts = append(texts, m.text)
			}
		}
		if !equal(texts, good) || !equal(raws, kept) {
			r.Fatalf("%s\ngave %q and %q", body, texts, raws)
		}
	})
}

// sameFields says whether two forms hold the same in the fields that count.
func sameFields(names ...string) func(a, b string) bool {
	return func(a, b string) bool {
		x, _ := url.ParseQuery(a)
		y, err := url.ParseQuery(b)
		for _, name := range names {
			if x.Get(name) != y.Get(name) {
				return false
			}
		}
		return err == nil
	}
}

func equal(a, b []string) bool {
	return len(a) == len(b) && (len(a) == 0 || cmp.Equal(a, b))
}

// fuzz runs a decoder over anything: it never panics, every message can be
// filed, and what is kept unread is kept whole.
func fuzz(f *testing.F, provider string) {
	channel := Channel{Name: "city", Secrets: []string{keyText}, URL: hookURL}
	if settle := wires()[provider].settle; settle != nil {
		settle(&channel)
	}
	p, err := kinds()[provider].build(channel, time.Now)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(encode(provider, said{"+8613800138000", "1069", "村北有人挖沙"})), "")
	f.Add([]byte(`[{"phone_number":"1","sequence_id":1},{`), "bodySHA256=0")
	f.Add([]byte("a=%zz&NumMedia=-1"), "")
	h := &handler{channel: Channel{Name: "city", Ack: AckNone}}
	f.Fuzz(func(t *testing.T, body []byte, query string) {
		r := &http.Request{URL: &url.URL{RawQuery: query}, Header: http.Header{}}
		for _, part := range wires()[provider].covers {
			name, _, _ := strings.Cut(part, "|")
			r.Header.Set(name, query)
		}
		if p.verify(r, body) == nil {
			t.Error("took what nobody signed")
		}
		var ids []string
		for _, m := range p.decode(r, body) {
			report := h.report(m)
			ids = append(ids, report.MessageID)
			if m.unparsed && (!report.Hold || len(m.raw) == 0 || m.text != "") {
				t.Errorf("unread, but hold %t and %d bytes", report.Hold, len(m.raw))
			}
			if report.MessageID == "" {
				t.Error("a message without an id can't be found again")
			}
		}
		for i, m := range p.decode(r, body) { // delivered again it must be known again
			if i >= len(ids) || h.report(m).MessageID != ids[i] {
				t.Fatal("the second time it reads otherwise")
			}
		}
	})
}

func FuzzAfricasTalking(f *testing.F) { fuzz(f, "africastalking") }
func FuzzAliyun(f *testing.F)         { fuzz(f, "aliyun") }
func FuzzAndroid(f *testing.F)        { fuzz(f, "android") }
func FuzzBird(f *testing.F)           { fuzz(f, "bird") }
func FuzzCustom(f *testing.F)         { fuzz(f, "custom") }
func FuzzHuawei(f *testing.F)         { fuzz(f, "huawei") }
func FuzzInfobip(f *testing.F)        { fuzz(f, "infobip") }
func FuzzMessageBird(f *testing.F)    { fuzz(f, "messagebird") }
func FuzzPlivo(f *testing.F)          { fuzz(f, "plivo") }
func FuzzSinch(f *testing.F)          { fuzz(f, "sinch") }
func FuzzStandard(f *testing.F)       { fuzz(f, "standard") }
func FuzzTelnyx(f *testing.F)         { fuzz(f, "telnyx") }
func FuzzTencent(f *testing.F)        { fuzz(f, "tencent") }
func FuzzTwilio(f *testing.F)         { fuzz(f, "twilio") }
func FuzzVonage(f *testing.F)         { fuzz(f, "vonage") }
func FuzzVonageMessages(f *testing.F) { fuzz(f, "vonage-messages") }

// FuzzBase64 holds the guess to its promise: it only ever undoes an encoding.
func FuzzBase64(f *testing.F) {
	f.Add("村北有人挖沙，已经三天了，没有人管，请你们来看一看，在河边的杨树林里")
	f.Fuzz(func(t *testing.T, s string) {
		if got, ok := fromBase64(s); ok && len(got) < 43 || !ok && got != s {
			t.Errorf("%q became %q", s, got)
		}
		packed := base64.StdEncoding.EncodeToString([]byte(s))
		if got, ok := fromBase64(packed); ok && got != s {
			t.Errorf("%q came back as %q", s, got)
		}
	})
}
