package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tipline/intake"
	"tipline/intake/spool"
)

// spoolFolder holds a folder for each process that takes tips.
const spoolFolder = "spool"

// mostIntakes is how many processes may spool on one data folder.
const mostIntakes = 64

// spooled is the store with a spool before it: where the gateways' tips wait when
// the database is away.
type spooled struct {
	intake.Store
	spool *spool.Spool
}

// Accept stores a tip, or keeps it for the store.
func (s spooled) Accept(ctx context.Context, a *intake.Acceptance) (intake.Accepted, error) {
	return s.spool.Accept(ctx, a)
}

// openSpool takes the first folder that no other process has: one that a process
// left behind is taken up by the next.
func (h *house) openSpool() (*spool.Spool, error) {
	for n := range mostIntakes {
		s, err := spool.Open(spoolDir(h.dir, n+1), spool.Options{Store: h.store, MaxBytes: h.cfg.Spool.MaxBytes, Loc: h.loc, Now: h.now, Log: h.log})
		if errors.Is(err, spool.ErrInUse) {
			continue
		}
		return s, err
	}
	return nil, errorf("spool: %d {process has|processes have} one each already", mostIntakes)
}

func spoolDir(dir string, n int) string { return filepath.Join(dir, spoolFolder, fmt.Sprint(n)) }

// spoolStats are the figures of every process's spool in a data folder.
func spoolStats(dir string, now time.Time) (sum spool.Stats, err error) {
	for n := range mostIntakes {
		st, err := spool.Look(spoolDir(dir, n+1), now)
		if err != nil {
			return sum, err
		}
		sum.Files += st.Files
		sum.Bytes += st.Bytes
		sum.Damaged += st.Damaged
		sum.Refused += st.Refused
		sum.Oldest = max(sum.Oldest, st.Oldest)
	}
	return sum, nil
}

// watchSpool adds the spool's gauges.
func (m *meters) watchSpool(s *spool.Spool) {
	for name, g := range map[string]struct {
		help string
		read func(spool.Stats) float64
	}{
		"tipline_spool_files":        {"Tips that wait in the spool.", func(st spool.Stats) float64 { return float64(st.Files) }},
		"tipline_spool_bytes":        {"Bytes of all files in the spool.", func(st spool.Stats) float64 { return float64(st.Bytes) }},
		"tipline_spool_oldest_hours": {"Whole hours the oldest has waited.", func(st spool.Stats) float64 { return st.Oldest.Hours() }},
		"tipline_spool_set_aside":    {"Files that were damaged or that the store refused; a person has to look.", func(st spool.Stats) float64 { return float64(st.Damaged + st.Refused) }},
	} {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: g.help + " As of the hour."},
			steady(m.now, func(context.Context) (int, error) { return int(g.read(s.Stats())), nil })))
	}
}
