package page

import (
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestClientAddr(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"the peer itself", "203.0.113.7:4711", nil, "203.0.113.7"},
		{"a header from a stranger doesn't count", "203.0.113.7:4711", []string{"198.51.100.1"}, "203.0.113.7"},
		{"one proxy", "10.0.0.1:80", []string{"198.51.100.1"}, "198.51.100.1"},
		{"rightmost that isn't a proxy", "10.0.0.1:80", []string{"1.1.1.1, 198.51.100.1, 10.2.2.2"}, "198.51.100.1"},
		{"several header lines are one list", "10.0.0.1:80", []string{"1.1.1.1", "198.51.100.9,10.2.2.2"}, "198.51.100.9"},
		{"proxies only", "10.0.0.1:80", []string{"10.3.3.3, 10.2.2.2"}, "10.3.3.3"},
		{"no header behind a proxy", "10.0.0.1:80", nil, "10.0.0.1"},
		{"nonsense stops the walk", "10.0.0.1:80", []string{"198.51.100.1, unknown, 10.2.2.2"}, "10.2.2.2"},
		{"with a port", "10.0.0.1:80", []string{"198.51.100.1:5555"}, "198.51.100.1"},
		{"IPv6", "[fd00::1]:80", []string{"2001:db8::7"}, "2001:db8::7"},
		{"IPv6 in brackets with a port", "[fd00::1]:80", []string{"[2001:db8::7]:99"}, "2001:db8::7"},
		{"IPv4 in IPv6 clothes", "[::ffff:10.0.0.1]:80", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"zone dropped", "[fe80::1%eth0]:80", nil, "fe80::1"},
		{"no address at all", "@", nil, "invalid IP"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = c.peer
			for _, f := range c.forwarded {
				r.Header.Add("X-Forwarded-For", f)
			}
			if got := ClientAddr(r, proxies).String(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func FuzzClientAddr(f *testing.F) {
	f.Add("10.0.0.1:80", "1.2.3.4, [::1]:3, ::ffff:9.9.9.9")
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	f.Fuzz(func(t *testing.T, peer, forwarded string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = peer
		r.Header["X-Forwarded-For"] = []string{forwarded}
		a, own := ClientAddr(r, proxies), parseAddr(peer)
		if a.Zone() != "" || a.Is4In6() {
			t.Errorf("%v is not canonical", a)
		}
		if !trusted(own, proxies) && a != own {
			t.Errorf("%v, which is no proxy, was believed: %v", own, a)
		}
		r.Header["X-Forwarded-For"] = []string{"6.6.6.6, " + forwarded}
		if b := ClientAddr(r, proxies); trusted(own, proxies) && !trusted(a, proxies) && b != a {
			t.Errorf("what anybody may write to the left moved %v to %v", a, b)
		}
	})
}
