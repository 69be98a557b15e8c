package public_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tipline/web/public"
)

// TestBodiesThatNeverEnd: one address holds only so many reports open. Who comes behind them from the same address,
// as all do who come by an onion address, takes the place of one that doesn't move; others are in nobody's way.
func TestBodiesThatNeverEnd(t *testing.T) {
	srv := serve(t, newDoor(), func(o *public.Options) { o.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	open := func(from string) *bufio.Reader {
		c, err := net.Dial("tcp", strings.TrimPrefix(srv.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		c.SetDeadline(time.Now().Add(20 * time.Second))
		fmt.Fprintf(c, "POST /report HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: %s\r\nContent-Type: %s\r\nContent-Length: 1000\r\n\r\ntext=", from, formType)
		return bufio.NewReader(c)
	}
	status := func(from string) int {
		return do(t, "POST", srv.URL+"/report", formType, "text=x", "X-Forwarded-For", from).StatusCode
	}
	turnedAway := make(chan string, 300)
	for i := range 70 { // six more than there are places
		for _, from := range []string{"198.51.100.7", fmt.Sprintf("2001:db8:7:%x::1", i)} {
			in := open(from)
			go func() {
				if line, err := in.ReadString('\n'); err == nil {
					turnedAway <- from[:4] + strings.TrimSpace(line)
				}
			}()
		}
	}
	for _, from := range []string{"198.51.100.7", "2001:db8:7:ffff::1", "198.51.100.8", "2001:db8:8::1"} {
		if got := status(from); got != http.StatusOK {
			t.Errorf("%s beside them gets %d", from, got)
		}
	}
	ended := map[string]int{}
	for range 12 {
		select {
		case line := <-turnedAway:
			ended[line]++
		case <-time.After(15 * time.Second):
			t.Fatalf("%v were turned away", ended)
		}
	}
	for _, from := range []string{"198.", "2001"} {
		if n := ended[from+"HTTP/1.1 429 Too Many Requests"]; n < 5 {
			t.Errorf("of %s, %d: %v", from, n, ended)
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
