package main

import (
	"context"
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
	return out
}

// TestFaults breaks a province under load at random moments: processes killed,
// the database and Redis killed and paused, the database's connections ended, Redis
// flushed, the clock stepped. Then every report that was answered is there, opens, with
// its file, and stands in the ledger once.
func TestFaults(t *testing.T) {
	clock := filepath.Join(t.TempDir(), "clock")
	env := append(slices.Clone(generousLimits), smsEnv, "TIPLINE_SPOOL_ENABLED=true", "FAULT_CLOCK="+clock)
	h := &harness{province: found(t, env, "fsync=on"), load: newLoad(), clock: clock, tried: map[string]int{}}
	h.steppable()
	h.open()
	for range 2 {
		h.load.send(h.load.api(h.public))
		h.load.send(h.load.api(h.second))
	}
	h.load.send(h.load.sms(h.public))
	h.load.send(h.load.files(h.second))
	all := faults()
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
	lost := 0
	for _, r := range h.load.receipts {
		if status, _ := h.look(r); status != http.StatusOK {
			lost++
		}
	}
	lost += max(0, want-received)
	doubled := max(0, received-want) + max(0, len(rows)-received)
	unread := h.opens(rows)
	t.Logf("points tried %d: %v\n%d reports answered; lost %d, doubled %d, don't open %d", points, h.tried, want, lost, doubled, unread)
	if lost+doubled+unread > 0 || want < points {
		t.Errorf("lost %d, doubled %d, don't open %d of %d\n%s", lost, doubled, unread, want, out)
	}
}

// tail are a log's last lines.
func tail(log string) string {
	lines := strings.Split(log, "\n")
	return strings.Join(lines[max(0, len(lines)-40):], "\n")
}

// opens reads every tip at the desk and counts those that don't show their words.
func (h *harness) opens(rows map[string]ledgerRow) (unread int) {
	ctx, cancel := context.WithTimeout(h.t.Context(), 10*time.Minute)
	defer cancel()
	desk := h.login("li", handlerPass)
	for tip, row := range rows {
		if ctx.Err() != nil {
			h.t.Fatal("reading every tip took too long")
		}
		words := "村北的地上正在打地基"
		if row.Channel == "sms" {
			words = "河边在挖鱼塘"
		}
		status, page := desk.get("/tips/" + tip)
		if status != http.StatusOK || !strings.Contains(page, words) || row.Files > 0 && !desk.hasFile(tip) {
			unread++
		}
	}
	return unread
}

func (b *browser) hasFile(tip string) bool {
	status, file := b.get("/tips/" + tip + "/files/1")
	return status == http.StatusOK && len(file) == attachment
}
