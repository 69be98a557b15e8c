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

// tellDates tells a desk's office once on each working morning how many of its tips are
// late and will be, and no more, by the ways of the alerts.
func (b bell) tellDates(ctx context.Context) error {
	tick := time.NewTicker(digestLook)
	defer tick.Stop()
	for {
		if err := b.tellToday(ctx); err != nil && ctx.Err() == nil {
			b.log.Warn("the day's dates weren't told; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// tellToday tells what wasn't told today.
func (b bell) tellToday(ctx context.Context) error {
	now := b.now().In(b.loc)
	today := intake.DateOf(now, b.loc)
	if now.Hour() < digestHour || !b.pack.WorkingDay(string(today)) {
		return nil
	}
	unsent := deadlines{b.pack}.Unsent(b.desk, today)
	n, err := b.store.DueCounts(ctx, b.desk, today, unsent, casework.DueBound)
	if err != nil || n[intake.DueOverdue]+n[intake.DueWeek]+n[intake.DueUnsent] == 0 {
		return err
	}
	for _, w := range b.digestWays() {
		first, claim := b.store.ClaimDigest(ctx, b.desk, w.name, today)
		if claim != nil || !first {
			err = errors.Join(err, claim)
			continue
		}
		if failed := w.send(ctx, n); failed != nil {
			err = errors.Join(err, failed, b.store.DropDigest(ctx, b.desk, w.name, today))
		}
	}
	return err
}

func (b bell) digestWays() (out []digestWay) {
	if len(b.to.Mail) > 0 {
		out = append(out, digestWay{"mail", b.mailDates})
	}
	if hook := b.to.Webhook; hook.URL != "" {
		to := courier.NewWebhook(hook.URL, hook.Secret.Value(), b.now)
		out = append(out, digestWay{"webhook", func(ctx context.Context, n map[intake.DueFilter]int) error {
			return to.Send(ctx, intake.NewID(), digestEvent, map[string]string{"console": b.cfg.Desk.BaseURL + "/", "overdue": counted(n[intake.DueOverdue]),
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

func (b bell) mailDates(ctx context.Context, n map[intake.DueFilter]int) error {
	t := b.bundle.Translator(b.cfg.Languages[0])
	body := t.T("digest.body", "overdue", counted(n[intake.DueOverdue]), "today", counted(n[intake.DueToday]), "week", counted(n[intake.DueWeek]), "unsent", counted(n[intake.DueUnsent]))
	return b.tellAll(ctx, t.T("digest.subject"), body)
}
