package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"os"
	"strings"
	"time"

	"tipline/configs"
	"tipline/intake"
	"tipline/intake/mailbox"
	"tipline/intake/queue"
)

// mailboxLead is how long one intake leads a mailbox without word of it; after a
// crash another looks into it within that.
const mailboxLead = time.Minute

// mailboxWorks look into the configured mailboxes, each in one intake at a time.
func (p *program) mailboxWorks() (out []work, err error) {
	for _, m := range p.boxes() {
		poller, err := p.poller(m)
		if err != nil {
			return nil, err
		}
		lead := queue.Leadership{Lock: p.store.Lease("mailbox "+m.Name, rand.Text()), For: mailboxLead, What: "mailbox " + m.Name, Log: p.log}
		out = append(out, work{"mailbox " + m.Name, func(ctx context.Context) error { lead.Run(ctx, poller.Run); return nil }})
	}
	return out, nil
}

// boxes are the channels of mail that are mailboxes.
func (o *office) boxes() (out []configs.Mail) {
	for _, m := range o.cfg.Mail {
		if m.Polled() {
			out = append(out, m)
		}
	}
	return out
}

func (p *program) poller(m configs.Mail) (*mailbox.Poller, error) {
	authorities, err := pinned(m.CA)
	if err != nil {
		return nil, fmt.Errorf("mail.%s.ca: %w", m.Name, err)
	}
	return mailbox.New(mailbox.Options{Name: m.Name, Provider: m.Provider, Addr: m.Host, User: m.User, Address: cmp.Or(m.Address, m.User), Aliases: p.mailAddresses(), Secrets: m.Secret.Values(), CA: authorities,
		Poll: m.Poll, After: m.After, Folder: m.Folder, MaxBytes: p.cfg.SMTP.MaxBytes, SkipBacklog: m.Backlog == "skip", Version: version,
		Memory: p.store, Tag: func(text string) []byte { return p.tags.Tag("mailbox", m.Name+"\x00"+text) },
		Submit: p.bell.Submit, Answers: p.answers.With(m.Ack), Senders: p.senders, Count: p.counter(mailInlet(m).Key, p.meters.letter), Log: p.log, Now: p.now})
}

// pinned are the authorities of a PEM file; nil takes the system's.
func pinned(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("the file holds no certificate; it must be PEM")
	}
	return pool, nil
}

// checkMailboxes says which mailboxes can't be looked into, and why.
func checkMailboxes(ctx context.Context, h *checkup) finding {
	f := finding{note: h.say("none is configured")}
	if len(h.boxes()) == 0 {
		return f
	}
	states, err := h.store.Channels(ctx)
	if err != nil {
		return finding{err: err}
	}
	shown := map[string]intake.ChannelState{}
	for _, s := range states {
		shown[s.Channel] = s
	}
	f.note = h.say("%d {is|are} looked into", len(h.boxes()))
	for _, m := range h.boxes() {
		if complaint := h.complain(shown[m.Name]); complaint != "" {
			f.warning = strings.TrimPrefix(f.warning+h.say("; "), h.say("; ")) + m.Name + ": " + complaint
		}
	}
	return f
}

// complain is what is wrong with a mailbox, "" when nothing is.
func (h *checkup) complain(s intake.ChannelState) string {
	switch {
	case s.Cause != "":
		return h.say("%s, %d {time|times} since %s", h.tongue.of(mailbox.Advice(s.Cause)), s.Failures, s.Since.Format("2006-01-02 15:04 MST"))
	case s.WorkedAt.IsZero():
		return h.say("it was never looked into; run `tipline up` or `tipline intake`")
	case s.Left > 0:
		return h.say("%d {message is|messages are} larger than smtp.max_bytes and {was|were} left there", s.Left)
	default:
		return ""
	}
}
