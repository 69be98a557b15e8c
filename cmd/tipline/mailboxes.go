package main

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"tipline/configs"
	"tipline/intake/mailbox"
	"tipline/intake/queue"
)

// mailboxLead is how long one intake leads a mailbox without word of it; after a
// crash another looks into it within that.
const mailboxLead = time.Minute

// mailboxWorks look into the configured mailboxes, each in one intake at a time.
func (p *program) mailboxWorks() (out []work, err error) {
	for _, m := range p.cfg.Mail {
		poller, err := p.poller(m)
		if err != nil {
			return nil, err
		}
		lead := queue.Leadership{Lock: p.store.Lease("mailbox "+m.Name, rand.Text()), For: mailboxLead, What: "mailbox " + m.Name, Log: p.log}
		out = append(out, work{"mailbox " + m.Name, func(ctx context.Context) error { lead.Run(ctx, poller.Run); return nil }})
	}
	return out, nil
}

func (p *program) poller(m configs.Mail) (*mailbox.Poller, error) {
	authorities, err := pinned(m.CA)
	if err != nil {
		return nil, fmt.Errorf("mail.%s.ca: %w", m.Name, err)
	}
	return mailbox.New(mailbox.Options{Name: m.Name, Provider: m.Provider, Addr: m.Host, User: m.User, Secrets: m.Secret.Values(), CA: authorities,
		Poll: m.Poll, After: m.After, Folder: m.Folder, MaxBytes: p.cfg.SMTP.MaxBytes, SkipBacklog: m.Backlog == "skip", Version: version,
		Memory: p.store, Tag: func(text string) []byte { return p.tags.Tag("mailbox", m.Name+"\x00"+text) },
		Submit: p.bell.Submit, Answers: p.answers.With(m.Ack), Count: p.meters.letter, Log: p.log, Now: p.now})
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
