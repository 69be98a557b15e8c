package book

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"tipline/intake"
	"tipline/intake/casework"
)

// StateLog is the log of the tips' states, as reports count it.
type StateLog interface {
	Tallies(ctx context.Context, desk string, from, to intake.Date) ([]intake.Tally, error)
	Decided(ctx context.Context, desk string, from, to intake.Date) ([]intake.Pace, error)
	Concluded(ctx context.Context, desk string, from, to intake.Date) ([]intake.Pace, error)
}

// Report is a month in numbers (月通报): lines of the state log, counted. Small cells
// are hidden.
type Report struct {
	Period
	Until      intake.Date // the last day that is counted
	Phases     []string    // of the campaign, worded
	Received   Count
	States     []Count // what tips came into, by state
	ByPlace    []Count // of what was received
	ByCategory []Count
	BySource   []Count
	ByChannel  []Count
	Trend      []Step
	Decided    Pace
	Concluded  Pace
	Published  bool // the total may be told
}

// Step is one month of a trend.
type Step struct {
	Month               string // 2026-11
	Received, Concluded Count
}

// Pace is how long something took, in calendar days without those in which the office
// waited for the reporter, and how often it was in time: by the office's promise, behind
// such pauses, or by the later date that was granted.
type Pace struct {
	N, InTime, Median int
	Hidden            bool
}

// trendMonths is how far back a trend goes, the month itself included.
const trendMonths = 12

// Monthly is the report of the month that holds a day.
func (s *Service) Monthly(ctx context.Context, by casework.Actor, day intake.Date, lang string) (*Report, error) {
	if err := handler(by); err != nil {
		return nil, err
	}
	p, err := PeriodOf(Monthly, day)
	if err != nil {
		return nil, err
	}
	tallies, err := s.tallied(ctx, by.Desk, p)
	if err != nil {
		return nil, err
	}
	r := &Report{Period: p, Until: min(p.To, s.today()), Phases: s.Words.Phases(lang, p.From, p.To), Received: received("", tallies)}
	var tables [][]Count
	tables, r.Published = breakdowns(tallies)
	r.ByPlace, r.ByCategory, r.BySource, r.ByChannel = tables[0], tables[1], tables[2], tables[3]
	r.Received.Hidden = !r.Published
	r.States = statesOf(tallies, r.Published)
	if err := s.trend(ctx, by.Desk, r); err != nil {
		return nil, err
	}
	return r, s.paces(ctx, by.Desk, r)
}

func count(tallies []intake.Tally, state intake.State) (n int) {
	for _, t := range tallies {
		if t.State == state {
			n += t.N
		}
	}
	return n
}

func received(code string, tallies []intake.Tally) Count {
	return Count{Code: code, N: count(tallies, intake.StateReceived)}
}

// statesOf are the lines of the log by the state they tell of, in the order of a tip's
// life. They have no total that could tell a hidden one; what was received is the total
// of the tables, and hidden with it.
func statesOf(tallies []intake.Tally, told bool) (out []Count) {
	for _, state := range intake.States() {
		if n := count(tallies, state); n > 0 {
			out = append(out, Count{Code: string(state), N: n, Hidden: n < small || state == intake.StateReceived && !told})
		}
	}
	return out
}

// breakdowns are what was received by place, category, source and channel, small cells
// hidden, and whether their total may be told: it is the same one, so that a table which
// can't stand beside it keeps it out of all.
func breakdowns(tallies []intake.Tally) (tables [][]Count, told bool) {
	told = true
	for _, by := range []func(intake.Tally) string{func(t intake.Tally) string { return t.Place }, func(t intake.Tally) string { return t.Category },
		func(t intake.Tally) string { return t.Source }, func(t intake.Tally) string { return string(t.Channel) }} {
		cells, ok := Suppress(tableOf(tallies, by))
		// the largest stands first, so a hidden cell's place would tell of it
		slices.SortStableFunc(cells, func(a, b Count) int {
			switch {
			case a.Hidden && b.Hidden:
				return cmp.Compare(a.Code, b.Code)
			case a.Hidden:
				return 1
			case b.Hidden:
				return -1
			default:
				return 0
			}
		})
		tables, told = append(tables, cells), told && ok
	}
	return tables, told
}

// tableOf counts what was received, largest first.
func tableOf(tallies []intake.Tally, by func(intake.Tally) string) (out []Count) {
	sums := map[string]int{}
	for _, t := range tallies {
		if t.State == intake.StateReceived {
			sums[by(t)] += t.N
		}
	}
	for _, code := range slices.Sorted(maps.Keys(sums)) {
		out = append(out, Count{Code: code, N: sums[code]})
	}
	slices.SortStableFunc(out, func(a, b Count) int { return cmp.Compare(b.N, a.N) })
	return out
}

