package main

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// generousLimits let a test's one origin through.
var generousLimits = []string{"TIPLINE_LIMITS_ORIGIN_SOFT_PER_HOUR=1000000", "TIPLINE_LIMITS_ORIGIN_HARD_PER_HOUR=1000000",
	"TIPLINE_LIMITS_GLOBAL_SOFT_PER_MINUTE=1000000", "TIPLINE_LIMITS_GLOBAL_HARD_PER_MINUTE=1000000", "TIPLINE_LIMITS_RECEIPT_TRIES_PER_HOUR=1000000", "TIPLINE_LIMITS_FORM_SECONDS=0"}

// TestKill ends the process 30 times at random moments under load. Every receipt
// that was answered opens afterwards, and the ledger holds each tip once.
func TestKill(t *testing.T) {
	points := 30
	if testing.Short() {
		points = 5
	}
	in := install(t, generousLimits...)
	var mu sync.Mutex
	var receipts []string
	for range points {
		in.start()
		stop := make(chan struct{})
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					if r := tryReport(in.public); r != "" {
						mu.Lock()
						receipts = append(receipts, r)
						mu.Unlock()
					}
				}
			})
		}
		<-time.After(time.Duration(20+rand.IntN(300)) * time.Millisecond) // the moment is the point, not a wait for something
		in.kill()
		close(stop)
		wg.Wait()
	}
	in.start()
	for _, r := range receipts {
		if status, _ := in.look(r); status != http.StatusOK {
			t.Errorf("a receipt that was answered doesn't open: %d", status)
		}
	}
	out := ""
	until(t, 30*time.Second, "the ledger catches up", func() bool {
		var err error
		out, err = in.try("doctor")
		return err == nil && len(in.ledger()) >= len(receipts)
	})
	if len(receipts) < points {
		t.Fatalf("only %d reports were answered in %d lives: no load", len(receipts), points)
	}
	t.Logf("%d kills, %d answered, %d in the ledger once each\n%s", points, len(receipts), len(in.ledger()), out)
	in.stop()
}

// TestKillParts kills intake, desk and ledger of one SQLite in turn, at random moments
// under load: they share a file, and none may leave its lock or half a row behind.
func TestKillParts(t *testing.T) {
	in := install(t, append(slices.Clone(generousLimits), smsEnv)...)
	h := &harness{province: &province{instance: in, parts: map[string]*child{}}, load: newLoad(), tried: map[string]int{}}
	commands := map[string][]string{"intake": {"intake"}, "desk": {"desk"}, "ledger": {"ledger", "follow"}}
	begin := func(name string) {
		h.parts[name] = h.spawn([]string{"TIPLINE_OPS_ADDR="}, commands[name]...)
	}
	for name := range commands {
		begin(name)
	}
	h.waitFor("http://"+h.public+"/", http.StatusOK)
	for range 3 {
		h.load.send(h.load.api(h.public))
	}
	h.load.send(h.load.sms(h.public))
	const lives = 7
	for range lives {
		for name := range commands {
			h.moment()
			h.parts[name].kill()
			begin(name)
			h.tried["kill "+name]++
		}
	}
	h.waitFor("http://"+h.instance.desk+"/login", http.StatusOK)
	h.load.end()
	h.judge(3 * lives)
}

// tryReport files a report and returns its receipt, or "" when the server died
// before it answered.
func tryReport(addr string) string {
	resp, err := http.PostForm("http://"+addr+"/report", url.Values{"text": {"村北的地上正在打地基"}})
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	var b strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := resp.Body.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			break
		}
	}
	if m := receiptOutput.FindStringSubmatch(b.String()); resp.StatusCode == http.StatusOK && m != nil && strings.Contains(b.String(), "</html>") {
		return m[1]
	}
	return ""
}
