package main

import (
	"context"
	"crypto/tls"
	"slices"
	"strings"

	"tipline/configs/locale"
	"tipline/crypto/pseudonym"
	"tipline/crypto/receipt"
	"tipline/intake"
	"tipline/intake/mail"
	"tipline/intake/outbound"
)

// announced is the door with a bell: members hear that a new tip is there,
// without content.
type announced struct {
	*intake.Service
	desk    string // whose members hear of it
	arrived func()
	wished  func(context.Context)
}

// Wish notes what a reporter decides. Where this process is the desk as well, it is
// carried out at once; else the desk does within a minute.
func (a announced) Wish(ctx context.Context, code receipt.Receipt, kind intake.WishKind) error {
	err := a.Service.Wish(ctx, code, kind)
	if err == nil {
		a.wished(context.WithoutCancel(ctx))
	}
	return err
}

func (p *program) wished(ctx context.Context) {
	if p.does.desk {
		p.carryOut(ctx)
	}
}

// carryOut carries out what reporters decided. What fails is tried again a minute
// later.
func (p *program) carryOut(ctx context.Context) {
	if err := p.house.casework(nil).CarryOut(ctx); err != nil && ctx.Err() == nil {
		p.log.Error("what reporters decided isn't carried out yet", "error", err)
	}
}

// Submit files a report, and rings for one that is new.
func (a announced) Submit(ctx context.Context, r *intake.Report) (intake.Filed, error) {
	filed, err := a.Service.Submit(ctx, r)
	if err == nil && filed.New() && !filed.Held && r.By == "" && filed.Desk == a.desk {
		a.arrived()
	}
	return filed, err
}

func (o *office) newMailer(b *locale.Bundle, drop func()) (*outbound.Mailer, error) {
	t := b.Translator(o.cfg.Languages[0])
	return outbound.NewMailer(outbound.Options{Relay: o.cfg.SMTP.Relay.Value(), From: o.cfg.SMTP.From, Domain: o.cfg.SMTP.Domain,
		Log: o.log, Drop: drop, Now: o.now, Members: o.cfg.Notify.Mail,
		Notice: outbound.Letter{Subject: t.T("mail.notice.subject"), Text: t.T("mail.notice.body") + "\n\n" + o.cfg.Desk.BaseURL + "/\n"}})
}

func (p *program) mailServer(certs *tls.Config) *mail.Server {
	return mail.NewServer(mail.Options{Domain: p.cfg.SMTP.Domain, Recipients: p.cfg.SMTP.Recipients, Aliases: p.mailAddresses(), MaxBytes: p.cfg.SMTP.MaxBytes,
		LMTP: p.cfg.SMTP.LMTP, TLS: certs, Submit: p.bell.Submit, Answers: p.answers, Senders: p.senders, Origin: pseudonym.Origin, Count: p.counter(intake.InletSMTP, p.meters.letter), Log: p.log})
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
	p.mailer.Acknowledge(outbound.Letter{To: a.To, ReplyTo: p.answersTo(), Subject: p.bundle.Translator(langs[0]).T("mail.ack.subject"), Text: strings.Join(text, "\n\n") + "\n",
		MessageID: p.threadID(a.Filed.ID), InReplyTo: a.MessageID, References: strings.TrimSpace(strings.Join(append(a.References, a.MessageID), " "))})
}

// threadID is the Message-ID of a letter about a tip: an answer to it is added there.
func (h *house) threadID(tip string) string {
	return mail.ThreadID(intake.ThreadTag(h.waiting, tip, intake.DateOf(h.now(), h.loc)), h.cfg.SMTP.Domain)
}

func (p *program) ackText(lang string, a mail.Ack) string {
	t := p.bundle.Translator(lang)
	answer := t.T("mail.ack.closed")
	if p.answerable() {
		answer = t.T("mail.ack.open")
	}
	if !a.Receipt || a.Filed.Receipt.IsZero() {
		return t.T("mail.ack.neutral") + " " + answer
	}
	return t.T("mail.ack.receipt", "receipt", a.Filed.Receipt.Grouped(), "url", p.cfg.Public.BaseURL+"/receipt") + " " + answer
}

// answerable says whether an answer to our letters comes back to us.
func (o *office) answerable() bool { return o.answersTo() != "" }

// mailAddresses are the addresses that somebody may have written to us by: those that mail reaches us
// by, and the one that our letters come from.
func (o *office) mailAddresses() []string { return append(o.inboxes(), o.cfg.SMTP.From) }

// inboxes are the addresses that mail reaches us by.
func (o *office) inboxes() []string {
	own := slices.Clone(o.cfg.SMTP.Recipients)
	for _, m := range o.cfg.Mail {
		own = append(own, m.Address, m.User)
	}
	return own
}

// answersTo is the address that answers come back by, "" for none.
func (o *office) answersTo() string {
	if slices.ContainsFunc(o.inboxes(), func(a string) bool { return a != "" && strings.EqualFold(a, o.cfg.SMTP.From) }) {
		return o.cfg.SMTP.From
	}
	return ""
}
