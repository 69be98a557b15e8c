package desk

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestBriefly: what is shown once lies in memory for its time, and no longer though nobody asks for it or brings another.
func TestBriefly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := briefly[string]{life: 5 * time.Minute}
		held := func() int {
			b.mu.Lock()
			defer b.mu.Unlock()
			return len(b.kept)
		}
		b.put("one", "a passphrase", time.Now())
		b.put("other", "codes", time.Now())
		time.Sleep(4 * time.Minute)
		b.put("one", "another passphrase", time.Now())
		b.forget("other")
		if got, ok := b.get("one", time.Now()); !ok || got != "another passphrase" || held() != 1 {
			t.Errorf("%q, %v, %d are held", got, ok, held())
		}
		time.Sleep(2 * time.Minute) // the first one's time is over
		if _, ok := b.get("one", time.Now()); !ok {
			t.Error("the second went with the first one's time")
		}
		if _, ok := b.get("one", time.Now().Add(4*time.Minute)); ok {
			t.Error("it is shown after its time")
		}
		time.Sleep(3*time.Minute + time.Second)
		synctest.Wait()
		if held() != 0 {
			t.Error("it lies there after its time")
		}
	})
}

func TestMinutely(t *testing.T) {
	var m minutely[int]
	now, asked := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC), 0
	look := func() (int, error) { asked++; return asked, nil }
	for _, c := range []struct {
		desk  string
		after time.Duration
		want  int
	}{{"main", 0, 1}, {"main", 59 * time.Second, 1}, {"county", 59 * time.Second, 2}, {"main", time.Minute, 3}, {"main", -time.Hour, 4}} {
		if got := m.get(c.desk, now.Add(c.after), look); got != c.want {
			t.Errorf("%s after %v: %d, want %d", c.desk, c.after, got, c.want)
		}
	}
	if got := m.get("main", now.Add(time.Hour), func() (int, error) { return 0, errors.New("away") }); got != 4 {
		t.Errorf("a failure is told as %d, want the last answer", got)
	}
	if m.again(); m.get("main", now.Add(time.Hour), look) != 5 {
		t.Error("it wasn't looked up again")
	}
}
