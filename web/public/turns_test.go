package public_test

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tipline/web/public"
)

// TestBodiesThatNeverEnd: one address holds only so many reports open, and takes
// nobody else's place.
func TestBodiesThatNeverEnd(t *testing.T) {
	srv := serve(t, newDoor(), func(o *public.Options) { o.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	open := func(from string) {
		c, err := net.Dial("tcp", strings.TrimPrefix(srv.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		fmt.Fprintf(c, "POST /report HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: %s\r\nContent-Type: %s\r\nContent-Length: 1000\r\n\r\ntext=", from, formType)
	}
	status := func(from string) int {
		return do(t, "POST", srv.URL+"/report", formType, "text=x", "X-Forwarded-For", from).StatusCode
	}
	for i := range 64 {
		open("198.51.100.7")
		open(fmt.Sprintf("2001:db8:7:%x::1", i))
	}
	for _, from := range []string{"198.51.100.7", "2001:db8:7:ffff::1"} {
		for end := time.Now().Add(10 * time.Second); status(from) != http.StatusTooManyRequests; {
			if time.Now().After(end) {
				t.Fatalf("%s may hold more than 64 bodies open", from)
			}
			open(from) // one that came while status had its place was turned away
		}
	}
	for _, from := range []string{"198.51.100.8", "2001:db8:8::1"} {
		if got := status(from); got != http.StatusOK {
			t.Errorf("%s beside them gets %d", from, got)
		}
	}
}

// TestTurnsComeBack: what ended makes room, whatever became of it.
func TestTurnsComeBack(t *testing.T) {
	srv := serve(t, newDoor(), nil)
	for _, body := range []string{"text=x", "text=", "text=panic", "text=%zz"} {
		for range 65 {
			if a := do(t, "POST", srv.URL+"/report", formType, body); a.StatusCode == http.StatusTooManyRequests {
				t.Fatalf("after %q no turn came back", body)
			}
		}
	}
}
