package sms

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fieldsOf are the names most of the tests' aggregators use.
func fieldsOf() CustomFields {
	return CustomFields{ID: "msgid", From: "mobile", To: "dest", Text: "content", Time: "time"}
}

func customized(c Custom) func(*Channel) { return func(ch *Channel) { ch.Custom = c } }

func TestCustomForms(t *testing.T) {
	want := filing{Text: "村北有人挖沙", Sender: "+8613800138000", From: "13800138000", MessageID: "7", Notes: []string{"to 1069", "sent 2026-01-01T09:00:00+08:00"}, Reply: "contact"}
	query := form("msgid", "7", "mobile", "13800138000", "dest", "1069", "content", "村北有人挖沙", "time", "20260101090000")
	inGBK := form("msgid", "7", "mobile", "13800138000", "dest", "1069", "content", gbk(t, "村北有人挖沙"), "time", "2026-01-01 09:00:00")
	nested := `{"msgid":7,"mobile":"13800138000","dest":1069,"content":"村北有人挖沙","time":"20260101090000"}`
	deep := CustomFields{ID: "head.id", From: "body.who.number", Text: "body.text"}
	for _, c := range []struct {
		name, method, target, body string
		custom                     Custom
		raw                        string
	}{
		{"form", "POST", "", query, Custom{Format: FormatForm, Fields: fieldsOf()}, query},
		{"form in GBK", "POST", "", inGBK, Custom{Format: FormatForm, Charset: "gbk", Fields: fieldsOf()}, inGBK},
		{"GET, key in the path", "GET", "?" + query, "", Custom{Format: FormatGet, Fields: fieldsOf()}, query},
		{"GET, key in the query", "GET", "?key=" + url.QueryEscape(keyText) + "&" + query, "", Custom{Format: FormatGet, Fields: fieldsOf()}, query},
		{"JSON object", "POST", "", nested, Custom{Format: FormatJSON, Fields: fieldsOf()}, nested},
		{"JSON array", "POST", "", "[" + nested + "]", Custom{Format: FormatJSON, Fields: fieldsOf()}, nested},
		{"JSON in GBK", "POST", "", gbk(t, nested), Custom{Format: FormatJSON, Charset: "GBK", Fields: fieldsOf()}, nested},
		{"JSON list", "POST", "", `{"n":1,"data":{"x":[2],"items":[` + nested + `]}}`, Custom{Format: FormatJSON, List: "data.items", Fields: fieldsOf()}, nested},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, h := open(t, "custom", customized(c.custom))
			target := hookPath
			if !strings.Contains(c.target, "key=") {
				target += "/" + url.PathEscape(keyText)
			}
			if w := call(h, c.method, target+c.target, c.body, nil); w.Code != 200 || w.Body.String() != "OK" {
				t.Fatalf("answered %d %s", w.Code, w.Body)
			}
			want := want
			want.Raw = c.raw
			if diff := cmp.Diff([]filing{want}, o.filings); diff != "" {
				t.Error(diff)
			}
		})
	}
	o, h := open(t, "custom", customized(Custom{Format: FormatJSON, Fields: deep}))
	body := `{"head":{"id":"a"},"body":{"who":{"number":13800138000},"text":"x"}}`
	if w := call(h, "POST", hookPath+"/"+url.PathEscape(keyText), body, nil); w.Code != 200 || o.filings[0].Text != "x" || o.filings[0].From != "13800138000" || o.filings[0].MessageID != "a" {
		t.Errorf("answered %d, filed %+v", w.Code, o.filings)
	}
}

// TestCustomReports: a report of delivery is told by its own field.
func TestCustomReports(t *testing.T) {
	fields := CustomFields{From: "mobile", Text: "content", Report: "status"}
	for body, want := range map[string]int{form("mobile", "10086", "status", "DELIVRD"): 0, form("mobile", "10086", "status", "0", "content", "x"): 1, form("mobile", "10086"): 1} {
		o, h := open(t, "custom", customized(Custom{Format: FormatForm, Fields: fields}))
		if w := call(h, "POST", hookPath+"/"+url.PathEscape(keyText), body, nil); w.Code != 200 || len(o.filings) != want {
			t.Errorf("%s: answered %d, %d filed", body, w.Code, len(o.filings))
		}
	}
}

