package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// pace is how a simulation sends.
type pace struct {
	Count     int           `help:"How many messages." default:"1" placeholder:"N"`
	Rate      float64       `help:"How many a second." default:"5" placeholder:"N"`
	Redeliver bool          `help:"Deliver each once more."`
	Shuffle   bool          `help:"Deliver in any order."`
	Broken    int           `help:"As many more that can't be read." placeholder:"N"`
	Forge     int           `help:"As many more that somebody forges." placeholder:"N"`
	Retries   int           `help:"How often one is tried again that is answered with try again later." default:"3" placeholder:"N"`
	Timeout   time.Duration `help:"How long to wait for an answer." default:"20s"`
}

// check holds the numbers to what makes sense.
func (p pace) check() error {
	if p.Count < 0 || p.Count > 1_000_000 || p.Broken < 0 || p.Forge < 0 || p.Rate <= 0 || p.Rate > 100_000 || p.Retries < 0 {
		return usageError{fmt.Errorf("--count, --broken, --forge and --retries take numbers from 0, --rate a positive one")}
	}
	return nil
}

// answer is what came of one delivery.
type answer int

// What a delivery may be answered with.
const (
	taken answer = iota
	refused
	later // not now: it may be tried again
	silentAnswer
)

// delivery is one message on its way.
type delivery struct {
	what string // genuine, again, broken, forged, …
	want answer
	send func(ctx context.Context) (answer, string)
}

// volley sends deliveries at a rate and sums up what came of them.
type volley struct {
	pace
	mu    sync.Mutex
	sums  map[string]*summed
	order []string
	took  []time.Duration
	again int
}

type summed struct {
	sent, right int
	wrong       map[string]int // what was said instead
}

// maxInFlight is how many deliveries wait for their answers at a time.
const maxInFlight = 64

// run sends everything and prints a summary. It fails when anything was answered
// otherwise than it should be.
func (v *volley) run(ctx context.Context, w io.Writer, all []delivery) error {
	if v.Shuffle {
		rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	}
	tick := time.NewTicker(max(time.Microsecond, time.Duration(float64(time.Second)/v.Rate)))
	defer tick.Stop()
	room := make(chan struct{}, maxInFlight)
	var wg sync.WaitGroup
	for i, d := range all {
		if i > 0 {
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
		if ctx.Err() != nil {
			break
		}
		room <- struct{}{}
		wg.Go(func() {
			defer func() { <-room }()
			v.deliver(ctx, d)
		})
	}
	wg.Wait()
	return v.report(w)
}

// deliver tries until there is an answer, as gateways do.
func (v *volley) deliver(ctx context.Context, d delivery) {
	var got answer
	var said string
	begun := time.Now()
	for try := 0; ; try++ {
		attempt, cancel := context.WithTimeout(ctx, v.Timeout)
		got, said = d.send(attempt)
		cancel()
		if got != later || try >= v.Retries || ctx.Err() != nil {
			break
		}
		v.mu.Lock()
		v.again++
		v.mu.Unlock()
		pauseFor(ctx, time.Second<<try)
	}
	v.note(d, got, said, time.Since(begun))
}

func pauseFor(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

func (v *volley) note(d delivery, got answer, said string, took time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.sums == nil {
		v.sums = map[string]*summed{}
	}
	s := v.sums[d.what]
	if s == nil {
		s = &summed{wrong: map[string]int{}}
		v.sums[d.what], v.order = s, append(v.order, d.what)
	}
	s.sent++
	v.took = append(v.took, took)
	if got == d.want {
		s.right++
	} else {
		s.wrong[said]++
	}
}

// report prints what came of each kind.
func (v *volley) report(w io.Writer) error {
	bad := 0
	slices.Sort(v.order)
	for _, what := range v.order {
		s := v.sums[what]
		fmt.Fprintf(w, "%-8s sent %d, answered as it should be %d", what, s.sent, s.right)
		for said, n := range s.wrong {
			fmt.Fprintf(w, "; %d× %s", n, said)
			bad += n
		}
		fmt.Fprintln(w)
	}
	if len(v.took) > 0 {
		slices.Sort(v.took)
		at := func(p int) time.Duration { return v.took[(len(v.took)-1)*p/100].Round(100 * time.Microsecond) }
		io.WriteString(w, inEnglish("answers  p50 %v, p99 %v; asked to come again %d {time|times}\n", at(50), at(99), v.again))
	}
	if bad > 0 {
		return errorf("%d {delivery was|deliveries were} answered otherwise than {it|they} should be", bad)
	}
	return nil
}
