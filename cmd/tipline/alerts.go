package main

import (
	"context"
	"errors"

	"tipline/configs"
	"tipline/intake"
	"tipline/intake/courier"
	"tipline/intake/outbound"
)

// urgentEvent is the type of the webhook's event.
const urgentEvent = "tipline.urgent.v1"

// bell is how one desk's members hear that something waits. Nobody else does: that there
// is a tip is that desk's to know.
type bell struct {
	*program
	desk string
	to   configs.DeskAlerts
}

// bells are those of the desks that hear anything.
func (p *program) bells() (out []bell) {
	for i, desk := range p.desks() {
		to := p.cfg.Alerts.At(desk)
		if i == 0 {
			to = p.cfg.Alerts.At("")
		}
		if len(to.Mail) > 0 || to.Webhook.URL != "" {
			out = append(out, bell{p, desk, to})
		}
	}
	return out
}

// alertUrgent tells that an urgent tip of the desk waits, by the ways that are
// configured.
func (b bell) alertUrgent(ctx context.Context) error {
	return outbound.NewAlerts(outbound.AlertOptions{Ways: b.alertWays(), NewID: intake.NewID, Now: b.now, Log: b.log,
		Urgent: func(ctx context.Context, way string, n int) ([]string, error) {
			return b.store.Urgent(ctx, b.desk, way, intake.DateOf(b.now(), b.loc), n)
		},
		Done: func(ctx context.Context, way string, tips []string) error { return b.store.Alerted(ctx, way, tips...) },
	}).Run(ctx)
}

func (b bell) alertWays() (out []outbound.Way) {
	if len(b.to.Mail) > 0 {
		out = append(out, outbound.Way{Name: "mail", Send: b.alertMail})
	}
	if hook := b.to.Webhook; hook.URL != "" {
		to := courier.NewWebhook(hook.URL, hook.Secret.Value(), b.now)
		out = append(out, outbound.Way{Name: "webhook", Send: func(ctx context.Context, id string) error {
			return to.Send(ctx, id, urgentEvent, map[string]string{"console": b.cfg.Desk.BaseURL + "/"})
		}})
	}
	return out
}

func (b bell) alertMail(ctx context.Context, _ string) error {
	t := b.bundle.Translator(b.cfg.Languages[0])
	return b.tellAll(ctx, t.T("alert.subject"), t.T("alert.body"))
}

// tellAll has told when one of the addresses was reached: who can't be mustn't ring at
// everybody else again and again.
func (b bell) tellAll(ctx context.Context, subject, body string) error {
	var failed []error
	for _, to := range b.to.Mail {
		err := b.mailer.Deliver(ctx, outbound.Letter{To: to, Subject: subject, Text: body + "\n\n" + b.cfg.Desk.BaseURL + "/\n"})
		if err != nil {
			failed = append(failed, err)
		}
	}
	if len(failed) == len(b.to.Mail) {
		return errors.Join(failed...)
	}
	return nil
}
