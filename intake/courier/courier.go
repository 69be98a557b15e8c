// Package courier carries texts out through the APIs of SMS gateways, and the
// urgent alert to a webhook.
//
// A provider is one file: how a text is asked for and how its answer is read.
// Adding one is that file and a line in the table below. Everything goes over TLS
// (save to this machine), no redirect is followed, every call has an end, and
// answers are read up to a cap. No error holds a number, a text or a key: net/http
// writes addresses into its own, and they end here.
package courier

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"tipline/intake"
)

// Gateway is one provider's account, as it is configured. Which fields a provider
// needs, package configs knows.
type Gateway struct {
	Provider string // a name of [Providers]
	URL      string // "" is the provider's own
	User     string // account, key id, service plan or login
	Secret   string
	From     string // a number, a sender's name, or Twilio's messaging service
	Region   string
	// Sign, Template, App and Variables are what gateways want that carry approved
	// templates alone. A variable is name=value; see [Text].
	Sign, Template, App string
	Variables           []string
	// Format, Fields, Header and Success describe the provider custom: a field is
	// name=value, a header Name: value.
	Format, Header, Success string
	Fields                  []string

	PerMinute int // texts; 0 is one a second
}

// String keeps the keys out of logs and error texts.
func (g Gateway) String() string { return g.Provider }

// LogValue keeps the keys out of structured logs.
func (g Gateway) LogValue() slog.Value { return slog.StringValue(g.Provider) }

// Text is one text. Values fill the {name} of variables and fields; text and to
// are always there for fields, never for the variables of a template: those carry
// no free text.
type Text struct {
	Body   string
	Values map[string]string
}

// String keeps a text out of logs and error texts.
func (Text) String() string { return "[text]" }

// LogValue keeps a text out of structured logs.
func (Text) LogValue() slog.Value { return slog.StringValue("[text]") }

// Sender hands texts to one gateway. It is safe for concurrent use.
type Sender interface {
	// Send returns nil when the gateway has taken the text. Else it returns an
	// [*intake.SendError].
	Send(ctx context.Context, number string, t Text) error
}

// api is one provider's way to take a text.
type api struct {
	home    string // its URL
	longest int    // UTF-16 units of a text; 0: it takes no free text
	request func(g Gateway, number string, t Text, now time.Time) (*http.Request, error)
	// taken reads the body of an answer: nil says that the gateway has the text.
	taken func(g Gateway, status int, body []byte) error
}

// apis is the table of providers.
func apis() map[string]api {
	return map[string]api{
		"aliyun":  {"https://dysmsapi.aliyuncs.com", 0, askAliyun, readAliyun},
		"android": {"https://api.sms-gate.app/3rdparty/v1", tenParts, askAndroid, readAccepted},
		"custom":  {"", tenParts, askCustom, readCustom},
		"plivo":   {"https://api.plivo.com", tenParts, askPlivo, readPlivo},
		"sinch":   {"https://{region}.sms.api.sinch.com", tenParts, askSinch, readSinch},
		"telnyx":  {"https://api.telnyx.com", tenParts, askTelnyx, readTelnyx},
		"tencent": {"https://sms.tencentcloudapi.com", 0, askTencent, readTencent},
		"twilio":  {"https://api.twilio.com", tenParts, askTwilio, readTwilio},
		"vonage":  {"https://rest.nexmo.com", tenParts, askVonage, readVonage},
	}
}

// tenParts is what ten parts of a text in UCS-2 hold (3GPP TS 23.040: 67 units
// beside the header): the least that the providers carry.
const tenParts = 670

// Providers lists the names a gateway's provider may have, sorted.
func Providers() []string { return slices.Sorted(maps.Keys(apis())) }

// sender is a gateway at work.
type sender struct {
	gateway Gateway
	api     api
	client  *http.Client
	now     func() time.Time
	pace    *pace
}

// New is a sender through g; now nil is the clock. The error says that the provider
// isn't known.
func New(g Gateway, now func() time.Time) (Sender, error) {
	a, ok := apis()[g.Provider]
	if !ok {
		return nil, fmt.Errorf("provider %q sends no texts: use one of %s", g.Provider, strings.Join(Providers(), ", "))
	}
	if now == nil {
		now = time.Now
	}
	if g.Region == "" {
		g.Region = map[string]string{"sinch": "us", "tencent": "ap-guangzhou"}[g.Provider]
	}
	if g.URL == "" {
		g.URL = strings.ReplaceAll(a.home, "{region}", g.Region)
	}
	g.URL = strings.TrimRight(g.URL, "/")
	return &sender{gateway: g, api: a, client: newClient(), now: now, pace: newPace(g.PerMinute)}, nil
}

// Send hands a text over.
func (s *sender) Send(ctx context.Context, number string, t Text) error {
	if number = intake.Number(number); !intake.Dialable(number) {
		return failed(intake.SendNumber)
	}
	if s.api.longest > 0 && len(utf16.Encode([]rune(t.Body))) > s.api.longest {
		return failed(intake.SendTooLong)
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	if err := s.pace.wait(ctx); err != nil {
		return failed(intake.SendLimited)
	}
	req, err := s.api.request(s.gateway, number, t, s.now())
	if err != nil {
		return failed(intake.SendRefused)
	}
	a, err := call(s.client, req.WithContext(ctx))
	if err != nil {
		return err
	}
	if a.rest > 0 {
		s.pace.rest(a.rest)
	}
	return s.api.taken(s.gateway, a.status, a.body)
}

// failed is a certain failure.
func failed(reason string) error { return &intake.SendError{Reason: reason} }
