package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// points is how many faults TestFaults makes; `make fault N=300` sets it.
var points = flag.Int("points", 12, "faults that TestFaults makes")

// long is how many points make a run in which the database is paused for a minute
// and not for seconds.
const long = 100

// harness breaks a province under load.
type harness struct {
	*province
	load  *load
	clock string         // file that moves the intakes' and the desk's clock
	tried map[string]int // points by kind
}

// fault breaks one thing and mends it again.
type fault struct {
	kind string
	do   func(h *harness)
}

// faults are all kinds. A part that is killed starts again at once, as its
// supervisor would do it.
func faults() []fault {
	out := []fault{
		{"kill redis", func(h *harness) { h.redis.Kill(); h.moment(); h.must(h.redis.Start()) }},
		{"kill postgresql", func(h *harness) { h.postgres.Kill(); h.moment(); h.must(h.postgres.Start()) }},
		{"kill both", func(h *harness) {
			h.redis.Kill()
			h.postgres.Kill()
			h.moment()
			h.must(errors.Join(h.redis.Start(), h.postgres.Start()))
		}},
		{"pause postgresql", func(h *harness) { h.must(h.postgres.Pause()); h.moment(); h.must(h.postgres.Resume()) }},
		{"end postgresql's connections", func(h *harness) {
			h.asAdmin(h.t, "postgres", `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'tipline'`)
		}},
		{"pause redis", func(h *harness) { h.must(h.redis.Pause()); h.moment(); h.must(h.redis.Resume()) }},
		{"flush redis", func(h *harness) {
			c := h.redis.Client()
			defer c.Close()
			h.must(c.FlushAll(h.t.Context()).Err())
		}},
		{"step the clock", func(h *harness) { h.step(time.Duration(rand.IntN(48)-24) * time.Hour) }},
	}
	for _, name := range parts {
		out = append(out, fault{"kill " + name, func(h *harness) { h.parts[name].kill(); h.start(name) }})
	}
	for _, name := range []string{"intake 1", "desk", "relay 1", "ledger follow"} {
		out = append(out, fault{"end " + name, func(h *harness) { h.must(h.parts[name].end()); h.start(name) }})
	}
	for name, refused := range map[string][2]string{"away": {"ALLOW_CONNECTIONS false", "ALLOW_CONNECTIONS true"},
		"read-only": {"SET default_transaction_read_only = on", "RESET default_transaction_read_only"}} {
		for _, base := range []string{"tipline", "ledger"} {
			out = append(out, fault{base + "'s database " + name, func(h *harness) { h.alter(base, refused[0]); h.moment(); h.alter(base, refused[1]) }})
		}
	}
	return out
}

// TestFaults breaks a province under load at random moments: processes killed and told to
// end, the database and Redis killed, each and both, and paused, the database's connections
// ended, a database refused and read-only, Redis flushed, the clock stepped. Then every report
// that was answered is there, opens, with its file, and stands in the ledger once, and what the
// desk and the ledger were told is told.
func TestFaults(t *testing.T) {
	clock := filepath.Join(t.TempDir(), "clock")
	env := append(slices.Clone(generousLimits), smsEnv, "TIPLINE_SPOOL_ENABLED=true", "FAULT_CLOCK="+clock)
	h := &harness{province: foundApart(t, env, "fsync=on"), load: newLoad(), clock: clock, tried: map[string]int{}}
	h.steppable()
	h.open()
	for range 2 {
		h.load.send(h.load.api(h.public))
		h.load.send(h.load.api(h.second))
	}
	h.load.send(h.load.sms(h.public))
	h.load.send(h.load.letter(h.smtp))
	h.load.send(h.load.talk(h.second))
	h.load.send(h.load.files(h.second))
	h.load.wg.Go(h.decide)
	all := faults()
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] }) // a short run has another dozen each time
	if *points >= long {
		h.must(h.postgres.Pause())
		<-time.After(time.Minute)
		h.must(h.postgres.Resume())
		h.tried["pause postgresql 60 s"]++
	}
	for n := range *points {
		f := all[n%len(all)] // every kind, at a moment of chance
		h.moment()
		f.do(h)
		h.tried[f.kind]++
		if n%50 == 49 {
			fmt.Fprintf(os.Stderr, "%d points, %d reports answered\n", n+1, h.load.count())
		}
	}
	h.step(0)
	h.load.end()
	h.judge(*points)
}

