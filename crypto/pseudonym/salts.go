package pseudonym

import (
	"sync"
	"time"
)

// Salts are the daily keys of what is counted for a day and then must be forgotten. They exist in
// memory only: today's and yesterday's, no others. A salt that is two days old is overwritten, and what
// was tagged under it can't be tagged again by anyone. Safe for concurrent use.
type Salts struct {
	now func() time.Time
	loc *time.Location

	mu               sync.Mutex
	day              int64 // days since 1970-01-01 in loc
	today, yesterday Key
}

// NewSalts rotates at midnight in loc.
func NewSalts(now func() time.Time, loc *time.Location) *Salts {
	s := &Salts{now: now, loc: loc, today: NewKey(), yesterday: NewKey()}
	s.day = s.dayNumber()
	return s
}

// Today is the salt of the current day.
func (s *Salts) Today() Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rotate()
	return s.today
}

// Yesterday is the salt of the day before, for windows that reach over midnight. If nothing asked for
// a salt that day, or this process started today, nothing was ever tagged under it.
func (s *Salts) Yesterday() Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rotate()
	return s.yesterday
}

// rotate moves on to the current day. A clock that is set back over midnight by a moment keeps the
// salts; any other jump makes both new, since forgetting early is the safe side.
func (s *Salts) rotate() {
	switch day := s.dayNumber(); day {
	case s.day, s.day - 1:
		return
	case s.day + 1:
		s.day, s.yesterday, s.today = day, s.today, NewKey()
	default:
		s.day, s.yesterday, s.today = day, NewKey(), NewKey()
	}
}

func (s *Salts) dayNumber() int64 {
	year, month, day := s.now().In(s.loc).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)
}
