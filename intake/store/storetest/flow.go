package storetest

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tipline/intake"
)

// flow: the tallies of any days are the lines of the state log, every one of them, and
// how long things took counts each tip once.
func flow(t *testing.T, open Opener) {
	days := []intake.Date{"2026-03-01", "2026-03-02", "2026-03-05", "2026-04-01"}
	s, _ := opened(t, open)
	rapid.Check(t, func(rt *rapid.T) {
		desk := intake.NewID()[:8] // what other tries left isn't ours
		type line struct {
			state intake.State
			on    intake.Date
			place string
		}
		var lines []line
		var decided, concluded int
		for range rapid.IntRange(0, 4).Draw(rt, "tips") {
			place := rapid.SampledFrom([]string{"411422207201", "411422207202", "411422207", ""}).Draw(rt, "place")
			lane := rapid.SampledFrom([]intake.Lane{intake.Normal, intake.Normal, intake.Held}).Draw(rt, "lane")
			at := rapid.IntRange(0, len(days)-1).Draw(rt, "day")
			a := accepted(t, s, tip(func(a *intake.Acceptance) {
				a.Tip.Desk, a.Tip.Place, a.Tip.Lane, a.Tip.ReceivedOn = desk, place, lane, days[at]
			}))
			log := []line{{intake.StateReceived, days[at], place}}
			from := intake.StateReceived
			for _, to := range []intake.State{intake.StateAccepted, intake.StateInLedger, intake.StateConcluded} {
				if lane == intake.Held || rapid.IntRange(0, 3).Draw(rt, "stops") == 0 {
					break
				}
				at = min(len(days)-1, at+rapid.IntRange(0, 1).Draw(rt, "later"))
				by := row("state", a.Tip.ID)
				by.Desk = desk
				check(t, s.Act(t.Context(), intake.Act{Audit: by, Move: &intake.Move{From: from, To: to, On: days[at]}}))
				log, from = append(log, line{to, days[at], place}), to
			}
			if lane == intake.Normal {
				lines = append(lines, log...)
			}
		}
		from := rapid.SampledFrom(days).Draw(rt, "from")
		to := rapid.SampledFrom(days).Draw(rt, "to")
		lines = slices.DeleteFunc(lines, func(l line) bool { return l.on < from || l.on > to })
		want := map[line]int{}
		for _, l := range lines {
			l.on = ""
			want[l]++
			switch l.state {
			case intake.StateAccepted:
				decided++
			case intake.StateConcluded:
				concluded++
			}
		}
		got := map[line]int{}
		tallies, err := s.Tallies(t.Context(), desk, from, to)
		check(t, err)
		for _, y := range tallies {
			got[line{state: y.State, place: y.Place}] += y.N
		}
		equal(t, want, got)
		sum := func(p []intake.Pace, err error) (n int) {
			check(t, err)
			for _, x := range p {
				n += x.N
			}
			return n
		}
		equal(t, decided, sum(s.Decided(t.Context(), desk, from, to)))
		equal(t, concluded, sum(s.Concluded(t.Context(), desk, from, to)))
	})
}
