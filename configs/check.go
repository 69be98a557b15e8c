package configs

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/go-playground/validator/v10"
)

// check reports what is wrong with a filled Config, save the keys in skip, which have been reported.
func (c *Config) check(skip map[string]bool) []error {
	var out []error
	report := func(key, text string) {
		if !covered(key, skip) {
			out = append(out, &Problem{Key: key, Text: text})
		}
	}
	var fields validator.ValidationErrors
	if errors.As(newValidator().Struct(c), &fields) {
		for _, f := range fields {
			_, key, _ := strings.Cut(f.Namespace(), ".")
			report(key, explain(f))
		}
	}
	c.checkListeners(report)
	c.checkTLS(report)
	if len(c.Notify.Mail) > 0 && c.SMTP.Relay == "" && !skip["smtp.relay"] {
		report("notify.mail", "needs smtp.relay to send through; set it, or leave the list empty")
	}
	if len(c.Alerts.Mail) > 0 && c.SMTP.Relay == "" && !skip["smtp.relay"] {
		report("alerts.mail", "needs smtp.relay to send through; set it, or leave the list empty")
	}
	for i, d := range c.Alerts.Desks {
		if len(d.Mail) > 0 && c.SMTP.Relay == "" && !skip["smtp.relay"] {
			report(fmt.Sprintf("alerts.desks[%d].mail", i), "needs smtp.relay to send through; set it, or leave the list empty")
		}
	}
	c.checkSend(report)
	if c.Spool.Enabled && c.SMTP.Addr == "" && len(c.SMS)+len(c.Mail) == 0 {
		report("spool.enabled", "keeps mail and SMS alone, and neither comes in; set smtp.addr or sms, or leave it false")
	}
	c.checkMail(report)
	if _, err := packFS(c.Pack); err != nil && c.Pack != "" {
		report("pack", "no such pack; write farmland, or the path of a directory that holds pack.yaml")
	}
	return out
}

func (c *Config) checkTLS(report func(key, text string)) {
	t := c.TLS
	if len(t.Hosts) > 0 && t.Cert != "" {
		report("tls.hosts", "cannot stand beside tls.cert; use a certificate from files, or hosts to fetch one")
	}
	if t.Redirect != "" && !strings.HasPrefix(c.Public.BaseURL, "https://") {
		report("tls.redirect", "leads to public.base_url, which must begin with https://")
	}
	if (t.EAB.KeyID == "") != (t.EAB.Key == "") {
		report("tls.eab", "needs key_id and key together: the authority gives both")
	}
	if _, err := t.EAB.HMAC(); err != nil {
		report("tls.eab.key", "isn't base64; copy the HMAC key as the authority shows it")
	}
}

// covered says whether key, or a section or element it lies in, has been reported.
func covered(key string, reported map[string]bool) bool {
	for i, r := range key {
		if (r == '.' || r == '[') && reported[key[:i]] {
			return true
		}
	}
	return reported[key]
}

// checkListeners refuses one address for two listeners. Port 0 means any free port.
func (c *Config) checkListeners(report func(key, text string)) {
	taken := map[string]string{}
	for _, l := range []struct{ key, addr string }{
		{"public.addr", c.Public.Addr}, {"desk.addr", c.Desk.Addr},
		{"smtp.addr", c.SMTP.Addr}, {"ops.addr", c.Ops.Addr}, {"tls.redirect", c.TLS.Redirect},
	} {
		if l.addr == "" || strings.HasSuffix(l.addr, ":0") {
			continue
		}
		if by, ok := taken[l.addr]; ok {
			report(l.key, "is the same as "+by+"; give each listener its own port")
		}
		taken[l.addr] = l.key
	}
}

// newValidator knows our own tags and names fields by their keys.
func newValidator() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string { return f.Tag.Get("koanf") })
	for tag, ok := range map[string]func(string) bool{
		"listen": isListen, "base_url": isBaseURL, "hook_url": isHookURL, "host_port": isHostPort, "proxy": isProxy, "mailbox": isMailbox,
		"channel": isChannel, "database": isDatabase, "send_url": isSendURL, "pair": isPair, "redis": isRedis, "relay": isRelay, "tiles": isTiles,
	} {
		// Fails only for an empty tag or a missing function.
		_ = v.RegisterValidation(tag, func(f validator.FieldLevel) bool { return ok(f.Field().String()) })
	}
	return v
}
