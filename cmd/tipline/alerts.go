package main

import (
	"context"
	"errors"

	"tipline/intake"
	"tipline/intake/courier"
	"tipline/intake/outbound"
)

// urgentEvent is the type of the webhook's event.
const urgentEvent = "tipline.urgent.v1"

// alertUrgent tells that an urgent tip of this desk waits, by the ways that are
// configured. Other desks' tips aren't told of: that there is one is theirs to know.
func (p *program) alertUrgent(ctx context.Context) error {
	return outbound.NewAlerts(outbound.AlertOptions{Ways: p.alertWays(), NewID: intake.NewID, Now: p.now, Log: p.log,
		Urgent: func(ctx context.Context, way string, n int) ([]string, error) {
			return p.store.Urgent(ctx, p.desk.ID, way, intake.DateOf(p.now(), p.loc), n)
		},
		Done: func(ctx context.Context, way string, tips []string) error { return p.store.Alerted(ctx, way, tips...) },
	}).Run(ctx)
}

func (p *program) alertWays() (out []outbound.Way) {
	if len(p.cfg.Alerts.Mail) > 0 {
		out = append(out, outbound.Way{Name: "mail", Send: p.alertMail})
	}
	if hook := p.cfg.Alerts.Webhook; hook.URL != "" {
		to := courier.NewWebhook(hook.URL, hook.Secret.Value(), p.now)
		out = append(out, outbound.Way{Name: "webhook", Send: func(ctx context.Context, id string) error {
			return to.Send(ctx, id, urgentEvent, map[string]string{"console": p.cfg.Desk.BaseURL + "/"})
		}})
	}
	return out
}

func (p *program) alertMail(ctx context.Context, _ string) error {
	t := p.bundle.Translator(p.cfg.Languages[0])
	return p.tellAll(ctx, t.T("alert.subject"), t.T("alert.body"))
}

// tellAll has told when one of the addresses was reached: who can't be mustn't ring at
// everybody else again and again.
func (p *program) tellAll(ctx context.Context, subject, body string) error {
	var failed []error
	for _, to := range p.cfg.Alerts.Mail {
		err := p.mailer.Deliver(ctx, outbound.Letter{To: to, Subject: subject, Text: body + "\n\n" + p.cfg.Desk.BaseURL + "/\n"})
		if err != nil {
			failed = append(failed, err)
		}
	}
	if len(failed) == len(p.cfg.Alerts.Mail) {
		return errors.Join(failed...)
	}
	return nil
}
