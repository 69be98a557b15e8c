package crowd_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"testing"
	"time"

	"tipline/intake/crowd"
)

func private(a netip.Addr) bool { return a.IsPrivate() || a.IsLoopback() }

func TestGateByPeer(t *testing.T) {
	g := crowd.New(100, 2, private)
	at := func(s string) bool {
		_, ok := g.Enter(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(s)), nil)
		return ok
	}
	if !at("[2001:db8:1:2::1]:1") || !at("[2001:db8:1:2::ffff]:1") || at("[2001:db8:1:2:3::1]:1") {
		t.Error("an IPv6 /64 isn't one peer")
	}
	if !at("[2001:db8:1:3::1]:1") || !at("203.0.113.5:1") || !at("203.0.113.5:2") || at("203.0.113.5:3") {
		t.Error("peers aren't counted apart")
	}
	for range 5 {
		if !at("127.0.0.1:1") || !at("10.0.0.1:1") {
			t.Error("a private peer was limited")
		}
	}
}

// TestNobodyTakesAllPlaces: few networks with many connections that say nothing make way for who has fewer, and
// never for themselves, nor do the office's own relays.
func TestNobodyTakesAllPlaces(t *testing.T) {
	g := crowd.New(6, 2, private)
	var ended []string
	leaves := map[string]func(){}
	at := func(s string) (ok bool) {
		leaves[s], ok = g.Enter(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(s)), func() { ended = append(ended, s) })
		return ok
	}
	for _, s := range []string{"[2001:db8:1:1::1]:1", "[2001:db8:1:2::1]:1", "[2001:db8:1:3::1]:1", "203.0.113.5:1", "203.0.113.5:2", "127.0.0.1:1"} {
		if !at(s) {
			t.Fatal(s)
		}
	}
	for _, c := range []struct {
		comes string
		in    bool
		ends  []string
	}{
		{"[2001:db8:1:4::1]:1", false, nil},                                 // of those who have most
		{"198.51.100.7:1", true, []string{"[2001:db8:1:1::1]:1"}},           // a provider
		{"198.51.100.7:2", false, []string{"[2001:db8:1:1::1]:1"}},          // has as many as the others then
		{"10.0.0.1:1", true, []string{"[2001:db8:1:1::1]:1", ""}},           // a relay of the office's own
		{"[2001:db8:1:1::1]:9", false, []string{"[2001:db8:1:1::1]:1", ""}}, // who was sent away
	} {
		if got := at(c.comes); got != c.in || len(ended) != len(c.ends) || len(ended) > 0 && ended[0] != c.ends[0] {
			t.Errorf("%s: %t, and %q ended", c.comes, got, ended)
		}
	}
	for _, leave := range leaves {
		if leave != nil {
			leave()
		}
	}
	for i := range 6 {
		if !at(fmt.Sprintf("192.0.2.%d:1", i)) {
			t.Errorf("a place that was left isn't free")
		}
	}
}

// TestListener: an address that holds all places of a web server makes way for another one, and places that are
// left are free.
func TestListener(t *testing.T) {
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "here") })}
	ended := make(chan error, 1)
	go func() {
		ended <- srv.Serve(crowd.Listener(plain, crowd.New(3, 0, func(a netip.Addr) bool { return a == netip.MustParseAddr("127.0.0.9") })))
	}()
	t.Cleanup(func() { srv.Close(); <-ended })
	dial := func(from string) net.Conn {
		c, err := (&net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(from), 0))}).Dial("tcp", plain.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		c.SetDeadline(time.Now().Add(20 * time.Second))
		return c
	}
	answer := func(c net.Conn) string {
		fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		b := make([]byte, len("HTTP/1.1 200"))
		n, _ := io.ReadFull(c, b)
		return string(b[:n])
	}
	const ok = "HTTP/1.1 200"
	first, second, third := dial("127.0.0.1"), dial("127.0.0.1"), dial("127.0.0.1")
	for _, c := range []net.Conn{first, second, third} { // they keep their connections
		if got := answer(c); got != ok {
			t.Fatal(got)
		}
	}
	if got := answer(dial("127.0.0.1")); got != "" {
		t.Errorf("a fourth from there: %q", got)
	}
	other := dial("127.0.0.2")
	if got := answer(other); got != ok {
		t.Errorf("another address: %q", got)
	}
	if _, err := io.ReadAll(first); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the oldest isn't ended")
	}
	if got := answer(dial("127.0.0.9")); got != ok {
		t.Errorf("the proxy: %q", got)
	}
	for range 20 {
		other.Close()
		if other = dial("127.0.0.2"); answer(other) == ok {
			return
		}
	}
	t.Error("a place that was left isn't free")
}