func (s *Service) trend(ctx context.Context, desk string, r *Report) error {
	p := r.Period
	for range trendMonths {
		tallies, err := s.tallied(ctx, desk, p)
		if err != nil {
			return err
		}
		step := Step{Month: p.Month(), Received: received(p.Month(), tallies), Concluded: Count{Code: p.Month(), N: count(tallies, intake.StateConcluded)}}
		_, told := breakdowns(tallies) // this month's own report may not tell its total
		step.Received.Hidden = !told
		step.Concluded.Hidden = step.Concluded.N > 0 && step.Concluded.N < small
		r.Trend = append(r.Trend, step)
		p = p.Before()
	}
	slices.Reverse(r.Trend)
	return nil
}

func (s *Service) paces(ctx context.Context, desk string, r *Report) error {
	for _, c := range []struct {
		id    string
		to    *Pace
		read  func(context.Context, string, intake.Date, intake.Date) ([]intake.Pace, error)
		until func(desk string, from intake.Date, stood ...intake.Pause) intake.Date
	}{{"decided", &r.Decided, s.Log.Decided, s.Acceptance}, {"concluded", &r.Concluded, s.Log.Concluded, s.Conclusion}} {
		took, err := remember(s, &s.memory.paces, desk+"\n"+c.id, r.Period, func() ([]intake.Pace, error) { return c.read(ctx, desk, r.From, r.To) })
		if err != nil {
			return err
		}
		*c.to = paceOf(took, func(p intake.Pace) intake.Date { return max(c.until(desk, p.From, p.Stood...), p.PutOff) })
	}
	// what was decided is the sum of these states, nearly always
	decisions := []string{string(intake.StateAccepted), string(intake.StateDeclined), string(intake.StateReferred)}
	if slices.ContainsFunc(r.States, func(c Count) bool { return c.Hidden && slices.Contains(decisions, c.Code) }) {
		r.Decided.Hidden = true
	}
	return nil
}

func paceOf(took []intake.Pace, until func(intake.Pace) intake.Date) (p Pace) {
	var days []int
	for _, t := range took {
		p.N += t.N
		if due := until(t); due == "" || t.To <= due {
			p.InTime += t.N
		}
		n := daysFrom(t.From, t.To)
		for _, pause := range t.Stood {
			n -= daysFrom(pause.From, pause.Until)
		}
		for range t.N {
			days = append(days, n)
		}
	}
	if slices.Sort(days); len(days) > 0 {
		p.Median = days[len(days)/2]
	}
	late := p.N - p.InTime
	p.Hidden = p.N > 0 && (p.N < small || late > 0 && late < small || p.InTime > 0 && p.InTime < small)
	return p
}

func daysFrom(a, b intake.Date) int {
	x, errX := time.Parse(time.DateOnly, string(a))
	y, errY := time.Parse(time.DateOnly, string(b))
	if errX != nil || errY != nil {
		return 0
	}
	return int(y.Sub(x).Hours() / 24)
}

// memory keeps what months came to for a while: reading a year of a large log takes
// longer than a page may.
type memory struct {
	mu      sync.Mutex
	tallies map[string]remembered[intake.Tally]
	paces   map[string]remembered[intake.Pace]
}

type remembered[T any] struct {
	at   time.Time
	over bool // the period was over when it was read
	rows []T
}

// forget makes the next counts fresh: what is given out for good must be whole.
func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tallies, m.paces = nil, nil
}

// How long a count stands: a month that is over changes only when a held tip of it is
// released, or another desk takes one over.
const (
	freshRunning = time.Minute
	freshOver    = time.Hour
)

// mostRemembered is how many counts are kept; then they are forgotten.
const mostRemembered = 500

// remember is what read finds about a period, or what it found a while ago.
func remember[T any](s *Service, in *map[string]remembered[T], key string, p Period, read func() ([]T, error)) ([]T, error) {
	now, fresh, over := s.Now(), freshRunning, p.Over(s.today())
	if over {
		fresh = freshOver
	}
	key += "\n" + p.Kind + "\n" + string(p.From)
	s.memory.mu.Lock()
	kept, ok := (*in)[key]
	s.memory.mu.Unlock()
	if ok && kept.over == over && now.Sub(kept.at) < fresh && !now.Before(kept.at) {
		return kept.rows, nil
	}
	rows, err := read()
	if err != nil {
		return nil, err
	}
	s.memory.mu.Lock()
	defer s.memory.mu.Unlock()
	if *in == nil || len(*in) >= mostRemembered {
		*in = map[string]remembered[T]{}
	}
	(*in)[key] = remembered[T]{now, over, rows}
	return rows, nil
}

func (s *Service) tallied(ctx context.Context, desk string, p Period) ([]intake.Tally, error) {
	return remember(s, &s.memory.tallies, desk, p, func() ([]intake.Tally, error) { return s.Log.Tallies(ctx, desk, p.From, p.To) })
}
