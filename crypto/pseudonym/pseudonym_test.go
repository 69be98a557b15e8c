package pseudonym

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestTagsFollowKeyPurposeAndValue(t *testing.T) {
	k := NewKey()
	tag := k.Tag("sender", "+8613800138000")
	if len(tag) != TagSize || !bytes.Equal(tag, k.Tag("sender", "+8613800138000")) {
		t.Error("one value, two tags")
	}
	for name, other := range map[string][]byte{
		"key": NewKey().Tag("sender", "+8613800138000"), "purpose": k.Tag("gateway", "+8613800138000"), "value": k.Tag("sender", "+8613800138001"),
		"boundary": k.Tag("sender+", "8613800138000"),
	} {
		if bytes.Equal(tag, other) {
			t.Errorf("another %s gave the same tag", name)
		}
	}
}

func TestKeySurvivesItsLineAndNothingElse(t *testing.T) {
	k := NewKey()
	line := k.Encode()
	if got, err := ParseKey(line + "\r\n"); err != nil || got != k {
		t.Fatalf("the key did not survive its line: %v", err)
	}
	for i := range line {
		changed := []byte(line)
		changed[i] ^= 1
		if _, err := ParseKey(string(changed)); !errors.Is(err, ErrKey) {
			t.Errorf("with byte %d changed: %v, want ErrKey", i, err)
		}
	}
	for _, bad := range []string{"", line[1:], line[:len(line)-1], line + "A", line[:30] + "\n" + line[30:], strings.Replace(line, "pseudonym", "pepper", 1)} {
		if _, err := ParseKey(bad); !errors.Is(err, ErrKey) || bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("a bad line: %v, want ErrKey", err)
		}
	}
}

func TestKeysPrintAsNothing(t *testing.T) {
	k := NewKey()
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "k", k, "in", struct{ K Key }{k})
	encoded, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	text := log.String() + string(encoded) + k.String() + fmt.Sprintf("%v%+v%#v%x%d%s", k, k, k, k, k, []Key{k})
	for _, secret := range []string{fmt.Sprint([32]byte(k)), fmt.Sprintf("%x", [32]byte(k)), k.Encode()} {
		if strings.Contains(text, strings.Trim(secret, "[]")) {
			t.Errorf("%s shows the key", text)
		}
	}
}

func TestOrigin(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:db8:1:2::": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64", "::1": "::/64",
	} {
		if got := Origin(netip.MustParseAddr(in)); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
	if got := Origin(netip.Addr{}); got != "" {
		t.Errorf("the zero address: %q", got)
	}
}

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	c.now = t
}

func TestSaltsRotateAtMidnightInChina(t *testing.T) {
	china, c := time.FixedZone("Asia/Shanghai", 8*60*60), &clock{}
	c.set("2026-03-01T23:59:59+08:00")
	s := NewSalts(c.Now, china)
	first := s.Today()
	c.set("2026-03-01T16:00:00Z") // midnight
	second := s.Today()
	if first == second {
		t.Error("midnight did not rotate")
	}
	c.set("2026-03-02T23:59:59+08:00")
	if s.Today() != second {
		t.Error("rotated within the day")
	}
	c.set("2026-03-03T00:00:00+08:00")
	if third := s.Today(); third == second || third == first {
		t.Error("the second midnight did not rotate")
	}
}

func TestSaltsUnderClocksThatJump(t *testing.T) {
	c := &clock{}
	c.set("2026-03-02T00:00:01+00:00")
	s := NewSalts(c.Now, time.UTC)
	today := s.Today()
	c.set("2026-03-01T23:59:59+00:00")
	if s.Today() != today {
		t.Error("a second back over midnight rotated")
	}
	for _, jump := range []string{"2026-03-05T12:00:00+00:00", "2026-02-01T12:00:00+00:00"} {
		c.set(jump)
		if s.Today() == today {
			t.Errorf("an old salt lives after the jump to %s", jump)
		}
		today = s.Today()
	}
}

func TestSaltsServeManyAtOnce(t *testing.T) {
	c := &clock{}
	c.set("2026-03-01T12:00:00Z")
	s := NewSalts(c.Now, time.UTC)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for day := 1; day <= 20; day++ {
				c.set(fmt.Sprintf("2026-03-%02dT12:00:00Z", day))
				if k := s.Today(); k == (Key{}) {
					t.Error("an empty salt")
				}
			}
		})
	}
	wg.Wait()
}
