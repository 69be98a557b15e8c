package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"tipline/configs"
	"tipline/intake/mailhook/gateway"
)

// callbacks are all mails of a run as a provider brings them.
func (c *simulateMailCmd) callbacks(t terminal) ([]delivery, error) {
	a, err := c.account()
	if err != nil {
		return nil, err
	}
	if c.Provider == "sendgrid" && !strings.Contains(a.Secret, ":") {
		t.note("The office's secret for this provider is the public key %s\n", gateway.SendGridKey(a.Secret))
	}
	stranger := a
	stranger.Secret = "not " + a.Secret
	return c.deliveries(func(m simulated) delivery {
		if m.kind == "forged" {
			return delivery{m.kind, refused, c.bringer(stranger, m)}
		}
		return delivery{m.kind, taken, c.bringer(a, m)}
	}), nil
}

// bringer brings one mail, signed anew each time.
func (c *simulateMailCmd) bringer(a gateway.Account, m simulated) func(context.Context) (answer, string) {
	l := gateway.Letter{ID: m.id, From: m.envelope, To: m.rcpt, Raw: c.letter(m), Parsed: c.Parsed, Header: c.fields(m), Text: c.Text, Files: c.files(), Cut: m.broken && c.Parsed}
	return callback(func() (*http.Request, error) {
		a.Now = time.Now()
		return gateway.Request(c.Provider, c.To, a, l)
	})
}

// account is the provider's, from the flags and the channel of the configuration.
func (c *simulateMailCmd) account() (gateway.Account, error) {
	a := gateway.Account{Topic: c.Topic}
	err := checkHook(c.To)
	if err != nil {
		return a, err
	}
	if a.Secret, err = secretOf(c.Secret); err != nil {
		return a, err
	}
	if c.Channel != "" {
		if err := c.fromChannel(&a); err != nil {
			return a, err
		}
	}
	return a, c.checkAccount(a)
}

func (c *simulateMailCmd) checkAccount(a gateway.Account) error {
	switch {
	case c.Relay > 0 || c.TLS || c.LMTP:
		return usageError{errors.New("--relay, --tls and --lmtp are a mail server's: a callback has none of them")}
	case !slices.Contains(gateway.Providers(), c.Provider):
		return usageError{fmt.Errorf("provider %q is not known: use one of %s", c.Provider, strings.Join(gateway.Providers(), ", "))}
	case !gateway.Genuine(c.Provider) && (c.Count > 0 || c.Broken > 0):
		return usageError{fmt.Errorf("nobody but Amazon can sign what %s brings: --count 0 --forge N tries that forgeries are refused", c.Provider)}
	case !gateway.Genuine(c.Provider) && a.Topic == "":
		return usageError{errors.New("--topic or --channel says which topic to forge for")}
	case gateway.Genuine(c.Provider) && a.Secret == "":
		return usageError{errors.New("--secret is missing: nothing can be signed without it")}
	case c.Provider == "postmark" && !strings.Contains(a.Secret, ":"):
		return usageError{errors.New("the secret must be user:password, as in the address that Postmark calls")}
	}
	return nil
}

// fromChannel fills in what the flags leave open. SendGrid's public key signs nothing, so it isn't taken
// for a secret.
func (c *simulateMailCmd) fromChannel(a *gateway.Account) error {
	cfg, err := configs.Load(c.Config, os.Environ())
	if err != nil {
		return err
	}
	for _, m := range cfg.Mail {
		if m.Name != c.Channel || m.Polled() {
			continue
		}
		c.Provider = m.Provider
		for _, s := range m.Secret.Values() {
			if a.Secret == "" && (m.Provider != "sendgrid" || strings.Contains(s, ":")) {
				a.Secret = s
			}
		}
		if a.Topic == "" {
			a.Topic = m.Topic
		}
		return nil
	}
	return fmt.Errorf("no channel %q: mail names none that is called so and brings its mail by a callback", c.Channel)
}
