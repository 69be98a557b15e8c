package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// TestGaugesTellNoMinute: a held tip must not show in the scrape that follows it.
func TestGaugesTellNoMinute(t *testing.T) {
	now, held, broken := time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC), 2, errors.New("away")
	value := steady(func() time.Time { return now }, func(context.Context) (int, error) { return held, broken })
	for _, c := range []struct {
		name   string
		later  time.Duration
		held   int
		broken error
		want   float64
	}{
		{"the database is away", 0, 2, errors.New("away"), -1},
		{"it is back", time.Second, 2, nil, 2},
		{"a tip is held", time.Minute, 3, nil, 2},
		{"the hour is nearly full", 28 * time.Minute, 3, nil, 2},
		{"the next hour", time.Minute, 3, nil, 3},
		{"a tip is released", time.Minute, 2, nil, 3},
	} {
		now, held, broken = now.Add(c.later), c.held, c.broken
		if got := value(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestCountersTellNoMinute: nothing that a sender sets off shows at once, on the
// error paths neither.
func TestCountersTellNoMinute(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)
	m := newMeters(func() time.Time { return now })
	names := func() (all []string) {
		got, err := m.registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range got {
			if strings.HasPrefix(f.GetName(), "tipline_") {
				all = append(all, f.GetName())
			}
		}
		return all
	}
	m.site("report", "ok")
	m.hook("city", "stored")
	m.letter("stored")
	m.fallback()
	m.drop()
	if got := names(); len(got) > 0 {
		t.Errorf("at once: %v", got)
	}
	now = now.Add(time.Hour)
	if got := names(); len(got) != 5 {
		t.Errorf("an hour later: %v", got)
	}
}
