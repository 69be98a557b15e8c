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
	if err == nil && !filed.Duplicate && !filed.Held && r.By == "" {
		a.arrived()
	}
	return filed, err
}

func (u *up) newMailer() (*outbound.Mailer, error) {
	t := u.bundle.Translator(u.cfg.Languages[0])
	return outbound.NewMailer(outbound.Options{Relay: u.cfg.SMTP.Relay.Value(), From: u.cfg.SMTP.From, Domain: u.cfg.SMTP.Domain,
		Log: u.log, Drop: u.meters.drop, Now: u.now, Members: u.cfg.Notify.Mail,
		Notice: outbound.Letter{Subject: t.T("mail.notice.subject"), Text: t.T("mail.notice.body") + "\n\n" + u.cfg.Desk.BaseURL + "/\n"}})
}

func (u *up) mailServer(certs *tls.Config) *mail.Server {
	return mail.NewServer(mail.Options{Domain: u.cfg.SMTP.Domain, Recipients: u.cfg.SMTP.Recipients, MaxBytes: u.cfg.SMTP.MaxBytes,
		LMTP: u.cfg.SMTP.LMTP, TLS: certs, Submit: u.bell.Submit, Ack: u.acknowledge, Origin: pseudonym.Origin, Count: u.meters.letter, Log: u.log})
}

// acknowledge says that a mail arrived, and no more: a receipt in a mailbox that
// a family shares is dangerous.
func (u *up) acknowledge(_ context.Context, a mail.Ack) {
	langs := u.cfg.Languages
	if a.Lang != "" {
		langs = []string{a.Lang}
	}
	var text []string
	for _, lang := range langs {
		text = append(text, u.bundle.Translator(lang).T("mail.ack.neutral"))
	}
	u.mailer.Acknowledge(outbound.Letter{To: a.To, Subject: u.bundle.Translator(langs[0]).T("mail.ack.subject"), Text: strings.Join(text, "\n\n") + "\n",
		InReplyTo: a.MessageID, References: strings.TrimSpace(strings.Join(append(a.References, a.MessageID), " "))})
}
