package main

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"tipline/configs"
	"tipline/configs/locale"
	"tipline/intake"
	"tipline/intake/mailhook"
	"tipline/intake/outbound"
	"tipline/intake/sms"
)

// hooks are the gateways' handlers by their path. A gateway that signs nothing may
// bring its key as one more segment.
func (h *house) hooks(submit func(context.Context, *intake.Report) (intake.Filed, error), b *locale.Bundle, peer func(*http.Request) netip.Addr, tell func(channel string) func(sms.Told), count func(channel string) func(outcome string)) (map[string]http.Handler, error) {
	out := map[string]http.Handler{}
	for i, c := range h.cfg.SMS {
		channel, err := smsChannel(c, h.cfg.Languages[0])
		if err != nil {
			return nil, fmt.Errorf("sms[%d].%w", i, err)
		}
		handler, err := sms.NewHandler(channel,
			sms.Options{Submit: submit, Text: func(lang, key string, args ...any) string { return b.Translator(lang).T(key, args...) },
				Log: h.log, Now: h.now, Peer: peer, Tell: tell(c.Name), Count: count(c.Name)})
		if err != nil {
			return nil, fmt.Errorf("sms.%s: %w", c.Name, err)
		}
		out["/hooks/sms/"+c.Name] = handler
		out["/hooks/sms/"+c.Name+"/:key"] = handler
	}
	return out, nil
}

// tellers are how a channel tells who wrote that it arrived: by its own gateway, where
// that is set up to send.
func (p *program) tellers(channel string) func(sms.Told) {
	if !p.carriers.sends(channel) {
		return nil
	}
	return func(t sms.Told) {
		p.texter.Tell(outbound.Note{Gateway: channel, To: t.To, Outgoing: intake.Outgoing{Text: t.Text, Lang: t.Lang, State: t.State, On: t.On}})
	}
}

// mailHooks adds the mail providers' handlers.
func (p *program) mailHooks(to map[string]http.Handler) error {
	for _, m := range p.cfg.Mail {
		if m.Polled() {
			continue
		}
		handler, err := mailhook.NewHandler(
			mailhook.Channel{Name: m.Name, Provider: m.Provider, Secrets: m.Secret.Values(), Topic: m.Topic, MaxBytes: p.cfg.SMTP.MaxBytes},
			mailhook.Options{Submit: p.bell.Submit, Answers: p.answers.With(m.Ack), Aliases: p.mailAddresses(), Senders: p.senders, Log: p.log, Now: p.now, Client: providerClient(),
				Count: p.counter(mailInlet(m).Key, func(outcome string) { p.meters.hook(m.Name, outcome) })})
		if err != nil {
			return fmt.Errorf("mail.%s: %w", m.Name, err)
		}
		to["/hooks/mail/"+m.Name] = handler
	}
	return nil
}

// providerClient fetches from a provider's own servers, and follows nobody elsewhere.
func providerClient() *http.Client {
	return &http.Client{Timeout: 15 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// smsChannel is a gateway as it is configured.
func smsChannel(c configs.SMS, lang string) (sms.Channel, error) {
	allow, err := prefixes("allow", c.Allow)
	if err != nil {
		return sms.Channel{}, err
	}
	return sms.Channel{Name: c.Name, Provider: c.Provider, Secrets: c.Secret.Values(), URL: c.URL, Ack: c.Ack, Lang: lang,
		Allow: allow, Custom: customSMS(c.Custom)}, nil
}

func customSMS(c configs.CustomSMS) sms.Custom {
	return sms.Custom{Format: c.Format, Charset: c.Charset, List: c.List, Fields: sms.CustomFields(c.Fields), Header: c.Header,
		Sign: sms.CustomSign(c.Sign), Success: sms.CustomSuccess(c.Success)}
}