// steppable runs the parts with a clock that a file moves.
func (h *harness) steppable() {
	bin, err := steppable()
	h.must(err)
	h.bin = bin
}

// moment is a wait of chance: the moment is the point of a fault.
func (h *harness) moment() { <-time.After(time.Duration(50+rand.IntN(750)) * time.Millisecond) }

func (h *harness) step(by time.Duration) {
	h.must(os.WriteFile(h.clock, []byte(by.String()), 0o600))
}

func (h *harness) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

var sums = regexp.MustCompile(`received (\d+) = in ledger (\d+) \+ held (\d+) \+ waiting (\d+)`)

// judge waits until nothing waits any more and counts what is lost and doubled.
func (h *harness) judge(points int) {
	t, want := h.t, h.load.count()
	received, out := 0, ""
	defer func() {
		if t.Failed() {
			queue, err := h.try("queue")
			t.Logf("doctor:\n%s\nqueue: %v\n%s\nlog:\n%s", out, err, queue, tail(h.log()))
		}
	}()
	until(t, 3*time.Minute, "everything has reached the ledger", func() bool {
		var err error
		out, err = h.try("doctor")
		m := sums.FindStringSubmatch(out)
		if err != nil || m == nil || m[4] != "0" {
			return false
		}
		received, _ = strconv.Atoi(m[1])
		return true
	})
	rows := h.ledger()
	got := h.opens(rows)
	lost := 0
	for n, f := range h.load.filed {
		status := http.StatusOK
		if f.Receipt != "" {
			status, _ = h.look(f.Receipt)
		}
		if status != http.StatusOK || got.tips[n] == 0 {
			lost++
		}
	}
	doubled := max(0, len(rows)-received) + got.doubled
	undone := h.undone(rows) + h.load.givenUp
	t.Logf("points tried %d: %v\n%d reports answered; lost %d, doubled %d, don't open %d; %d decided; undone, doubled or never answered %d",
		points, h.tried, want, lost, doubled, got.unread, len(h.load.decided), undone)
	if lost+doubled+got.unread+undone > 0 || want < points {
		t.Errorf("lost %d, doubled %d, don't open %d of %d; undone %d\n%s", lost, doubled, got.unread, want, undone, out)
	}
}

// tail are a log's last lines.
func tail(log string) string {
	lines := strings.Split(log, "\n")
	return strings.Join(lines[max(0, len(lines)-40):], "\n")
}

// read is what the desk shows.
type read struct {
	tips            map[string]int // by the mark in their words
	doubled, unread int
}

// words are what the load sends, each with a mark of its own.
var words = regexp.MustCompile(`(?:村北的地上正在打地基|河边在挖鱼塘|村东的坑越挖越大) ([A-Z2-7]{26})`)

// opens reads every tip at the desk: how many tips show each report's words, what stands there twice, and
// how many show none or not their file.
func (h *harness) opens(rows map[string]ledgerRow) read {
	ctx, cancel := context.WithTimeout(h.t.Context(), 10*time.Minute)
	defer cancel()
	desk, got := h.login("li", handlerPass), read{tips: map[string]int{}}
	for tip := range rows {
		if ctx.Err() != nil {
			h.t.Fatal("reading every tip took too long")
		}
		status, page := desk.get("/tips/" + tip)
		m := words.FindStringSubmatch(page)
		if status != http.StatusOK || m == nil {
			got.unread++
			continue
		}
		n := m[1]
		f, wrote := h.load.filed[n], strings.Count(page, again+n)
		if f.file && !desk.hasFile(tip) || f.more && wrote == 0 {
			got.unread++
		}
		if got.tips[n]++; got.tips[n] > 1 || wrote > 1 {
			got.doubled++
		}
	}
	return got
}

func (b *browser) hasFile(tip string) bool {
	status, file := b.get("/tips/" + tip + "/files/1")
	return status == http.StatusOK && len(file) == attachment
}
