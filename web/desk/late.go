package desk

import (
	"context"
	"sync"
	"time"

	"tipline/intake/casework"
)

// late is how many tips of each desk are overdue, looked up once a minute and up to a
// bound: every page of who oversees them shows it.
type late struct {
	mu   sync.Mutex
	desk map[string]lateAt
}

type lateAt struct {
	at   time.Time
	last int
}

const lateEvery = time.Minute

func (l *late) get(ctx context.Context, s *casework.Service, by casework.Actor, now time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	of := l.desk[by.Desk]
	if age := now.Sub(of.at); age >= lateEvery || age < 0 {
		if n, err := s.Overdue(ctx, by); err == nil { // else the last answer stands for another minute
			of.last = n
		}
		of.at = now
		if l.desk == nil {
			l.desk = map[string]lateAt{}
		}
		l.desk[by.Desk] = of
	}
	return of.last
}

// LateCount is how many tips are overdue, as far as they are counted.
func (f frame) LateCount() string { return counted(f.LateTips) }
