package hookbody_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tipline/intake/hookbody"
)

// TestRoom: bodies share the room that they take, give it back, and end when they are too large or too slow.
func TestRoom(t *testing.T) {
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	room := hookbody.NewRoom(100, 60, time.Minute, func() time.Time { return now })
	read := func(body io.Reader) (string, func(), error) {
		text, done, err := room.Read(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", body))
		return string(text), done, err
	}
	of := func(n int) io.Reader { return strings.NewReader(strings.Repeat("x", n)) }
	text, done, err := read(of(60))
	if err != nil || len(text) != 60 {
		t.Fatalf("%q, %v", text, err)
	}
	_, full, err := read(of(50))
	if !errors.Is(err, hookbody.ErrFull) {
		t.Errorf("beside one that is whole: %v", err)
	}
	full()
	full() // once is enough
	if _, small, err := read(of(40)); err != nil {
		t.Errorf("what fits beside it: %v", err)
	} else {
		small()
	}
	done()
	_, large, err := read(of(61))
	if _, ok := errors.AsType[*http.MaxBytesError](err); !ok {
		t.Errorf("one too large: %v", err)
	}
	large()
	_, slow, err := read(io.MultiReader(of(1), reads(func(p []byte) (int, error) { now = now.Add(time.Hour); return copy(p, "x"), nil })))
	if !errors.Is(err, hookbody.ErrSlow) {
		t.Errorf("a slow one: %v", err)
	}
	slow()
	if _, all, err := read(of(60)); err != nil {
		t.Errorf("once all is given back: %v", err)
	} else {
		all()
	}
}

// TestWhoStallsMakesWay: strangers who send much of a body and never its end fill the room, and a gateway's body is
// read all the same: for it the oldest of theirs ends, though nothing of that one comes. What fits stays.
func TestWhoStallsMakesWay(t *testing.T) {
	room := hookbody.NewRoom(100, 60, time.Hour, time.Now)
	came, ended := make(chan int, 99), make(chan error, 9)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, all := r.Body, 0
		r.Body = io.NopCloser(reads(func(p []byte) (int, error) {
			came <- all // what came before is counted
			n, err := body.Read(p)
			all += n
			return n, err
		}))
		_, done, err := room.Read(w, r)
		done()
		ended <- err
	}))
	t.Cleanup(srv.Close)
	post := func(sent, length int) net.Conn {
		conn, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", length, strings.Repeat("x", sent))
		for sent < length && <-came < sent {
		}
		return conn
	}
	first, second := post(50, 60), post(45, 60)
	post(55, 55)
	var full int
	for range 2 {
		switch err := <-ended; {
		case errors.Is(err, hookbody.ErrFull):
			full++
		case err != nil:
			t.Errorf("the gateway's: %v", err)
		}
	}
	if full != 1 {
		t.Errorf("%d of the strangers' made way", full)
	}
	first.SetReadDeadline(time.Now().Add(10 * time.Second))
	if line, err := bufio.NewReader(first).ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 200") {
		t.Errorf("the first stranger is answered %q, %v", line, err)
	}
	fmt.Fprint(second, strings.Repeat("x", 15))
	if err := <-ended; err != nil {
		t.Errorf("the second's, which fits beside it: %v", err)
	}
}

type reads func(p []byte) (int, error)

func (r reads) Read(p []byte) (int, error) { return r(p) }
