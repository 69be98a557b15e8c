package main

import (
	"fmt"
	"slices"
	"time"
)

// figures are what one measurement gives.
type figures struct {
	perSecond     float64
	p50, p99, max time.Duration
	errors        int
	first         error
	peakMB        float64
	cpu           time.Duration // of the server's processes, for one request
	took          []time.Duration
}

func (f *figures) add(took time.Duration, err error) {
	if err == nil {
		f.took = append(f.took, took)
		return
	}
	f.errors++
	if f.first == nil {
		f.first = err
	}
}

// finish makes figures of what took how long.
func (f *figures) finish(whole time.Duration) {
	f.perSecond = float64(len(f.took)) / whole.Seconds()
	if len(f.took) == 0 {
		return
	}
	slices.Sort(f.took)
	f.p50, f.p99, f.max = at(f.took, 50), at(f.took, 99), f.took[len(f.took)-1]
	f.took = nil
}

// at is a percentile of sorted durations, by nearest rank.
func at(sorted []time.Duration, percent int) time.Duration {
	return sorted[max(0, (len(sorted)*percent+99)/100-1)]
}

// median takes each figure's own; errors add up.
func median(all []figures) (m figures) {
	if len(all) == 0 {
		return m
	}
	for _, f := range all {
		m.errors += f.errors
		if f.first != nil {
			m.first = f.first
		}
	}
	m.perSecond = middle(all, func(f figures) float64 { return f.perSecond })
	m.p50 = time.Duration(middle(all, func(f figures) float64 { return float64(f.p50) }))
	m.p99 = time.Duration(middle(all, func(f figures) float64 { return float64(f.p99) }))
	m.max = time.Duration(middle(all, func(f figures) float64 { return float64(f.max) }))
	m.cpu = time.Duration(middle(all, func(f figures) float64 { return float64(f.cpu) }))
	m.peakMB = middle(all, func(f figures) float64 { return f.peakMB })
	return m
}

func middle[T any](all []T, get func(T) float64) float64 {
	v := make([]float64, len(all))
	for i, f := range all {
		v[i] = get(f)
	}
	slices.Sort(v)
	return v[len(v)/2]
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

// none is the bound of what mustn't happen at all.
const none = 1e-9

// mustReach says on a line whether a figure is where it has to be; a bound of 0
// isn't asked for.
func mustReach(what string, got, least, most float64) {
	word, bound := "", ""
	switch {
	case least > 0:
		word, bound = verdict(got >= least), fmt.Sprintf(", at least %g", least)
	case most > 0:
		word, bound = verdict(got <= most), fmt.Sprintf(", at most %g", most)
	}
	if most == none {
		bound = ", none"
	}
	fmt.Printf("%-8s %s: %.2f%s\n", word, what, got, bound)
}

func verdict(ok bool) string {
	if ok {
		return "reached"
	}
	return "MISSED"
}
