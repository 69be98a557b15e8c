package storetest

import (
	"testing"
	"time"

	"tipline/intake"
)

// inlets: counts add up by day, the hour of the last time alone is kept, and days go
// after three months.
func inlets(t *testing.T, open Opener) {
	s, c := opened(t, open)
	hour := time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
	count := func(inlet, outcome string, on intake.Date, n int, at time.Time) intake.InletCount {
		return intake.InletCount{Inlet: inlet, Outcome: outcome, On: on, N: n, Hour: at}
	}
	check(t, s.CountInlets(t.Context()))
	check(t, s.CountInlets(t.Context(), count("sms/city", "stored", "2026-03-01", 2, hour.Add(-24*time.Hour)), count("sms/city", "signature", "2026-03-02", 1, hour)))
	check(t, s.CountInlets(t.Context(), count("sms/city", "stored", "2026-03-02", 3, hour), count("web", "stored", "2026-02-01", 1, hour.AddDate(0, -1, 0))))
	check(t, s.CountInlets(t.Context(), count("sms/city", "stored", "2026-03-01", 1, hour.Add(-2*time.Hour)))) // late, from another intake
	want := []intake.InletCount{
		{Inlet: "sms/city", Outcome: "signature", N: 1, Recent: 1, Hour: hour},
		{Inlet: "sms/city", Outcome: "stored", N: 3, Recent: 6, Hour: hour},
		{Inlet: "web", Outcome: "stored", Hour: hour.AddDate(0, -1, 0)},
	}
	got, err := s.Inlets(t.Context(), "2026-03-02", "2026-02-24")
	check(t, err)
	equal(t, want, got)
	c.advance(200 * 24 * time.Hour)
	_, err = s.Expire(t.Context(), c.now())
	check(t, err)
	got, err = s.Inlets(t.Context(), "2026-03-02", "2026-01-01")
	check(t, err)
	for i := range want {
		want[i].N, want[i].Recent = 0, 0
	}
	equal(t, want, got)
}
