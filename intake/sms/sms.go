// Package sms takes the callbacks of SMS gateways and files them as reports.
//
// A provider is one file: a sample payload, a signature check, a decoder and an
// answer. Adding one is that file and a line in the table of provider.go. The
// handler reads the body, has it verified before anything else is done with it,
// files every message and answers 2xx only when all of them are durable.
// outcome.go is the only place where an error becomes a status.
package sms

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"tipline/intake"
	"tipline/intake/hookbody"
)

// The acknowledgements a channel may be set to.
const (
	AckNeutral = "neutral" // says only that something arrived
	AckReceipt = "receipt" // tells the receipt: the gateway and the carrier can then read the conversation
	AckNone    = "none"
)

// ErrChannel is wrapped by every error of [NewHandler]: the configuration must
// be mended.
var ErrChannel = errors.New("the SMS channel can't be used")

// Channel is one gateway as it is configured.
type Channel struct {
	Name     string
	Provider string   // a name of [Providers]
	Secrets  []string // each is accepted, so that one can be rotated out
	// URL is the callback's address exactly as the gateway was told. Providers
	// that sign the address are checked against it, never against the request.
	URL  string
	Ack  string // neutral, receipt or none; "" is neutral
	Lang string // of acknowledgements and reports; "" is zh-CN
	// Allow lists the networks callbacks may come from; empty lets all in.
	Allow []netip.Prefix
	// Custom describes the wire format of the provider "custom"; others ignore it.
	Custom Custom
}

// String keeps the secrets out of logs and error texts.
func (c Channel) String() string { return c.Name + " (" + c.Provider + ")" }

// LogValue keeps the secrets out of structured logs.
func (c Channel) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Options are what the handler works with. Submit and Text are needed.
type Options struct {
	// Submit files one report; its errors wrap the sentinels of package intake.
	Submit func(ctx context.Context, r *intake.Report) (intake.Filed, error)
	// Text words an acknowledgement; args are pairs of a name and a value.
	Text func(lang, key string, args ...any) string
	// Tell sends a text to who wrote, where the gateway's answer carries none; it must
	// not block. nil tells nobody.
	Tell func(t Told)
	// Log gets the channel's name and an outcome, never what a person sent.
	Log *slog.Logger
	// Now is the clock that timestamps are held against.
	Now func() time.Time
	// Count is told every outcome by its name, see outcome.go.
	Count func(outcome string)
	// Peer is the caller's address for Channel.Allow. Behind a proxy it must
	// look through it; nil takes the connection's own.
	Peer func(*http.Request) netip.Addr
}

// Told is what is sent to who wrote: that something arrived, or where it stands. It
// holds a number and prints as "[told]".
type Told struct {
	To, Text, Lang string
	// State and On are the tip's, for gateways that send templates alone.
	State intake.State
	On    intake.Date
}

// String keeps a number out of logs and error texts.
func (Told) String() string { return "[told]" }

// LogValue keeps a number out of structured logs.
func (Told) LogValue() slog.Value { return slog.StringValue("[told]") }

// NewHandler is the callback handler of one channel. Its errors wrap
// [ErrChannel] and say how to mend the configuration.
func NewHandler(c Channel, o Options) (http.Handler, error) { return newHandler(c, o) }

// Check says what [NewHandler] would say of a channel.
func Check(c Channel) error {
	_, err := newHandler(c, Options{})
	return err
}

func newHandler(c Channel, o Options) (*handler, error) {
	if c.Ack == "" {
		c.Ack = AckNeutral
	}
	if c.Lang == "" {
		c.Lang = "zh-CN"
	}
	o = o.withDefaults()
	k, ok := kinds()[c.Provider]
	if err := c.check(k, ok); err != nil {
		return nil, fmt.Errorf("%w: sms channel %q: %w", ErrChannel, c.Name, err)
	}
	p, err := k.build(c, o.Now)
	if err != nil {
		return nil, fmt.Errorf("%w: sms channel %q: %w", ErrChannel, c.Name, err)
	}
	bodies := hookbody.NewRoom(bodiesRoom, cmp.Or(k.most, maxBody), bodyTime, time.Now)
	return &handler{channel: c, provider: p, acks: k.acks, gets: k.gets != nil && k.gets(c), looks: k.looks, bodies: bodies, room: make(chan struct{}, together), Options: o}, nil
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Count == nil {
		o.Count = func(string) {}
	}
	if o.Peer == nil {
		o.Peer = connectionPeer
	}
	return o
}

func connectionPeer(r *http.Request) netip.Addr {
	p, _ := netip.ParseAddrPort(r.RemoteAddr)
	return p.Addr()
}

func (c Channel) check(k kind, known bool) error {
	switch {
	case c.Name == "":
		return errors.New("name is empty: give the channel the name its URL ends with")
	case !known:
		return fmt.Errorf("provider %q is not known: use one of %s", c.Provider, strings.Join(Providers(), ", "))
	case len(c.Secrets) == 0:
		return fmt.Errorf("secret is missing: set the key that %s signs with", c.Provider)
	case c.Ack != AckNeutral && c.Ack != AckReceipt && c.Ack != AckNone:
		return fmt.Errorf("ack %q is not known: use neutral, receipt or none", c.Ack)
	case k.signsURL && !absolute(c.URL):
		return fmt.Errorf("url must be the full https address exactly as it was entered at %s, which signs it", c.Provider)
	}
	for _, s := range c.Secrets {
		if strings.TrimSpace(s) == "" {
			return errors.New("a secret is empty: anybody could sign with it; set one or take it out of the list")
		}
	}
	return nil
}

func absolute(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}
