package configs

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// CalendarYear is one year's holidays. Off and Work hold days (2006-01-02) and stretches
// (2006-01-02/2006-01-05, both ends included).
type CalendarYear struct {
	Year   int      `yaml:"year"`
	Source string   `yaml:"source"` // the notice, or the law, that it was taken from
	Off    []string `yaml:"off"`
	Work   []string `yaml:"work"` // weekend days that are worked (调休)
	// Provisional is a year whose notice isn't out: only the days that the law itself fixes. The
	// same year without the mark takes its place wherever both are there.
	Provisional bool `yaml:"provisional"`
}

// Knows says whether the calendar has the notice for the year of day (2006-01-02). A date in
// another year may move once its notice is out: it counts by what the law fixes, where the calendar
// has that ([Pack.Provisional]), or Monday to Friday.
func (p *Pack) Knows(day string) bool {
	y, ok := p.year(day)
	return ok && !y.Provisional
}

// Provisional says whether all that the calendar has of day's year are the days that the law fixes.
func (p *Pack) Provisional(day string) bool {
	y, ok := p.year(day)
	return ok && y.Provisional
}

// year is what the calendar has of day's year, the notice before the law alone.
func (p *Pack) year(day string) (y CalendarYear, ok bool) {
	for _, c := range p.Calendar {
		if strings.HasPrefix(day, strconv.Itoa(c.Year)+"-") && (!ok || y.Provisional) {
			y, ok = c, true
		}
	}
	return y, ok
}

// WorkingDay says whether day (2006-01-02) is worked. A year without a calendar counts Monday to
// Friday.
func (p *Pack) WorkingDay(day string) bool {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return false
	}
	if y, ok := p.year(day); ok {
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

// Pause is a time in which a clock stands still: the days after From, up to and with Until
// (2006-01-02). An Until of "" is a pause that goes on.
type Pause struct{ From, Until string }

func (p Pause) holds(day string) bool {
	return day > p.From && (p.Until == "" || day <= p.Until)
}

// DueOn is the last day of the deadline of that kind that began on from (both 2006-01-02), by the
// profile. The day it begins is not counted, nor is any day of a pause. It is "" when the profile has no
// such deadline, and while a pause goes on.
func (p *Pack) DueOn(profile, kind, from string, pauses ...Pause) string {
	f, _ := p.Profile(profile)
	step, ok := f.Step(kind)
	t, err := time.Parse(time.DateOnly, from)
	if !ok || err != nil || slices.ContainsFunc(pauses, func(p Pause) bool { return p.Until == "" }) {
		return ""
	}
	stands := func(day string) bool {
		return slices.ContainsFunc(pauses, func(p Pause) bool { return p.holds(day) })
	}
	left := step.Days
	if step.Months > 0 {
		left += days(t, addMonths(t, step.Months))
	}
	for left > 0 {
		t = t.AddDate(0, 0, 1)
		day := t.Format(time.DateOnly)
		if !stands(day) && (!step.Working || p.WorkingDay(day)) {
			left--
		}
	}
	return t.Format(time.DateOnly)
}

// Waits is the last day on which a clock that stopped on from, for a question to the reporter, stands
// still without an answer. It is "" when the profile stops for none.
func (p *Pack) Waits(profile, from string) string {
	f, _ := p.Profile(profile)
	t, err := time.Parse(time.DateOnly, from)
	if f.Pause.Days == 0 || err != nil {
		return ""
	}
	return p.after(t, f.Pause.Days, f.Pause.Working)
}

func (p *Pack) after(t time.Time, n int, working bool) string {
	for n > 0 {
		t = t.AddDate(0, 0, 1)
		if !working || p.WorkingDay(t.Format(time.DateOnly)) {
			n--
		}
	}
	return t.Format(time.DateOnly)
}

// longestStep is how far back [Pack.Over] looks.
const longestStep = 400

// Over is the last day such that a deadline of that kind which began on it, or before, is over on
// today. It is "" when the profile has no such deadline.
func (p *Pack) Over(profile, kind, today string) string {
	t, err := time.Parse(time.DateOnly, today)
	if err != nil {
		return ""
	}
	for range longestStep {
		day := t.Format(time.DateOnly)
		due := p.DueOn(profile, kind, day)
		if due == "" {
			return ""
		}
		if due < today {
			return day
		}
		t = t.AddDate(0, 0, -1)
	}
	return ""
}

// Accepts is the kind of a profile's deadline to say whether a report is taken up.
func (p *Pack) Accepts(profile string) (kind string) {
	return p.first(profile, "acceptance", "acknowledgement")
}

// Concludes is the kind of a profile's deadline for the end of the work on a report, and whether it
// began when the report was received, and not when it was taken up.
func (p *Pack) Concludes(profile string) (kind string, received bool) {
	kind = p.first(profile, "conclusion", "feedback")
	f, _ := p.Profile(profile)
	step, _ := f.Step(kind)
	if step.From == "concluded" { // it tells of an end that has no date
		return "", false
	}
	return kind, step.From == "received" || step.From == "acknowledged"
}

func (p *Pack) first(profile string, kinds ...string) string {
	f, _ := p.Profile(profile)
	for _, kind := range kinds {
		if _, ok := f.Step(kind); ok {
			return kind
		}
	}
	return ""
}

// Latest is the last day to which the end of the work, whose clock began on from, may be put off: "" when
// the approver names the date.
func (p *Pack) Latest(profile, from string) string {
	f, _ := p.Profile(profile)
	kind, _ := p.Concludes(profile)
	base, errBase := time.Parse(time.DateOnly, p.DueOn(profile, kind, from))
	began, errFrom := time.Parse(time.DateOnly, from)
	switch {
	case errBase != nil || errFrom != nil:
		return ""
	case f.Extension.Months > 0:
		return addMonths(began, f.Extension.Months).Format(time.DateOnly)
	case f.Extension.Days > 0:
		return p.after(base, f.Extension.Days, f.Extension.Working)
	default:
		return ""
	}
}

func days(from, to time.Time) int { return int(to.Sub(from).Hours() / 24) }

// addMonths stays in the month it arrives in: three months after 30 November is the last of February.
func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}
