package configs

import (
	"slices"
	"strings"
	"time"
)

// CalendarYear is one year's holidays. Off and Work hold days (2006-01-02) and stretches
// (2006-01-02/2006-01-05, both ends included).
type CalendarYear struct {
	Year int      `yaml:"year"`
	Off  []string `yaml:"off"`
	Work []string `yaml:"work"` // weekend days that are worked (调休)
}

// WorkingDay says whether day (2006-01-02) is worked. A year without a calendar counts Monday to
// Friday.
func (p *Pack) WorkingDay(day string) bool {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return false
	}
	if y, ok := find(p.Calendar, day[:4], func(y CalendarYear) string { return time.Date(y.Year, 1, 1, 0, 0, 0, 0, time.UTC).Format("2006") }); ok {
		if slices.ContainsFunc(y.Work, within(day)) {
			return true
		}
		if slices.ContainsFunc(y.Off, within(day)) {
			return false
		}
	}
	return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday
}

// within says whether day lies in a stretch. Dates in this form sort as text.
func within(day string) func(string) bool {
	return func(stretch string) bool {
		first, last := ends(stretch)
		return first <= day && day <= last
	}
}

func ends(stretch string) (first, last string) {
	first, last, ok := strings.Cut(stretch, "/")
	if !ok {
		last = first
	}
	return first, last
}

// DueOn is the last day of the deadline of that kind that began on from (both 2006-01-02), by the
// profile. The day it begins is not counted. It is "" when the profile has no such deadline.
func (p *Pack) DueOn(profile, kind, from string) string {
	f, _ := p.Profile(profile)
	step, ok := f.Step(kind)
	t, err := time.Parse(time.DateOnly, from)
	if !ok || err != nil {
		return ""
	}
	t = addMonths(t, step.Months)
	if !step.Working {
		return t.AddDate(0, 0, step.Days).Format(time.DateOnly)
	}
	for left := step.Days; left > 0; {
		t = t.AddDate(0, 0, 1)
		if p.WorkingDay(t.Format(time.DateOnly)) {
			left--
		}
	}
	return t.Format(time.DateOnly)
}

// addMonths stays in the month it arrives in: three months after 30 November is the last of February.
func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}
