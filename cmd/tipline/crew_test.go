package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestAllPartsFail: however many mailboxes there are, each part that stops by itself can say so and is gone when the
// crew is finished.
func TestAllPartsFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		c := newCrew(slog.New(slog.DiscardHandler))
		for range 40 {
			c.start(t.Context(), "mailbox", func(context.Context) error { return broken })
		}
		synctest.Wait()
		if err := c.wait(t.Context()); !errors.Is(err, broken) || !errors.Is(err, errStoppedEarly) {
			t.Errorf("the crew heard %v", err)
		}
		if err := c.finish(time.Minute); err != nil {
			t.Errorf("left behind: %v", err)
		}
	})
}

// TestSlowClients: listeners whose clients take all the time they are given stop side by side, then what they need, and the
// whole within what a service manager waits.
func TestSlowClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, ended := newCrew(slog.New(slog.DiscardHandler)), make(chan string, 5)
		until := func(name string, rest time.Duration) func(context.Context) error {
			return func(ctx context.Context) error {
				<-ctx.Done()
				time.Sleep(rest) // of the bubble
				ended <- name
				return nil
			}
		}
		c.start(t.Context(), "relay", until("relay", time.Second))
		c.start(t.Context(), "texts", until("texts", 2*time.Second))
		for n := range 3 {
			c.front(t.Context(), "front", until("front", stopTime-time.Duration(n)))
		}
		began := time.Now()
		if err := c.finish(lastTime); err != nil || time.Since(began) != stopTime+3*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		for _, want := range []string{"front", "front", "front", "texts", "relay"} {
			if got := <-ended; got != want {
				t.Errorf("%s ended where %s should have", got, want)
			}
		}
	})
}

// TestHangingPart: what doesn't end is left behind in time, and what was started before it has its stop as well.
func TestHangingPart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, free := newCrew(slog.New(slog.DiscardHandler)), make(chan struct{})
		for _, name := range []string{"first", "second"} {
			c.start(t.Context(), name, func(context.Context) error { <-free; return nil })
		}
		began := time.Now()
		err := c.finish(time.Minute)
		if err == nil || !strings.Contains(err.Error(), "first") || !strings.Contains(err.Error(), "second") || time.Since(began) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		close(free)
	})
}

// TestManagersWait: whoever stops the program gives it the time that it takes at most, with two seconds for its last counts.
func TestManagersWait(t *testing.T) {
	units, err := filepath.Glob(filepath.Join("..", "..", "configs", "deploy", "tipline*.service"))
	if err != nil || len(units) < 5 {
		t.Fatal(units, err)
	}
	waits := regexp.MustCompile(`(?m)^ *(?:TimeoutStopSec=(\d+)|stop_grace_period: (\d+)s)`)
	for _, name := range append(units, filepath.Join("..", "..", "configs", "deploy", "compose.yaml")) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "Type=oneshot") {
			continue // a backup runs as long as it runs
		}
		m := waits.FindSubmatch(text)
		if m == nil {
			t.Errorf("%s leaves the wait to its manager", filepath.Base(name))
			continue
		}
		if n, _ := strconv.Atoi(string(m[1]) + string(m[2])); time.Duration(n)*time.Second < lastTime+2*time.Second {
			t.Errorf("%s waits %d s", filepath.Base(name), n)
		}
	}
}
