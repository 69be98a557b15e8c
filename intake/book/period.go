package book

import (
	"errors"
	"time"

	"tipline/intake"
)

// ErrPeriod says that there is no such report.
var ErrPeriod = errors.New("a report is daily, weekly or monthly, of a day such as 2026-11-24")

// Reports there are.
const (
	Daily   = "daily"   // 日提取
	Weekly  = "weekly"  // 周下发
	Monthly = "monthly" // 月通报
)

// Period is the days a report is about, both included, in the office's zone: a day
// ends at its midnight.
type Period struct {
	Kind     string
	From, To intake.Date
}

// PeriodOf is the period of a kind that holds a day. A week begins on Monday.
func PeriodOf(kind string, day intake.Date) (Period, error) {
	t, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return Period{}, ErrPeriod
	}
	from, to := t, t
	switch kind {
	case Daily:
	case Weekly:
		from = t.AddDate(0, 0, -(int(t.Weekday())+6)%7)
		to = from.AddDate(0, 0, 6)
	case Monthly:
		from = time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
		to = from.AddDate(0, 1, -1)
	default:
		return Period{}, ErrPeriod
	}
	return Period{kind, intake.Date(from.Format(time.DateOnly)), intake.Date(to.Format(time.DateOnly))}, nil
}

// Month is the period's month, as 2026-11.
func (p Period) Month() string { return string(p.From)[:7] }

// Before is the period of the same kind before p.
func (p Period) Before() Period {
	t, _ := time.Parse(time.DateOnly, string(p.From)) // a period's days are dates
	before, _ := PeriodOf(p.Kind, intake.Date(t.AddDate(0, 0, -1).Format(time.DateOnly)))
	return before
}

// After is the period of the same kind after p.
func (p Period) After() Period {
	t, _ := time.Parse(time.DateOnly, string(p.To)) // a period's days are dates
	after, _ := PeriodOf(p.Kind, intake.Date(t.AddDate(0, 0, 1).Format(time.DateOnly)))
	return after
}

// Over says whether the period has ended on a day.
func (p Period) Over(today intake.Date) bool { return p.To < today }
