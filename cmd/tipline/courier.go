package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tipline/configs"
	"tipline/configs/locale"
	"tipline/intake"
	"tipline/intake/courier"
	"tipline/intake/outbound"
)

// outlet is a gateway that texts go out through, and the numbers it sends to.
type outlet struct {
	channel  string // of the configuration
	prefixes []string
	courier.Sender
}

func (o outlet) serves(number string) bool {
	for _, p := range o.prefixes {
		if strings.HasPrefix(number, p) {
			return true
		}
	}
	return len(o.prefixes) == 0
}

// carriers are what answers go out by: the gateways that send, in their order, and
// the mail relay.
type carriers struct {
	outlets []outlet
	mailer  *outbound.Mailer
	words   func(lang, key string) string
	office  func(lang string) string
	thread  func(tip string) string // the Message-ID of a letter about a tip
}

// newCarriers makes the senders of the configuration.
func (h *house) newCarriers(b *locale.Bundle, m *outbound.Mailer) (*carriers, error) {
	c := &carriers{mailer: m, words: func(lang, key string) string { return b.Translator(lang).T(key) },
		thread: h.threadID, office: func(lang string) string { return h.cfg.Office.Name.In(b.Translator(lang).Lang()) }}
	for i, s := range h.cfg.SMS {
		if !s.Send.On() {
			continue
		}
		sender, err := courier.New(outgoing(s.Send), h.now)
		if err != nil {
			return nil, fmt.Errorf("sms[%d].send: %w", i, err)
		}
		c.outlets = append(c.outlets, outlet{s.Name, s.Send.Prefixes, sender})
	}
	return c, nil
}

func outgoing(s configs.Send) courier.Gateway {
	return courier.Gateway{Provider: s.Provider, URL: s.URL, User: s.User, Secret: s.Secret.Value(), From: s.From, Region: s.Region, App: s.App,
		Sign: s.Sign, Template: s.Template, Variables: s.Variables, Format: s.Format, Fields: s.Fields, Header: s.Header, Success: s.Success,
		PerMinute: s.PerMinute}
}

// Carries says whether anything is set up that carries an answer there.
func (c *carriers) Carries(by intake.Channel) bool {
	switch by {
	case intake.SMS:
		return len(c.outlets) > 0
	case intake.Email:
		return c.mailer.Delivers()
	default:
		return false
	}
}

// Carry hands an answer over.
func (c *carriers) Carry(ctx context.Context, by intake.Channel, to string, m intake.Outgoing) error {
	if by == intake.Email {
		return c.mailer.Deliver(ctx, outbound.Letter{To: to, Written: true, MessageID: c.thread(m.Tip), Subject: c.words(m.Lang, "dispatch.letter.subject"),
			Text: m.Text + "\n\n" + c.words(m.Lang, "dispatch.letter.end") + "\n"})
	}
	return c.text(ctx, "", to, m)
}

// text sends a text by a channel's own gateway where it may, else by the first that may.
func (c *carriers) text(ctx context.Context, channel, to string, m intake.Outgoing) error {
	number := intake.Number(to)
	own := slices.IndexFunc(c.outlets, func(o outlet) bool { return o.channel == channel && o.serves(number) })
	if own < 0 {
		own = slices.IndexFunc(c.outlets, func(o outlet) bool { return o.serves(number) })
	}
	if own < 0 {
		return &intake.SendError{Reason: intake.SendNoChannel}
	}
	return c.outlets[own].Send(ctx, number, courier.Text{Body: m.Text, Values: map[string]string{
		"state": c.words(m.Lang, "state."+string(m.State)), "date": string(m.On), "office": c.office(m.Lang)}})
}

// sends says whether a channel has a gateway that sends.
func (c *carriers) sends(channel string) bool {
	return slices.ContainsFunc(c.outlets, func(o outlet) bool { return o.channel == channel })
}
