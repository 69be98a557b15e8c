package main

import (
	"context"
	"crypto/tls"
	"strings"

	"tipline/crypto/pseudonym"
	"tipline/intake"
	"tipline/intake/mail"
	"tipline/intake/outbound"
)

// announced is the door with a bell: members hear that a new tip is there,
// without content.
type announced struct {
	*intake.Service
	arrived func()
}

// Submit files a report, and rings for one that is new.
func (a announced) Submit(ctx context.Context, r *intake.Report) (intake.Filed, error) {
	filed, err := a.Service.Submit(ctx, r)
	if err == nil && filed.New() && !filed.Held && r.By == "" {
		a.arrived()
	}
	return filed, err
}

func (p *program) newMailer() (*outbound.Mailer, error) {
	t := p.bundle.Translator(p.cfg.Languages[0])
	return outbound.NewMailer(outbound.Options{Relay: p.cfg.SMTP.Relay.Value(), From: p.cfg.SMTP.From, Domain: p.cfg.SMTP.Domain,
		Log: p.log, Drop: p.meters.drop, Now: p.now, Members: p.cfg.Notify.Mail,
		Notice: outbound.Letter{Subject: t.T("mail.notice.subject"), Text: t.T("mail.notice.body") + "\n\n" + p.cfg.Desk.BaseURL + "/\n"}})
}

func (p *program) mailServer(certs *tls.Config) *mail.Server {
	return mail.NewServer(mail.Options{Domain: p.cfg.SMTP.Domain, Recipients: p.cfg.SMTP.Recipients, MaxBytes: p.cfg.SMTP.MaxBytes,
		LMTP: p.cfg.SMTP.LMTP, TLS: certs, Submit: p.bell.Submit, Answers: p.answers, Origin: pseudonym.Origin, Count: p.meters.letter, Log: p.log})
}

// acknowledge says that a mail arrived, and its receipt only where the channel is
// set to tell it: in a mailbox that a family shares it is dangerous.
func (p *program) acknowledge(_ context.Context, a mail.Ack) {
	langs := p.cfg.Languages
	if a.Lang != "" {
		langs = []string{a.Lang}
	}
	var text []string
	for _, lang := range langs {
		text = append(text, p.ackText(lang, a))
	}
	p.mailer.Acknowledge(outbound.Letter{To: a.To, Subject: p.bundle.Translator(langs[0]).T("mail.ack.subject"), Text: strings.Join(text, "\n\n") + "\n",
		InReplyTo: a.MessageID, References: strings.TrimSpace(strings.Join(append(a.References, a.MessageID), " "))})
}

func (p *program) ackText(lang string, a mail.Ack) string {
	t := p.bundle.Translator(lang)
	if !a.Receipt || a.Filed.Receipt.IsZero() {
		return t.T("mail.ack.neutral")
	}
	return t.T("mail.ack.receipt", "receipt", a.Filed.Receipt.Grouped(), "url", p.cfg.Public.BaseURL+"/receipt")
}
