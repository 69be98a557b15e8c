package main

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"tipline/intake"
	"tipline/web/ops"
)

// meters are the metrics of one process. No label carries a person, and what a
// citizen does is counted by the hour only.
type meters struct {
	registry *prometheus.Registry
	web      *ops.Hourly
	gateway  *ops.Hourly
	mail     *ops.Hourly
	away     *ops.Hourly
	dropped  *ops.Hourly
	missing  prometheus.Gauge
	now      func() time.Time
}

func newMeters(now func() time.Time) *meters {
	m := &meters{
		now:      now,
		registry: prometheus.NewRegistry(),
		web:      ops.NewHourly("tipline_web_requests_total", "Reports, receipts and messages on the site, by how they ended; shown hourly.", "outcome", now),
		gateway:  ops.NewHourly("tipline_hook_requests_total", "Callbacks of gateways, by channel and how they ended; shown hourly.", "outcome", now),
		mail:     ops.NewHourly("tipline_mail_messages_total", "Mail transactions, by how they ended; shown hourly.", "outcome", now),
		away:     ops.NewHourly("tipline_limits_fallback_total", "Checks made in process because Redis was away; shown hourly.", "", now),
		dropped:  ops.NewHourly("tipline_outbound_dropped_total", "Acknowledgements and notices that were not sent; shown hourly.", "", now),
	}
	m.missing = prometheus.NewGauge(prometheus.GaugeOpts{Name: "tipline_reconcile_missing",
		Help: "Tips that aren't where they must be, at the last daily reconciliation; -1 before the first."})
	m.missing.Set(-1)
	m.registry.MustRegister(m.web, m.gateway, m.mail, m.away, m.dropped, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *meters) site(what, outcome string) { m.web.Inc(what + "_" + outcome) }

// siteOf is site where several desks work: what was filed or said isn't counted, since
// who sees this number and their own inbox would learn that another desk has a tip.
func (m *meters) siteOf(several bool) func(what, outcome string) {
	return func(what, outcome string) {
		if !several || outcome != "ok" || what == "receipt" {
			m.site(what, outcome)
		}
	}
}
func (m *meters) hook(channel, outcome string) { m.gateway.Inc(channel + "_" + outcome) }
func (m *meters) letter(outcome string)        { m.mail.Inc(outcome) }
func (m *meters) fallback()                    { m.away.Inc("") }
func (m *meters) drop()                        { m.dropped.Inc("") }

func (m *meters) reconciled(missing int) { m.missing.Set(float64(missing)) }

// watch adds the gauges that are read from the store, in the parts that look
// after what they count.
func (m *meters) watch(p *program) {
	gauge := func(name, help string, read func(context.Context) (int, error)) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, steady(m.now, read)))
	}
	if p.does.relay || p.does.ledger && p.store != nil {
		gauge("tipline_outbox_waiting", "Events the ledger queue hasn't taken yet, as of the hour; -1 when the database doesn't answer.", func(ctx context.Context) (int, error) {
			n, _, err := p.store.OutboxStats(ctx, p.metered())
			return n, err
		})
		gauge("tipline_outbox_oldest_days", "Age of the oldest of them in whole days, as of the hour.", func(ctx context.Context) (int, error) {
			_, oldest, err := p.store.OutboxStats(ctx, p.metered())
			return daysSince(oldest, p.now().In(p.loc)), err
		})
	}
	if p.does.desk {
		m.registry.MustRegister(m.missing)
		gauge("tipline_destruction_unfinished", "Destructions that are approved and not carried out, or behind which the database's files aren't written anew; -1 when the database doesn't answer.", func(ctx context.Context) (int, error) {
			return unfinished(ctx, p.house)
		})
		gauge("tipline_held_tips", "Tips of ops.desk that wait in the held lane, without those judged to be spam, as of the hour; -1 when the database doesn't answer.", func(ctx context.Context) (int, error) {
			return held(ctx, p.house)
		})
	}
}

// daysSince is how many days ago d was; 0 for today, and for no day.
func daysSince(d intake.Date, now time.Time) int {
	day, err := time.ParseInLocation(time.DateOnly, string(d), now.Location())
	if err != nil {
		return 0
	}
	return max(0, int(now.Sub(day).Hours())/24)
}

// steady reads once an hour: a number that grows with a tip would tell a scrape
// the moment it came, like a counter. -1 is a reading that failed; the scrape must
// not fail with the database, and asks again the next time.
func steady(now func() time.Time, read func(context.Context) (int, error)) func() float64 {
	var mu sync.Mutex
	var hour time.Time
	last := -1.0
	return func() float64 {
		mu.Lock()
		defer mu.Unlock()
		at := now().Truncate(time.Hour)
		if last >= 0 && at.Equal(hour) {
			return last
		}
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		n, err := read(ctx)
		if last = float64(n); err != nil {
			last = -1
		}
		hour = at
		return last
	}
}

func held(ctx context.Context, h *house) (n int, err error) {
	c, err := h.store.Counts(ctx, h.metered())
	return c.Held, err
}

// unfinished counts destructions that aren't done to their end.
func unfinished(ctx context.Context, h *house) (int, error) {
	open, err := h.store.Destructions(ctx, "", maxRegister, intake.DestructionApproved)
	if err != nil {
		return 0, err
	}
	rough, _, err := h.store.Rough(ctx)
	return len(open) + rough, err
}
