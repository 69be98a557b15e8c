package public

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// gateAt is a gate with a clock and a seal of its own.
func gateAt(now *time.Time) *gate {
	return newGate(func() time.Time { return *now }, func(text string) []byte {
		mac := hmac.New(sha256.New, []byte("k"))
		mac.Write([]byte(text))
		return mac.Sum(nil)[:16]
	})
}

// solve does what the page does.
func solve(t *testing.T, task string) string {
	t.Helper()
	want, err := strconv.Atoi(strings.Split(task, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	for n := range 1 << 24 {
		sum := sha256.Sum256([]byte(task + "." + strconv.Itoa(n)))
		if bits.LeadingZeros32(binary.BigEndian.Uint32(sum[:])) >= want {
			return strconv.Itoa(n)
		}
	}
	t.Fatal("no solution")
	return ""
}

// TestGateRuns: nothing runs on behind a gate; the bubble fails where something does.
func TestGateRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		gateAt(&now).saw(true)
	})
}

func TestGate(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	g := gateAt(&now)
	if g.task() != "" {
		t.Fatal("a task when all is calm")
	}
	g.saw(true)
	task := g.task()
	solution := solve(t, task)
	for name, c := range map[string]struct{ task, solution string }{
		"nothing": {"", ""}, "a wrong sum": {task, "x"}, "an easier task": {strings.Replace(task, ".15.", ".1.", 1), "0"},
		"a task of nobody's": {"1800000000.1.ABC.xyz", "0"}, "too long a one": {strings.Repeat("a", 200), "1"},
	} {
		if g.done(c.task, c.solution) {
			t.Errorf("%s passes", name)
		}
	}
	if !g.done(task, solution) {
		t.Error("a solved task doesn't pass")
	}
	if g.done(task, solution) {
		t.Error("a task serves twice")
	}
	g.again(task)
	if !g.done(task, solution) {
		t.Error("a task doesn't serve again after a failure")
	}
	waited := g.task()
	now = now.Add(waitInstead)
	if !g.done(waited, "") {
		t.Error("waiting doesn't count")
	}
	old := g.task()
	now = now.Add(workFor + time.Second)
	if g.done(old, solve(t, old)) {
		t.Error("a task of yesterday passes")
	}
	if g.task() != "" {
		t.Error("a task after the pressure went away")
	}
}

// TestGateAdapts: the more is held, the harder a task is, up to what an old phone
// can do.
func TestGateAdapts(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	g := gateAt(&now)
	last := 0
	for range 12 {
		for range 1 << max(0, last-leastBits) * 8 {
			g.saw(true)
		}
		if n := g.bits(); n < last || n > mostBits {
			t.Fatalf("%d bits after %d", n, last)
		}
		last = g.bits()
	}
	if last != mostBits {
		t.Errorf("%d bits under a flood", last)
	}
}
