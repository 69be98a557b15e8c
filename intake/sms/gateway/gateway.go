// Package gateway speaks as the SMS gateways do: it encodes a text and signs the
// callback as each provider does. An operator tries a set-up with it (`tipline
// simulate sms`), and the tests of package sms hold its decoders against it; so it
// is written apart from the code that listens.
package gateway

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Message is one text as a gateway brings it.
type Message struct {
	ID, From, To, Text string
	Sent               time.Time
	Media              []string // addresses of files, where the provider carries them
	// Ref, Number and Of place a part of a longer text, where the provider delivers
	// parts apart.
	Ref        string
	Number, Of int
	// Broken makes of it what can't be read, though it is signed.
	Broken bool
}

// Account is what a gateway knows of the office it calls.
type Account struct {
	Secret string // that it signs with, or brings along; of telnyx what its key pair follows from
	URL    string // the address it was told
	Now    time.Time
	Nonce  string // of one callback
	Event  string // a callback's id, where it has one; "" follows from the content, so that a repetition has the same
	Custom Custom // of the provider custom
}

// Call is one callback.
type Call struct {
	Method string
	Key    string // to be put behind the path as one more segment; "" for none
	Query  string
	Body   string
	Header http.Header
}

// Request is the callback as a request to an address.
func (c Call) Request(to string) (*http.Request, error) {
	u, err := url.Parse(to)
	if err != nil {
		return nil, err
	}
	if c.Key != "" {
		u = u.JoinPath(url.PathEscape(c.Key))
	}
	if c.Query != "" {
		u.RawQuery = strings.TrimPrefix(u.RawQuery+"&"+c.Query, "&")
	}
	r, err := http.NewRequest(c.Method, u.String(), strings.NewReader(c.Body))
	if err != nil {
		return nil, err
	}
	r.Header = c.Header
	return r, nil
}

// wire is how one provider's gateway writes and signs.
type wire struct {
	encode func(a Account, ms []Message) string
	sign   func(a Account, c *Call)
	kind   string // content type
	batch  bool   // one callback may bring several messages
	parts  bool   // parts of a long text are delivered apart
	media  bool   // files come as addresses
}

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// wires is the table of gateways.
func wires() map[string]wire {
	return map[string]wire{
		"africastalking":  {encode: africasTalking, sign: inPath, kind: formType},
		"aliyun":          {encode: aliyun, sign: inPath, kind: jsonType, batch: true},
		"android":         {encode: android, sign: signAndroid, kind: jsonType, batch: true},
		"bird":            {encode: bird, sign: signBird, kind: jsonType},
		"custom":          {encode: custom, sign: signCustom},
		"huawei":          {encode: huawei, sign: signHuawei, kind: formType},
		"infobip":         {encode: infobip, sign: inPath, kind: jsonType, batch: true},
		"messagebird":     {encode: messagebird, sign: signMessageBird, kind: formType, media: true},
		"plivo":           {encode: plivo, sign: signPlivo, kind: formType, media: true},
		"sinch":           {encode: sinch, sign: signSinch, kind: jsonType},
		"standard":        {encode: standard, sign: signStandard, kind: jsonType, media: true},
		"telnyx":          {encode: telnyx, sign: signTelnyx, kind: jsonType, media: true},
		"tencent":         {encode: tencent, sign: inPath, kind: jsonType},
		"twilio":          {encode: twilio, sign: signTwilio, kind: formType, media: true},
		"vonage":          {encode: vonage, sign: signVonage, kind: formType, parts: true},
		"vonage-messages": {encode: vonageMessages, sign: signVonageMessages, kind: jsonType},
	}
}

// Providers lists the gateways that can be played, sorted.
func Providers() []string { return slices.Sorted(maps.Keys(wires())) }

// Abilities are what a provider's callbacks can carry.
type Abilities struct{ Batch, Parts, Media bool }

// Can says what a provider's callbacks can carry.
func Can(provider string) Abilities {
	w := wires()[provider]
	return Abilities{w.batch, w.parts, w.media}
}

// Encode is the body of one callback, before it is signed. Only a batch holds more
// than one message.
func Encode(provider string, a Account, ms ...Message) string { return wires()[provider].encode(a, ms) }

// Sign makes the callback that carries a body.
func Sign(provider string, a Account, body string) Call {
	w := wires()[provider]
	c := Call{Method: http.MethodPost, Body: body, Header: http.Header{}}
	if w.kind != "" {
		c.Header.Set("Content-Type", w.kind)
	}
	w.sign(a, &c)
	return c
}

// New is the callback that carries messages. It fails where the provider is unknown, or
// doesn't carry so many, parts or files.
func New(provider string, a Account, ms ...Message) (Call, error) {
	w, ok := wires()[provider]
	if !ok {
		return Call{}, fmt.Errorf("provider %q is not known: use one of %s", provider, strings.Join(Providers(), ", "))
	}
	if len(ms) > 1 && !w.batch {
		return Call{}, fmt.Errorf("%s brings one message at a time", provider)
	}
	for _, m := range ms {
		if m.Of > 1 && !w.parts {
			return Call{}, fmt.Errorf("%s brings long texts in one piece", provider)
		}
		if len(m.Media) > 0 && !w.media {
			return Call{}, fmt.Errorf("%s brings no files here", provider)
		}
	}
	return Sign(provider, a, w.encode(a, ms)), nil
}
