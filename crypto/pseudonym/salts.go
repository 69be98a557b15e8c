package pseudonym

import (
	"sync"
	"time"
)

// Salts are the daily keys of what is counted for a day and then must be forgotten. Today's exists in
// memory only. The first question of the next day overwrites it, and what was tagged under it can't be
// tagged again by anyone. Safe for concurrent use.
type Salts struct {
	now func() time.Time
	loc *time.Location

	mu    sync.Mutex
	day   int64 // days since 1970-01-01 in loc
	today Key
}

// NewSalts rotates at midnight in loc.
func NewSalts(now func() time.Time, loc *time.Location) *Salts {
	s := &Salts{now: now, loc: loc, today: NewKey()}
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

// rotate moves on to the current day. A clock that is set back over midnight by a moment keeps the
// salt; any other jump makes a new one, since forgetting early is the safe side.
func (s *Salts) rotate() {
	if day := s.dayNumber(); day != s.day && day != s.day-1 {
		s.day, s.today = day, NewKey()
	}
}

func (s *Salts) dayNumber() int64 {
	year, month, day := s.now().In(s.loc).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)
}
