package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"tipline/configs"
	"tipline/intake/sms/gateway"
)

type simulateCmd struct {
	SMS  simulateSMSCmd  `cmd:"" name:"sms" help:"Play an SMS gateway: signed callbacks as the provider sends them."`
	Mail simulateMailCmd `cmd:"" name:"mail" help:"Play a mail server that delivers to ours, or a provider that brings mail by a callback."`
}

type simulateSMSCmd struct {
	place
	pace
	To       string   `help:"Address of the hook, as in https://tips.example.org/hooks/sms/city." required:"" placeholder:"URL"`
	Provider string   `help:"Whose gateway to play; with --channel it is the channel's." placeholder:"X"`
	Channel  string   `help:"Take provider, secret, url and fields from this channel of the configuration." placeholder:"NAME"`
	Secret   string   `help:"The key to sign with or to bring along: file:PATH or env:NAME, never the key itself (file:/dev/stdin reads it from a pipe)." placeholder:"REF"`
	URL      string   `help:"The address to sign, where it isn't --to." placeholder:"URL"`
	From     string   `help:"The first sender's number; each message has the next one." default:"+8613800000000" placeholder:"NUMBER"`
	Number   string   `help:"The number written to." default:"10690000" placeholder:"NUMBER"`
	Text     string   `help:"What is written." default:"样例：村北耕地上正在打地基" placeholder:"TEXT"`
	Parts    int      `help:"Cut each text into as many parts, where the provider brings them apart." default:"1" placeholder:"N"`
	Batch    int      `help:"Put as many messages into one callback, where the provider does." default:"1" placeholder:"N"`
	Media    []string `help:"Address of a picture to send along, where the provider does; may be given several times." sep:"none" placeholder:"URL"`
}

// Help is printed below the usage.
func (simulateSMSCmd) Help() string {
	return "Each message comes from a number of its own and is a tip of its own; they read \"样例\". What is genuine must be taken, also " +
		"twice and unreadable; what is forged must be refused: anything else ends with exit code 1. Providers: " + strings.Join(gateway.Providers(), ", ") + "."
}

func (c simulateSMSCmd) Run(ctx context.Context, t terminal) error {
	if err := c.check(); err != nil {
		return err
	}
	a, err := c.account(t)
	if err != nil {
		return err
	}
	all, err := c.deliveries(a)
	if err != nil {
		return usageError{err}
	}
	v := volley{pace: c.pace}
	return v.run(ctx, t.out, all)
}

// account is the gateway's, from the flags and the channel of the configuration.
func (c *simulateSMSCmd) account(t terminal) (gateway.Account, error) {
	err := checkHook(c.To)
	if err != nil {
		return gateway.Account{}, err
	}
	a := gateway.Account{URL: c.URL}
	if a.Secret, err = secretOf(c.Secret); err != nil {
		return a, err
	}
	if c.Channel != "" {
		if err := c.fromChannel(&a); err != nil {
			return a, err
		}
	}
	if a.URL == "" {
		a.URL = c.To
	}
	switch {
	case c.Provider == "":
		return a, usageError{errors.New("--provider or --channel says whose gateway to play")}
	case a.Secret == "":
		return a, usageError{errors.New("--secret is missing: nothing can be signed without it")}
	case c.Provider == "telnyx":
		fmt.Fprintf(t.err, "The office's secret for this gateway is the public key %s\n", gateway.TelnyxKey(a.Secret))
	}
	return a, nil
}

// checkHook holds the address of a hook to its form.
func checkHook(to string) error {
	u, err := url.Parse(to)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return usageError{errors.New("--to must be an address that begins with http:// or https://")}
	}
	return nil
}

// secretOf reads what --secret refers to; "" is none.
func secretOf(reference string) (string, error) {
	secret, err := configs.ReadSecret(reference, os.Environ())
	switch {
	case errors.Is(err, configs.ErrLiteral):
		return "", usageError{fmt.Errorf("--secret: %w", err)}
	case err != nil:
		return "", fmt.Errorf("--secret: the secret can't be read: %w", err)
	}
	return secret, nil
}

