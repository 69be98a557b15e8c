package main

import (
	"context"
	"sync"
	"time"

	"tipline/configs"
	"tipline/intake"
)

// tallyRound is how often counts are written down; a crash loses as much of them.
const tallyRound = time.Minute

// tally counts what becomes of what comes in, and writes it where the desk sees it,
// which may be another process.
type tally struct {
	write func(ctx context.Context, counts ...intake.InletCount) error
	now   func() time.Time
	loc   *time.Location

	mu     sync.Mutex
	counts map[tallied]int
}

// tallied is what one number counts.
type tallied struct {
	inlet, outcome string
	hour           time.Time
}

// count adds one.
func (t *tally) count(inlet, outcome string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil {
		t.counts = map[tallied]int{}
	}
	t.counts[tallied{inlet, outcome, t.now().Truncate(time.Hour)}]++
}

// run writes the counts down until ctx ends.
func (t *tally) run(ctx context.Context) error {
	tick := time.NewTicker(tallyRound)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			t.flush(ctx)
		}
	}
}

// flush writes what was counted. What can't be written waits for the next time.
func (t *tally) flush(ctx context.Context) {
	t.mu.Lock()
	counts := t.counts
	t.counts = nil
	t.mu.Unlock()
	var rows []intake.InletCount
	for k, n := range counts {
		rows = append(rows, intake.InletCount{Inlet: k.inlet, Outcome: k.outcome, On: intake.DateOf(k.hour, t.loc), N: n, Hour: k.hour})
	}
	if len(rows) == 0 || t.write(ctx, rows...) == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil {
		t.counts = map[tallied]int{}
	}
	for k, n := range counts {
		t.counts[k] += n
	}
}

// counter counts what becomes of one inlet's messages, for the desk and in the
// metrics.
func (p *program) counter(key string, metric func(outcome string)) func(outcome string) {
	return func(outcome string) {
		metric(outcome)
		p.tally.count(key, outcome)
	}
}

// unsent counts what couldn't be sent, for the desk.
func (p *program) unsent(key string, err error) {
	if outcome, ok := intake.Unsent(err); ok {
		p.tally.count(key, outcome)
	}
}

// gatewayCounter is an SMS gateway's counter.
func (p *program) gatewayCounter(name string) func(outcome string) {
	return p.counter(intake.InletKey(intake.SMS, name), func(outcome string) { p.meters.hook(name, outcome) })
}

// siteCounter is the site's. A form that must be mended is nobody's failure.
func (p *program) siteCounter() func(what, outcome string) {
	metric := p.meters.siteOf(len(p.pack.Desks) > 1)
	return func(what, outcome string) {
		metric(what, outcome)
		if became := map[string]string{"ok": intake.BecameStored, "limited": "limited", "too_large": "too_large", "unavailable": "not_durable"}[outcome]; what == "report" && became != "" {
			p.tally.count(intake.InletWeb, became)
		}
	}
}

// inlets are the ways reports come in, as they are configured.
func (o *office) inlets() []intake.Inlet {
	var out []intake.Inlet
	if o.cfg.Public.Addr != "" {
		out = append(out, intake.Inlet{Key: intake.InletWeb, Channel: intake.Web})
	}
	if o.cfg.SMTP.Addr != "" {
		out = append(out, intake.Inlet{Key: intake.InletSMTP, Channel: intake.Email})
	}
	for _, c := range o.cfg.SMS {
		out = append(out, intake.Inlet{Key: intake.InletKey(intake.SMS, c.Name), Channel: intake.SMS, Name: c.Name, Provider: c.Provider})
	}
	for _, m := range o.cfg.Mail {
		out = append(out, mailInlet(m))
	}
	if o.cfg.SMTP.Relay.Value() != "" {
		out = append(out, intake.Inlet{Key: intake.InletRelay, Channel: intake.Email, Out: true})
	}
	return out
}

func mailInlet(m configs.Mail) intake.Inlet {
	return intake.Inlet{Key: intake.InletKey(intake.Email, m.Name), Channel: intake.Email, Name: m.Name, Provider: m.Provider, Polled: m.Polled()}
}