// TestCustomNeighbours: a broken element of a nested list, or a broken end of the
// body, loses nothing that can be read.
func TestCustomNeighbours(t *testing.T) {
	one, two := `{"mobile":"10086","content":"a ] }"}`, `{"mobile":"10010","content":"b"}`
	for _, c := range []struct {
		name, body string
		want       []string
	}{
		{"broken between", `{"code":0,"data":{"items":[` + one + `,{oops},` + two + `]},"end":1}`, []string{"a ] }", "?{oops}", "b"}},
		{"cut off", `{"data":{"items":[` + one + `,` + two[:9], []string{"a ] }", "?" + two[:9]}},
		{"another shape", `{"data":[` + one + `]}`, []string{`?{"data":[` + one + `]}`}},
		{"no list", `{"data":{"items":{}}}`, []string{`?{"data":{"items":{}}}`}},
		{"empty list", `{"data":{"items":[]}}`, nil},
		{"no fields", `{"data":{"items":[{"x":1}, 42]}}`, []string{`?{"x":1}`, "?42"}},
		{"the words elsewhere", `{"data":{"items":[{"mobile":"10086","text":"a"}]}}`, []string{`?{"mobile":"10086","text":"a"}`}},
		{"words that are none", `{"data":{"items":[{"mobile":"10086","content":{}}]}}`, []string{`?{"mobile":"10086","content":{}}`}},
		{"a report of delivery", `{"data":{"items":[{"mobile":"10086","report":{"ok":true}},` + two + `]}}`, []string{"b"}},
		{"a report with words is a message", `{"data":{"items":[{"mobile":"10086","content":"c","report":{"ok":true}}]}}`, []string{"c"}},
		{"no words", `{"data":{"items":[{"mobile":"10086","content":""}]}}`, []string{""}},
		{"behind a byte order mark", "\uFEFF" + `{"data":{"items":[` + one + `]}}`, []string{"a ] }"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, h := open(t, "custom", customized(Custom{Format: FormatJSON, List: "data.items", Fields: CustomFields{From: "mobile", Text: "content", Report: "report.ok"}}))
			if w := call(h, "POST", hookPath+"/"+url.PathEscape(keyText), c.body, nil); w.Code != 200 {
				t.Fatalf("answered %d", w.Code)
			}
			var got []string
			for _, f := range o.filings {
				if f.Hold {
					f.Text = "?" + f.Raw
				}
				got = append(got, f.Text)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCustomSignatures(t *testing.T) {
	body := form("mobile", "13800138000", "content", "村北有人挖沙")
	fields := CustomFields{From: "mobile", Text: "content"}
	sha := hex.EncodeToString(mac(sha256.New, []byte(keyText), "13800138000村北有人挖沙"))
	for _, c := range []struct {
		name   string
		sign   CustomSign
		body   string
		header string
		status int
	}{
		{"hex in a header", CustomSign{Algorithm: "hmac-sha256", Fields: []string{"mobile", "content"}, Header: "X-Sign"}, body, sha, 200},
		{"capitals instead", CustomSign{Algorithm: "hmac-sha256", Fields: []string{"mobile", "content"}, Header: "X-Sign"}, body, strings.ToUpper(sha), 403},
		{"HEX", CustomSign{Algorithm: "hmac-sha256", Fields: []string{"mobile", "content"}, Header: "X-Sign", Encoding: "HEX"}, body, strings.ToUpper(sha), 200},
		{"another order", CustomSign{Algorithm: "hmac-sha256", Fields: []string{"content", "mobile"}, Header: "X-Sign"}, body, sha, 403},
		{"a joiner", CustomSign{Algorithm: "hmac-sha256", Fields: []string{"mobile", "content"}, Joiner: "&", Header: "X-Sign"}, body, sha, 403},
		{"sha1 in base64 over the body", CustomSign{Algorithm: "hmac-sha1", Fields: []string{WholeBody}, Header: "X-Sign", Encoding: "base64"}, body,
			base64.StdEncoding.EncodeToString(mac(sha1.New, []byte(keyText), body)), 200},
		{"md5 in a field", CustomSign{Algorithm: "hmac-md5", Fields: []string{"mobile", "content"}, Field: "sign"},
			body + "&sign=" + hex.EncodeToString(mac(md5.New, []byte(keyText), "13800138000村北有人挖沙")), "", 200},
		{"no signature", CustomSign{Algorithm: "hmac-md5", Fields: []string{"mobile", "content"}, Field: "sign"}, body, "", 403},
		{"stale", CustomSign{Algorithm: "hmac-sha256", Fields: []string{"mobile", "content", "at"}, Header: "X-Sign", Time: "at"}, body + "&at=1795499699",
			hex.EncodeToString(mac(sha256.New, []byte(keyText), "13800138000村北有人挖沙1795499699")), 403},
		{"in time", CustomSign{Algorithm: "hmac-sha256", Fields: []string{"mobile", "content", "at"}, Header: "X-Sign", Time: "at"}, body + "&at=1795499700",
			hex.EncodeToString(mac(sha256.New, []byte(keyText), "13800138000村北有人挖沙1795499700")), 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, h := open(t, "custom", customized(Custom{Format: FormatForm, Fields: fields, Sign: c.sign}))
			w := call(h, "POST", hookPath, c.body, http.Header{"X-Sign": {c.header}})
			if w.Code != c.status || (len(o.filings) == 1) != (c.status == 200) {
				t.Errorf("answered %d with %d reports", w.Code, len(o.filings))
			}
			if w := call(h, "POST", hookPath+"/"+url.PathEscape(keyText), c.body, nil); w.Code == 200 && c.header != "" {
				t.Error("the key opened a channel that signs")
			}
		})
	}
}

func TestCustomRefuses(t *testing.T) {
	good := func() Custom { return Custom{Format: FormatForm, Fields: CustomFields{From: "a", Text: "b"}} }
	sign := CustomSign{Algorithm: "hmac-sha256", Fields: []string{"a", "b"}, Header: "X-Sign"}
	for want, change := range map[string]func(*Custom){
		"form, json or get":         func(c *Custom) { c.Format = "xml" },
		"fields that hold number":   func(c *Custom) { c.Fields.From = "" },
		"goes with format json":     func(c *Custom) { c.List = "data" },
		"use utf-8 or gbk":          func(c *Custom) { c.Charset = "klingon" },
		"must be 200 to 299":        func(c *Custom) { c.Success.Status = 404 },
		"use hmac-sha256":           func(c *Custom) { c.Sign = sign; c.Sign.Algorithm = "md5" },
		"could be put to any words": func(c *Custom) { c.Sign = sign; c.Sign.Fields = []string{"a"} },
		"either header or field":    func(c *Custom) { c.Sign = sign; c.Sign.Field = "sign" },
		"can't hold its own": func(c *Custom) {
			c.Sign = sign
			c.Sign.Header, c.Sign.Field, c.Sign.Fields = "", "s", []string{WholeBody}
		},
		"use hex, HEX or base64":    func(c *Custom) { c.Sign = sign; c.Sign.Encoding = "rot13" },
		"must be one of the signed": func(c *Custom) { c.Sign = sign; c.Sign.Time = "at" },
	} {
		c := good()
		change(&c)
		_, err := NewHandler(Channel{Name: "city", Provider: "custom", Secrets: []string{keyText}, Custom: c}, Options{})
		if !errors.Is(err, ErrChannel) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

// TestCustomMethods: a GET is taken where it is configured, and nowhere else.
func TestCustomMethods(t *testing.T) {
	_, h := open(t, "custom", customized(Custom{Format: FormatGet, Fields: fieldsOf()}))
	if w := call(h, "PUT", hookPath, "", nil); w.Code != 405 || w.Header().Get("Allow") != "GET, POST" {
		t.Errorf("answered %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
	_, h = open(t, "custom", customized(Custom{Format: FormatForm, Fields: fieldsOf()}))
	if w := call(h, "GET", hookPath+"/"+url.PathEscape(keyText)+"?mobile=1&content=x", "", nil); w.Code != 405 {
		t.Errorf("answered %d", w.Code)
	}
	_, h = open(t, "custom", customized(Custom{Format: FormatForm, Fields: fieldsOf(), Header: "X-Vendor-Key"}))
	if w := call(h, "POST", hookPath, "mobile=1&content=x", http.Header{"X-Vendor-Key": {keyText}}); w.Code != 200 {
		t.Errorf("a header of its own answered %d", w.Code)
	}
}
