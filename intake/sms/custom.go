package sms

// A local aggregator whose callbacks are described in the configuration:
//
//	GET /hooks/sms/city/{key}?msgid=1&mobile=13800138000&dest=1069&content=%B4%E5%B1%B1&time=20260101090000
//
//	POST /hooks/sms/city            POST /hooks/sms/city
//	msgid=1&mobile=…&content=…      {"data": {"items": [{"msgid": 1, "mobile": "…", "content": "…"}]}}
//
// A key comes with the request (see keyed), or the callback carries an HMAC (see
// custom_sign.go).

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The forms a custom callback may have.
const (
	FormatForm = "form" // POST, application/x-www-form-urlencoded
	FormatJSON = "json" // POST
	FormatGet  = "get"  // fields in the query
)

// Custom describes the callbacks of a local aggregator.
type Custom struct {
	Format  string // FormatForm, FormatJSON or FormatGet
	Charset string // "" takes the one declared, then UTF-8 or GB18030, whichever it is
	// List is the path of the array that holds the messages, keys joined by dots;
	// "" is the body itself, an array or one object. JSON alone has lists.
	List    string
	Fields  CustomFields
	Header  string // a header that holds the key, beside X-Tipline-Key
	Sign    CustomSign
	Success CustomSuccess
}

// CustomFields name the fields of a message, in JSON paths with dots. From and
// Text are needed; without ID a message is known again by its content. What has Report and
// no words tells what became of a text that was sent.
type CustomFields struct{ ID, From, To, Text, Time, Report string }

// CustomSuccess is the answer the gateway waits for.
type CustomSuccess struct {
	Status int    // 0 is 200
	Type   string // "" is text/plain; charset=utf-8
	Body   string // "" is OK
}

type custom struct {
	Custom
	key  keyed
	sign *customSignature // nil: the key comes with the request
}

func newCustom(c Channel, now func() time.Time) (provider, error) {
	if err := c.Custom.check(); err != nil {
		return nil, err
	}
	p := custom{Custom: c.Custom, key: newKeyed(c)}
	if c.Custom.Header != "" {
		p.key.header = c.Custom.Header
	}
	if c.Custom.Sign.Algorithm != "" {
		sign, err := newCustomSignature(c, now)
		if err != nil {
			return nil, err
		}
		p.sign = &sign
	}
	return p, nil
}

func (c Custom) check() error {
	switch {
	case c.Format != FormatForm && c.Format != FormatJSON && c.Format != FormatGet:
		return errors.New("custom.format must be form, json or get")
	case c.Fields.From == "" || c.Fields.Text == "":
		return errors.New("custom.fields.from and custom.fields.text must name the fields that hold number and text")
	case c.List != "" && c.Format != FormatJSON:
		return errors.New("custom.list goes with format json alone: take it out")
	case c.Charset != "" && !strings.EqualFold(c.Charset, "utf-8") && decoder(c.Charset) == nil:
		return fmt.Errorf("custom.charset %q is not known: use utf-8 or gbk", c.Charset)
	case c.Success.Status != 0 && (c.Success.Status < 200 || c.Success.Status > 299):
		return errors.New("custom.success.status must be 200 to 299")
	default:
		return nil
	}
}

func (p custom) verify(r *http.Request, body []byte) error {
	if p.sign != nil {
		return p.sign.verify(r, body)
	}
	return p.key.verify(r, body)
}

func (p custom) decode(r *http.Request, body []byte) []message {
	if p.Format != FormatJSON {
		return p.fromForm(r, body)
	}
	body = jsonIn(body, p.charset(r))
	if p.List == "" {
		return batch(body, elements(body), p.fromJSON)
	}
	list, ok := listAt(body, strings.Split(p.List, ".")...)
	if !ok {
		return unparsed("", body)
	}
	return batch(body, list, p.fromJSON)
}

// wrap puts an element back into the lists and objects it lay in.
func (p custom) wrap(element []byte) []byte {
	if p.List == "" {
		return element
	}
	out := "[" + string(element) + "]"
	for _, key := range slices.Backward(strings.Split(p.List, ".")) {
		name, _ := json.Marshal(key) // a text always can be
		out = "{" + string(name) + ":" + out + "}"
	}
	return []byte(out)
}

func (p custom) charset(r *http.Request) string {
	if p.Charset != "" {
		return p.Charset
	}
	return declared(r)
}

func (p custom) fromForm(r *http.Request, body []byte) []message {
	form, ok := formIn(body, p.charset(r))
	raw := withoutKey(body)
	if !ok {
		return unparsed("", raw)
	}
	return p.read(func(name string) (string, bool) { return form.Get(name), form.Has(name) }, form.Has(p.Fields.Report), raw)
}

// read makes a message of its fields. One in which number or words stand elsewhere is set
// aside: a wrong map would file blank tips.
func (p custom) read(field func(path string) (value string, is bool), report bool, raw []byte) []message {
	_, from := field(p.Fields.From)
	words, text := field(p.Fields.Text)
	switch {
	case report && p.Fields.Report != "" && words == "":
		return nil // what became of a text we sent
	case !from || !text:
		return unparsed("", raw)
	default:
		return []message{p.message(func(path string) string { v, _ := field(path); return v }, raw)}
	}
}

// withoutKey takes the secret out of a query before it is kept.
func withoutKey(query []byte) []byte {
	var kept []string
	for pair := range strings.SplitSeq(string(query), "&") {
		if !strings.HasPrefix(pair, keyParameter+"=") {
			kept = append(kept, pair)
		}
	}
	return []byte(strings.Join(kept, "&"))
}

func (p custom) fromJSON(element []byte) []message {
	var object map[string]json.RawMessage
	if json.Unmarshal(element, &object) != nil {
		return unparsed("", element)
	}
	_, report := under(element, p.Fields.Report)
	return p.read(func(path string) (string, bool) { return at(element, path) }, report, element)
}

// at is the text or number under a path of keys joined by dots.
func at(object []byte, path string) (string, bool) {
	value, ok := under(object, path)
	if !ok {
		return "", false
	}
	var l loose
	err := json.Unmarshal(value, &l)
	return string(l), err == nil
}

// under is whatever stands under a path of keys joined by dots.
func under(object []byte, path string) (json.RawMessage, bool) {
	value := json.RawMessage(object)
	for key := range strings.SplitSeq(path, ".") {
		var next map[string]json.RawMessage
		if json.Unmarshal(value, &next) != nil || next[key] == nil {
			return nil, false
		}
		value = next[key]
	}
	return value, true
}

func (p custom) message(field func(string) string, raw []byte) message {
	optional := func(name string) string {
		if name == "" {
			return ""
		}
		return field(name)
	}
	m := message{id: optional(p.Fields.ID), from: field(p.Fields.From), to: optional(p.Fields.To), text: field(p.Fields.Text),
		sent: chinaTime(optional(p.Fields.Time)), raw: raw}
	return m
}

func (p custom) answer(string) reply {
	out := reply{status: p.Success.Status, contentType: p.Success.Type, body: p.Success.Body}
	if out.contentType == "" {
		out.contentType = textType
	}
	if out.body == "" {
		out.body = "OK"
	}
	return out
}
