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
)

// said is what a sender said; each provider writes it in its own way.
type said struct{ from, to, text string }

func drawSaid(t *rapid.T) said {
	return said{
		from: rapid.OneOf(rapid.StringMatching(`\+?[0-9]{3,15}`), rapid.StringMatching(`[A-Z]{3,11}`)).Draw(t, "from"),
		to:   rapid.StringMatching(`[0-9]{4,12}`).Draw(t, "to"),
		text: rapid.String().Draw(t, "text"),
	}
}

func encode(provider string, s said) string {
	var v any
	switch provider {
	case "twilio":
		return form("MessageSid", "SM1", "From", s.from, "To", s.to, "Body", s.text)
	case "standard":
		v = map[string]string{"from": s.from, "to": s.to, "text": s.text}
	case "android":
		v = map[string]any{"event": "sms:received", "payload": map[string]string{"messageId": "a", "sender": s.from, "recipient": s.to, "message": s.text}}
	case "aliyun":
		v = []any{map[string]string{"phone_number": s.from, "dest_code": s.to, "content": s.text, "sequence_id": "1"}}
	}
	b, _ := json.Marshal(v)
	return string(b)
}

// TestRoundTrip: what is encoded and signed is filed as it was said.
func TestRoundTrip(t *testing.T) {
	for provider := range kinds() {
		t.Run(provider, func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) {
				s := drawSaid(r)
				o, h := open(t, provider)
				if w := deliver(h, provider, encode(provider, s)); w.Code != 200 || len(o.filings) != 1 {
					r.Fatalf("answered %d with %d reports", w.Code, len(o.filings))
				}
				f := o.filings[0]
				if f.Text != s.text || f.From != s.from || f.Notes[0] != "to "+s.to || f.Hold {
					r.Fatalf("filed %+v of %+v", f, s)
				}
			})
		})
	}
}

// TestOneBit: one changed bit of the body, the URL, the signature or what it
// covers is refused.
func TestOneBit(t *testing.T) {
	for _, provider := range []string{"twilio", "standard", "android", "aliyun"} {
		t.Run(provider, func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) { checkOneBit(r, provider) })
		})
	}
}

func checkOneBit(r *rapid.T, provider string) {
	body := encode(provider, drawSaid(r))
	target, header := signed(provider, body)
	address, query := hookURL, ""
	if provider == "aliyun" {
		query = keyText
	}
	flipped := body
	switch part := rapid.SampledFrom(coveredBy(provider)).Draw(r, "part"); part {
	case "body":
		flipped = flip(r, body)
		if provider == "twilio" && sameForm(body, flipped) {
			return // %2b for %2B: Twilio signs what is meant, not how it is written
		}
	case "url":
		address = flip(r, hookURL)
	case "key":
		query = flip(r, query)
	default:
		whole := strings.TrimPrefix(header.Get(part), "v1a,other ") // the one signature that holds
		header.Set(part, flip(r, whole))
	}
	if query != "" {
		target = "/hooks/sms/city?" + url.Values{"key": {query}}.Encode()
	}
	o := &office{seen: map[string]bool{}}
	h, err := NewHandler(Channel{Name: "city", Provider: provider, Secrets: []string{keyText}, URL: address}, o.options())
	if err != nil {
		return // an address that is none any more
	}
	if w := call(h, http.MethodPost, target, flipped, header); w.Code != 403 || len(o.filings) > 0 {
		r.Fatalf("answered %d with %d reports", w.Code, len(o.filings))
	}
}

func coveredBy(provider string) []string {
	return map[string][]string{
		"twilio":   {"body", "url", "X-Twilio-Signature"},
		"standard": {"body", "webhook-id", "webhook-timestamp", "webhook-signature"},
		"android":  {"body", "X-Timestamp", "X-Signature"},
		"aliyun":   {"key"},
	}[provider]
}

func flip(r *rapid.T, s string) string {
	b := []byte(s)
	i := rapid.IntRange(0, len(b)*8-1).Draw(r, "bit")
	b[i/8] ^= 1 << (i % 8)
	return string(b)
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
		for _, m := range (aliyun{}).decode(nil, []byte(body+"]")) {
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

func equal(a, b []string) bool {
	return len(a) == len(b) && (len(a) == 0 || cmp.Equal(a, b))
}

// fuzz runs a decoder over anything: it never panics, every message can be
// filed, and what is kept unread is kept whole.
func fuzz(f *testing.F, provider string) {
	p, err := kinds()[provider].build(Channel{Secrets: []string{keyText}, URL: hookURL}, time.Now)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(encode(provider, said{"+8613800138000", "1069", "村北有人挖沙"})), "")
	f.Add([]byte(`[{"phone_number":"1","sequence_id":1},{`), "bodySHA256=0")
	f.Add([]byte("a=%zz&NumMedia=-1"), "")
	h := &handler{channel: Channel{Name: "city", Ack: AckNone}}
	f.Fuzz(func(t *testing.T, body []byte, query string) {
		r := &http.Request{URL: &url.URL{RawQuery: query}, Header: http.Header{}}
		for _, m := range p.decode(r, body) {
			report := h.report(m)
			if m.unparsed && (!report.Hold || len(m.raw) == 0 || m.text != "") {
				t.Errorf("unread, but hold %t and %d bytes", report.Hold, len(m.raw))
			}
			if provider != "standard" && m.id == "" {
				t.Error("a message without an id can't be found again") // standard's is a header
			}
		}
	})
}

func FuzzTwilio(f *testing.F)   { fuzz(f, "twilio") }
func FuzzStandard(f *testing.F) { fuzz(f, "standard") }
func FuzzAliyun(f *testing.F)   { fuzz(f, "aliyun") }
func FuzzAndroid(f *testing.F)  { fuzz(f, "android") }

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
