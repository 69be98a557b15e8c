package public_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/url"
	"regexp"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"tipline/web/public"
)

var openedField = regexp.MustCompile(`name="opened" value="([^"]+)"`)

// TestHaste: a form that comes back before a person could have typed is held and never
// dropped. One that was open long, that doesn't say, or whose time isn't ours is not.
func TestHaste(t *testing.T) {
	var clock atomic.Int64
	clock.Store(1_795_000_000)
	d := newDoor()
	srv := serve(t, d, func(o *public.Options) {
		o.FormTime, o.Now = 3*time.Second, func() time.Time { return time.Unix(clock.Load(), 0) }
		o.Seal = func(text string) []byte {
			mac := hmac.New(sha256.New, []byte("k"))
			mac.Write([]byte(text))
			return mac.Sum(nil)
		}
	})
	for _, path := range []string{"/report?lang=en", "/report?lang=en&place=411422207201"} {
		m := openedField.FindStringSubmatch(do(t, "GET", srv.URL+path, "", "").body)
		if m == nil {
			t.Fatalf("%s doesn't say when it was handed out", path)
		}
		for _, c := range []struct {
			opened string
			after  int64
			held   bool
		}{{m[1], 0, true}, {m[1], 2, true}, {m[1], 3, false}, {m[1], 86400, false}, {"", 0, false}, {"1.x", 0, false}, {"9" + m[1], 0, false}} {
			from := clock.Load()
			clock.Add(c.after)
			n := len(d.reports)
			do(t, "POST", srv.URL+"/report?lang=en", formType, url.Values{"text": {"x"}, "opened": {c.opened}}.Encode())
			if len(d.reports) != n+1 {
				t.Fatalf("%q after %d s: not taken", c.opened, c.after)
			}
			if r := d.reports[n]; r.Hold != c.held || slices.Contains(r.Flags, "hasty") != c.held {
				t.Errorf("%q after %d s: held %v, flags %v", c.opened, c.after, r.Hold, r.Flags)
			}
			clock.Store(from)
		}
	}
}
