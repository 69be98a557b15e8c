package casework_test

import (
	"slices"
	"testing"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
	"tipline/intake/ledger"
)

// learned are deadlines that know 2027 by now: every date in it moves by three days.
type learned struct{ intaketest.Deadlines }

func (learned) Sure(intake.Date) bool { return true }

func (l learned) Conclusion(desk string, received, accepted intake.Date) intake.Date {
	d := l.Deadlines.Conclusion(desk, received, accepted)
	if d >= "2027" {
		return casework.PlusDays(d, 3)
	}
	return d
}

// lawful are deadlines that know the law's days of 2027: every date in it moves by a day.
type lawful struct{ intaketest.Deadlines }

func (l lawful) Conclusion(desk string, received, accepted intake.Date) intake.Date {
	d := l.Deadlines.Conclusion(desk, received, accepted)
	if d >= "2027" {
		return casework.PlusDays(d, 1)
	}
	return d
}

// before are the deadlines that were, whatever the year.
func before(d ...casework.Deadlines) func(intake.Date) []casework.Deadlines {
	return func(intake.Date) []casework.Deadlines { return d }
}

// sooner are deadlines by which every date in 2027 comes three days earlier.
type sooner struct{ learned }

func (l sooner) Conclusion(desk string, received, accepted intake.Date) intake.Date {
	if d := l.Deadlines.Conclusion(desk, received, accepted); d >= "2027" {
		return casework.PlusDays(d, -3)
	}
	return l.Deadlines.Conclusion(desk, received, accepted)
}

// TestANewYearsHolidaysMoveDatesEarlier: the ledger hears of an earlier date too; of what was taken up on the same
// day, tomorrow.
func TestANewYearsHolidaysMoveDatesEarlier(t *testing.T) {
	o := open(t)
	o.Clock.Add(20 * day)
	old := o.accepted(t) // due on 13 January
	o.Clock.Add(day)
	fresh := o.accepted(t) // on 14 January
	d := o.Service.Deps
	d.Deadlines, d.Before = sooner{}, before(intaketest.Deadlines{})
	by := casework.New(d)
	l, err := ledger.Open(t.Context(), o.Office.Store.Database())
	intaketest.Must(t, err)
	for _, want := range []map[string]intake.Date{{old: "2027-01-10", fresh: "2027-01-14"}, {old: "2027-01-10", fresh: "2027-01-11"}, {old: "2027-01-10", fresh: "2027-01-11"}} {
		_, err := by.Redate(t.Context(), "main")
		intaketest.Must(t, err)
		intaketest.Must(t, l.Apply(t.Context(), o.events(t)))
		for tip, due := range want {
			r, err := l.Row(t.Context(), "main", tip)
			intaketest.Must(t, err)
			if got := o.row(t, tip).DueOn; got != due || r.DueOn != due {
				t.Errorf("due on %s, in the ledger on %s, not %s", got, r.DueOn, due)
			}
		}
		o.Clock.Add(day)
	}
}

// TestANewYearsHolidaysMoveDates: what was reckoned without them moves, once; what was
// granted, and what lies in a year that was known, stays.
func TestANewYearsHolidaysMoveDates(t *testing.T) {
	o := open(t)
	known := o.accepted(t) // due on 24 December
	o.Clock.Add(20 * day)
	runs, granted := o.accepted(t), o.accepted(t) // on 13 January
	qian := o.member(t, "qian", casework.RoleSupervisor, nil)
	intaketest.Must(t, o.AskExtension(t.Context(), o.wang, granted, later("2027-01-20")))
	r, err := o.Registers(t.Context(), qian)
	intaketest.Must(t, err)
	intaketest.Must(t, o.GrantExtension(t.Context(), qian, r.Asked[0].ID))
	if n, err := o.Redate(t.Context(), "main"); n != 0 || err != nil {
		t.Errorf("nothing became known, and %d moved: %v", n, err)
	}
	d := o.Service.Deps
	for _, c := range []struct { // by the law's days first, then by the notice
		now    casework.Deadlines
		before func(intake.Date) []casework.Deadlines
	}{{lawful{}, before(intaketest.Deadlines{})}, {learned{}, before(intaketest.Deadlines{}, lawful{})}} {
		d.Deadlines, d.Before = c.now, c.before
		by := casework.New(d)
		for _, want := range []int{1, 0} {
			if n, err := by.Redate(t.Context(), "main"); n != want || err != nil {
				t.Errorf("%d moved, not %d: %v", n, want, err)
			}
		}
	}
	for tip, want := range map[string]intake.Date{known: "2026-12-24", runs: "2027-01-16", granted: "2027-01-20"} {
		if got := o.row(t, tip).DueOn; got != want {
			t.Errorf("due on %s, not %s", got, want)
		}
	}
	if acts := o.acts(t, runs); !slices.Contains(acts, "calendar clock.calendar 2027-01-13>2027-01-14") || !slices.Contains(acts, "calendar clock.calendar 2027-01-14>2027-01-16") {
		t.Error(acts)
	}
	events := o.events(t)
	if e := events[len(events)-1]; e.Subject != runs || e.Data.DueOn != "2027-01-16" {
		t.Errorf("the ledger hears of %s until %s", e.Type, e.Data.DueOn)
	}
}
