package ops

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Hourly counts what must not be timed to the minute: a scrape that shows a
// submission within seconds of it would tell when somebody sent it. What is
// added shows up at the top of the next hour.
type Hourly struct {
	desc *prometheus.Desc
	now  func() time.Time

	mu        sync.Mutex
	hour      time.Time // of what is pending
	shown     map[string]float64
	pending   map[string]float64
	labelless bool
}

// NewHourly is a counter vector with at most one label, whose values must be
// codes ("web", "ok"). label "" makes a plain counter. now nil is [time.Now].
// Register it as a collector.
func NewHourly(name, help, label string, now func() time.Time) *Hourly {
	if now == nil {
		now = time.Now
	}
	var labels []string
	if label != "" {
		labels = []string{label}
	}
	return &Hourly{desc: prometheus.NewDesc(name, help, labels, nil), now: now, hour: now().Truncate(time.Hour),
		shown: map[string]float64{}, pending: map[string]float64{}, labelless: label == ""}
}

// Inc adds one under a label's value ("" without a label).
func (h *Hourly) Inc(value string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.turn()
	h.pending[value]++
}

// turn shows what earlier hours brought.
func (h *Hourly) turn() {
	hour := h.now().Truncate(time.Hour)
	if !hour.After(h.hour) {
		return
	}
	for value, n := range h.pending {
		h.shown[value] += n
	}
	clear(h.pending)
	h.hour = hour
}

// Describe is for prometheus.
func (h *Hourly) Describe(ch chan<- *prometheus.Desc) { ch <- h.desc }

// Collect is for prometheus.
func (h *Hourly) Collect(ch chan<- prometheus.Metric) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.turn()
	for value, n := range h.shown {
		var labels []string
		if !h.labelless {
			labels = []string{value}
		}
		ch <- prometheus.MustNewConstMetric(h.desc, prometheus.CounterValue, n, labels...)
	}
}
