package book_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
	"tipline/intake/book"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
)

// TestTimeliness: by hand. A decision is due seven days on, a conclusion thirty; waiting for
// the reporter doesn't count, and a later date that was granted does.
func TestTimeliness(t *testing.T) {
	o := open(t)
	const day = 24 * time.Hour
	file := func(n int) (tips []string) {
		for range n {
			f, err := o.Door().Submit(t.Context(), &intake.Report{Channel: intake.Web, Category: "ok-house", Place: "411422207201", Words: intake.Words{Text: "words"}})
			intaketest.Must(t, err)
			tips = append(tips, f.ID)
		}
		return tips
	}
	to := func(tips []string, state intake.State) {
		t.Helper()
		for _, tip := range tips {
			intaketest.Must(t, o.work.Move(t.Context(), o.li, tip, casework.Triage{To: state, Department: "agriculture"}))
		}
	}
	// 24 November. These come to a decision on 6 December, twelve days on: three of them after
	// a question on the 27th that was answered by moving on on 4 December (seven days), three
	// without.
	waited, late := file(3), file(3)
	o.Clock.Add(3 * day)
	to(waited, intake.StateNeedsInfo)
	o.Clock.Add(7 * day)
	to(waited, intake.StateReviewing)
	o.Clock.Add(2 * day)
	to(waited, intake.StateAccepted)
	to(late, intake.StateAccepted)
	r, err := o.Monthly(t.Context(), o.li, "2026-12-06", "zh-CN")
	intaketest.Must(t, err)
	if d := cmp.Diff(book.Pace{N: 6, InTime: 3, Median: 12}, r.Decided); d != "" { // 5 5 5 12 12 12
		t.Error(d)
	}
	// Concluded on 10 January, 35 days on: three with a date granted until the 20th, three
	// without.
	sun := casework.Actor{Name: "sun", Roles: []string{casework.RoleSupervisor}, Desk: "main"}
	for _, tip := range waited {
		intaketest.Must(t, o.work.AskExtension(t.Context(), o.li, tip, casework.Later{To: "2027-01-20", Reason: "season", Note: "等", Letter: "我们需要更多时间。"}))
	}
	asked, err := o.work.Registers(t.Context(), sun)
	intaketest.Must(t, err)
	for _, e := range asked.Asked {
		intaketest.Must(t, o.work.GrantExtension(t.Context(), sun, e.ID))
	}
	o.Clock.Add(35 * day)
	for _, state := range []intake.State{intake.StateInLedger, intake.StateConcluded} {
		to(waited, state)
		to(late, state)
	}
	r, err = o.Monthly(t.Context(), o.li, "2027-01-10", "zh-CN")
	intaketest.Must(t, err)
	if d := cmp.Diff(book.Pace{N: 6, InTime: 3, Median: 35}, r.Concluded); d != "" {
		t.Error(d)
	}
}