// fromChannel fills in what the flags leave open.
func (c *simulateSMSCmd) fromChannel(a *gateway.Account) error {
	cfg, err := configs.Load(c.Config, os.Environ())
	if err != nil {
		return err
	}
	for _, s := range cfg.SMS {
		if s.Name != c.Channel {
			continue
		}
		c.Provider = s.Provider
		if a.Secret == "" {
			a.Secret = s.Secret.Values()[0]
		}
		if a.URL == "" {
			a.URL = s.URL
		}
		a.Custom = gateway.Custom{Format: s.Custom.Format, Charset: s.Custom.Charset, List: s.Custom.List, Fields: gateway.CustomFields(s.Custom.Fields),
			Header: s.Custom.Header, Sign: gateway.CustomSign(s.Custom.Sign)}
		return nil
	}
	return fmt.Errorf("no channel %q: sms names none that is called so", c.Channel)
}

// deliveries are all callbacks of a run.
func (c simulateSMSCmd) deliveries(a gateway.Account) ([]delivery, error) {
	run := rand.Text()[:10]
	var all []delivery
	add := func(what string, want answer, a gateway.Account, ms ...gateway.Message) error {
		if _, err := gateway.New(c.Provider, a, ms...); err != nil {
			return err
		}
		all = append(all, delivery{what, want, c.sender(a, ms)})
		return nil
	}
	var err error
	batch := max(1, c.Batch)
	for i := 0; i < c.Count && err == nil; i += batch {
		for _, ms := range c.messages(run, i, min(batch, c.Count-i)) {
			err = add("genuine", taken, a, ms...)
			if c.Redeliver && err == nil {
				err = add("again", taken, a, ms...)
			}
		}
	}
	for i := 0; i < c.Broken && err == nil; i++ {
		m := c.message(run+"b", i)
		m.Broken = true
		err = add("broken", taken, a, m)
	}
	stranger := a
	stranger.Secret = "not " + a.Secret
	for i := 0; i < c.Forge && err == nil; i++ {
		err = add("forged", refused, stranger, c.message(run+"f", i))
	}
	return all, err
}

// messages are n messages from the i-th on, by callback: together where they are a
// batch, in parts where they are cut.
func (c simulateSMSCmd) messages(run string, i, n int) (out [][]gateway.Message) {
	var batch []gateway.Message
	for j := range n {
		batch = append(batch, c.message(run, i+j))
	}
	if c.Parts < 2 {
		return append(out, batch)
	}
	for _, m := range batch {
		text := []rune(m.Text)
		for p := range c.Parts {
			part := m
			part.ID, part.Ref, part.Number, part.Of = fmt.Sprintf("%s-%d", m.ID, p+1), m.ID, p+1, c.Parts
			part.Text = string(text[len(text)*p/c.Parts : len(text)*(p+1)/c.Parts])
			out = append(out, []gateway.Message{part})
		}
	}
	return out
}

func (c simulateSMSCmd) message(run string, i int) gateway.Message {
	return gateway.Message{ID: fmt.Sprintf("sim-%s-%d", run, i), From: next(c.From, i), To: c.Number, Text: c.Text, Sent: time.Now(), Media: c.Media}
}

// next is the number that stands i behind another.
func next(number string, i int) string {
	digits := []byte(number)
	for at := len(digits) - 1; i > 0 && at >= 0 && digits[at] >= '0' && digits[at] <= '9'; at-- {
		i += int(digits[at] - '0')
		digits[at] = byte('0' + i%10)
		i /= 10
	}
	return string(digits)
}

// sender sends one callback, signed anew each time.
func (c simulateSMSCmd) sender(a gateway.Account, ms []gateway.Message) func(context.Context) (answer, string) {
	return callback(func() (*http.Request, error) {
		a.Now, a.Nonce = time.Now(), rand.Text()
		call, err := gateway.New(c.Provider, a, ms...)
		if err != nil {
			return nil, err
		}
		return call.Request(c.To)
	})
}

// callback sends what write makes, anew each time.
func callback(write func() (*http.Request, error)) func(context.Context) (answer, string) {
	client := simulationClient()
	return func(ctx context.Context) (answer, string) {
		r, err := write()
		if err != nil {
			return silentAnswer, err.Error()
		}
		resp, err := client.Do(r.WithContext(ctx))
		if err != nil {
			return silentAnswer, "no answer: " + cause(err)
		}
		resp.Body.Close()
		return verdictOf(resp.StatusCode), "answered " + resp.Status
	}
}

// cause is an error's own reason, without the address, which may hold the key.
func cause(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err.Error()
	}
	return err.Error()
}

func simulationClient() *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// verdictOf reads a status as gateways do.
func verdictOf(status int) answer {
	switch {
	case status/100 == 2:
		return taken
	case status == http.StatusTooManyRequests || status >= 500:
		return later
	default:
		return refused
	}
}
