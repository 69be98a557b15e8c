package main

import (
	"io"
	"net"

	"tipline/intake"
	"tipline/intake/mail"
	"tipline/intake/sms"
)

// newSenders checks where mail comes from, where that is wanted; else it is nil.
func (o *office) newSenders() *mail.Senders {
	if !o.cfg.SMTP.CheckSenders {
		return nil
	}
	return mail.NewSenders(net.DefaultResolver)
}

// parse reads a raw message as its channel's adapter does by now. A gateway that is
// configured no more, or that an older tip doesn't name, is looked for among all of them.
func (h *house) parse(channel intake.Channel, gateway string, raw io.Reader) ([]*intake.Report, error) {
	if channel == intake.Email {
		r, _ := mail.NewReport(mail.Envelope{Gateway: gateway, Senders: h.newSenders(), Late: true}, raw)
		return []*intake.Report{r}, nil
	}
	body, err := io.ReadAll(raw)
	if err != nil {
		return nil, err
	}
	for _, named := range []bool{true, false} {
		for _, c := range h.cfg.SMS {
			if (c.Name == gateway) != named {
				continue
			}
			channel, err := smsChannel(c, h.cfg.Languages[0])
			if err != nil {
				return nil, err
			}
			if out, err := sms.Read(channel, body); err != nil || len(out) > 0 {
				return out, err
			}
		}
	}
	return nil, nil
}
