package casework

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"strconv"
	"sync"

	"tipline/intake"
	"tipline/intake/datum"
)

// What one look at the map may take: so many of the newest tips that a filter leaves, and
// so many reports opened for it. Where a tip lies is sealed in its report; what a look
// leaves unopened the next one opens.
const (
	ChartTips  = 500
	ChartOpens = 100
)

// Memory is where a session keeps what it has opened. Several goroutines use it at once.
type Memory interface {
	Recall(key string) (v any, ok bool)
	Remember(key string, v any)
}

// Chart is the inbox with where its tips lie.
type Chart struct {
	Inbox
	At       map[string]datum.Point // WGS-84, by tip; those whose report names coordinates
	Unopened int                    // tips whose report this session hasn't opened for it yet
}

// String keeps where tips lie out of logs and error texts.
func (Chart) String() string { return "[chart]" }

// LogValue keeps where tips lie out of structured logs.
func (Chart) LogValue() slog.Value { return slog.StringValue("[chart]") }

// spot is what a session remembers of a report.
type spot struct {
	at    datum.Point
	named bool
}

// Chart is what a filter leaves, for the map, and the tip about, whatever the filter says
// of it; "" for none. The look is noted with how many reports were opened for it. They
// stay unread.
func (s *Service) Chart(ctx context.Context, by Actor, f intake.Filter, about string, m Memory) (c Chart, err error) {
	f.Cursor, f.Limit = "", ChartTips
	if c.Inbox, err = s.Inbox(ctx, by, f); err != nil {
		return c, err
	}
	if about != "" {
		t, err := s.handler(ctx, by, about)
		if err != nil {
			return c, err
		}
		others := slices.DeleteFunc(c.Tips, func(o intake.Tip) bool { return o.ID == t.ID })
		c.Tips = append([]intake.Tip{t}, others...) // first, so that it is opened
	}
	var fresh []intake.Tip
	for _, t := range c.Tips {
		if _, known := m.Recall(t.ID); !known {
			fresh = append(fresh, t)
		}
	}
	c.Unopened = max(0, len(fresh)-ChartOpens)
	if err := s.locate(ctx, by, fresh[:len(fresh)-c.Unopened], m); err != nil {
		return c, err
	}
	c.At = map[string]datum.Point{}
	for _, t := range c.Tips {
		if v, _ := m.Recall(t.ID); v != nil {
			if p := v.(spot); p.named {
				c.At[t.ID] = p.at
			}
		}
	}
	return c, nil
}

// locate opens reports and remembers where they lie; the row of the record comes first.
func (s *Service) locate(ctx context.Context, by Actor, tips []intake.Tip, m Memory) error {
	if len(tips) == 0 {
		return nil
	}
	if err := s.Store.Act(ctx, intake.Act{Audit: s.row(by, "map", "", strconv.Itoa(len(tips)))}); err != nil {
		return err
	}
	next := make(chan intake.Tip)
	var wait sync.WaitGroup
	for range min(4, runtime.GOMAXPROCS(0)) { // opening is arithmetic
		wait.Go(func() {
			for t := range next {
				m.Remember(t.ID, s.spot(ctx, by, t))
			}
		})
	}
	for _, t := range tips {
		next <- t
	}
	close(next)
	wait.Wait()
	return ctx.Err()
}

// spot is where a report lies. One that doesn't open lies nowhere: it keeps nobody from
// the others.
func (s *Service) spot(ctx context.Context, by Actor, t intake.Tip) spot {
	r, err := s.report(ctx, by, t)
	if err != nil {
		return spot{}
	}
	p, ok := datum.Parse(r.Lat, r.Lon)
	if !ok {
		return spot{}
	}
	return spot{datum.Convert(p, r.Datum, datum.WGS84), true}
}
