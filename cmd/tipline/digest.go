package main

import (
	"context"
	"errors"
	"strconv"
	"time"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/courier"
)

// When the office hears of the day's dates, and how often it is looked whether it has.
const (
	digestHour = 8
	digestLook = 5 * time.Minute
)

// digestEvent is the type of the webhook's event.
const digestEvent = "tipline.due.v1"

// digestWay is one way the day's dates are told.
type digestWay struct {
	name string
	send func(ctx context.Context, n map[intake.DueFilter]int) error
}

// tellDates tells this desk's office once on each working morning how many tips are
// late and will be, and no more, by the ways of the alerts.
func (p *program) tellDates(ctx context.Context) error {
	tick := time.NewTicker(digestLook)
	defer tick.Stop()
	for {
		if err := p.tellToday(ctx); err != nil && ctx.Err() == nil {
			p.log.Warn("the day's dates weren't told; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// tellToday tells what wasn't told today.
func (p *program) tellToday(ctx context.Context) error {
	now := p.now().In(p.loc)
	today := intake.DateOf(now, p.loc)
	if now.Hour() < digestHour || !p.pack.WorkingDay(string(today)) {
		return nil
	}
	unsent := deadlines{p.pack}.Unsent(p.desk.ID, today)
	n, err := p.store.DueCounts(ctx, p.desk.ID, today, unsent, casework.DueBound)
	if err != nil || n[intake.DueOverdue]+n[intake.DueWeek]+n[intake.DueUnsent] == 0 {
		return err
	}
	for _, w := range p.digestWays() {
		first, claim := p.store.ClaimDigest(ctx, p.desk.ID, w.name, today)
		if claim != nil || !first {
			err = errors.Join(err, claim)
			continue
		}
		if failed := w.send(ctx, n); failed != nil {
			err = errors.Join(err, failed, p.store.DropDigest(ctx, p.desk.ID, w.name, today))
		}
	}
	return err
}

func (p *program) digestWays() (out []digestWay) {
	if !p.cfg.Alerts.Digest {
		return nil
	}
	if len(p.cfg.Alerts.Mail) > 0 {
		out = append(out, digestWay{"mail", p.mailDates})
	}
	if hook := p.cfg.Alerts.Webhook; hook.URL != "" {
		to := courier.NewWebhook(hook.URL, hook.Secret.Value(), p.now)
		out = append(out, digestWay{"webhook", func(ctx context.Context, n map[intake.DueFilter]int) error {
			return to.Send(ctx, intake.NewID(), digestEvent, map[string]string{"console": p.cfg.Desk.BaseURL + "/", "overdue": counted(n[intake.DueOverdue]),
				"today": counted(n[intake.DueToday]), "week": counted(n[intake.DueWeek]), "unsent": counted(n[intake.DueUnsent])})
		}})
	}
	return out
}

// counted is a count up to its bound.
func counted(n int) string {
	if n < casework.DueBound {
		return strconv.Itoa(n)
	}
	return strconv.Itoa(casework.DueBound-1) + "+"
}

func (p *program) mailDates(ctx context.Context, n map[intake.DueFilter]int) error {
	t := p.bundle.Translator(p.cfg.Languages[0])
	body := t.T("digest.body", "overdue", counted(n[intake.DueOverdue]), "today", counted(n[intake.DueToday]), "week", counted(n[intake.DueWeek]), "unsent", counted(n[intake.DueUnsent]))
	return p.tellAll(ctx, t.T("digest.subject"), body)
}
