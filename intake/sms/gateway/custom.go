package gateway

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"hash"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// Custom is how a local aggregator writes and signs; package sms says what each field
// means.
type Custom struct {
	Format  string // form, json or get
	Charset string
	List    string
	Fields  CustomFields
	Header  string
	Sign    CustomSign
}

// CustomFields name the fields of a message.
type CustomFields struct{ ID, From, To, Text, Time, Report string }

// CustomSign is an HMAC over fields in their order.
type CustomSign struct {
	Algorithm     string
	Fields        []string
	Joiner        string
	Encoding      string
	Header, Field string
	Time          string
}

func custom(a Account, ms []Message) string {
	m, f := ms[0], a.Custom.Fields
	pairs := [][2]string{{f.ID, m.ID}, {f.From, m.From}, {f.To, m.To}, {f.Text, m.Text}, {f.Time, chinaTime(m.Sent)}}
	if a.Custom.Sign.Time != "" {
		pairs = slices.DeleteFunc(pairs, func(p [2]string) bool { return p[0] == a.Custom.Sign.Time })
		pairs = append(pairs, [2]string{a.Custom.Sign.Time, a.seconds()})
	}
	pairs = slices.DeleteFunc(pairs, func(p [2]string) bool { return p[0] == "" })
	if a.Custom.Format == "json" {
		return object(m, a.Custom.nested(pairs))
	}
	var flat []string
	if m.Broken {
		flat, m.Broken = []string{"broken", "1"}, false
		pairs = slices.DeleteFunc(pairs, func(p [2]string) bool { return p[0] != a.Custom.Sign.Time }) // it is signed all the same
	}
	for _, p := range pairs {
		flat = append(flat, p[0], a.Custom.encoded(p[1]))
	}
	return form(m, flat...)
}

// nested are fields under their paths, in the list's place where there is one.
func (c Custom) nested(pairs [][2]string) any {
	out := map[string]any{}
	for _, p := range pairs {
		put(out, p[0], p[1])
	}
	if c.List == "" {
		return out
	}
	whole := map[string]any{}
	put(whole, c.List, []any{out})
	return whole
}

// put sets what stands under a path of keys joined by dots.
func put(in map[string]any, path string, v any) {
	key, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		in[key] = v
		return
	}
	next, ok := in[key].(map[string]any)
	if !ok {
		next = map[string]any{}
		in[key] = next
	}
	put(next, rest, v)
}

// encoded is s in the aggregator's charset.
func (c Custom) encoded(s string) string {
	e, err := htmlindex.Get(c.Charset)
	if err != nil {
		return s
	}
	out, err := e.NewEncoder().String(s)
	if err != nil {
		return s
	}
	return out
}

// signCustom puts the key or the signature where the description has it.
func signCustom(a Account, c *Call) {
	how := a.Custom
	if how.Format == "get" {
		c.Method = http.MethodGet
	}
	switch {
	case how.Sign.Algorithm != "":
		a.signFields(c)
	case how.Header != "":
		c.Header.Set(how.Header, a.Secret)
	default:
		c.Key = a.Secret
	}
	switch how.Format {
	case "get":
		c.Query, c.Body = c.Body, ""
	case "json":
		c.Header.Set("Content-Type", jsonType)
	default:
		c.Header.Set("Content-Type", formType)
	}
}

// signFields is the HMAC over the named fields.
func (a Account) signFields(c *Call) {
	how := a.Custom.Sign
	var values []string
	for _, name := range how.Fields {
		values = append(values, a.Custom.value(c.Body, name))
	}
	newHash := map[string]func() hash.Hash{"hmac-sha256": sha256.New, "hmac-sha1": sha1.New, "hmac-md5": md5.New}[how.Algorithm]
	raw := sum(newHash, a.Secret, strings.Join(values, how.Joiner))
	signature := map[string]string{"base64": base64.StdEncoding.EncodeToString(raw), "HEX": strings.ToUpper(hex.EncodeToString(raw))}[how.Encoding]
	if signature == "" {
		signature = hex.EncodeToString(raw)
	}
	switch {
	case how.Header != "":
		c.Header.Set(how.Header, signature)
	case a.Custom.Format == "json":
		whole := map[string]any{}
		if json.Unmarshal([]byte(c.Body), &whole) == nil {
			put(whole, how.Field, signature)
			c.Body = asJSON(whole)
		}
	default:
		c.Body += "&" + url.QueryEscape(how.Field) + "=" + url.QueryEscape(signature)
	}
}

// value is what stands under a field's name in a body; "@body" is all of it.
func (c Custom) value(body, name string) string {
	if name == "@body" {
		return body
	}
	if c.Format != "json" {
		v, _ := fields(body)
		return v.Get(name)
	}
	var at any
	if json.Unmarshal([]byte(body), &at) != nil {
		return ""
	}
	for key := range strings.SplitSeq(name, ".") {
		m, ok := at.(map[string]any)
		if !ok {
			return ""
		}
		at = m[key]
	}
	s, _ := at.(string)
	return s
}
