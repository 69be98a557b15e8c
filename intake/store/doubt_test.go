package store

import (
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"tipline/intake"
	"tipline/intake/servertest"
)

// wire stands between a store and its server. Once it is armed it breaks every connection whose
// answer comes after what was asked for is committed, as a network does.
type wire struct {
	server    string
	committed atomic.Pointer[func() bool]
	down      atomic.Bool // lets nobody through from the first cut on
	stays     atomic.Bool // and stays so
	mu        sync.Mutex
	open      []net.Conn
}

func (w *wire) listen(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { w.carry(c) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); w.cut(); all.Wait() })
	return l.Addr().String()
}

// expect arms the wire.
func (w *wire) expect(committed func() bool) { w.committed.Store(&committed) }

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.open {
		_ = c.Close()
	}
	w.open = nil
}

func (w *wire) carry(client net.Conn) {
	defer client.Close()
	if w.down.Load() {
		return
	}
	server, err := net.Dial("tcp", w.server)
	if err != nil {
		return
	}
	defer server.Close()
	w.mu.Lock()
	w.open = append(w.open, client, server)
	w.mu.Unlock()
	var asks sync.WaitGroup
	asks.Go(func() { _, _ = io.Copy(server, client); _ = server.Close() })
	defer asks.Wait()
	defer client.Close()
	answer := make([]byte, 64<<10)
	for {
		n, err := server.Read(answer)
		if err != nil {
			return
		}
		if committed := w.committed.Load(); committed != nil && (*committed)() {
			w.committed.Store(nil)
			w.down.Store(w.stays.Load())
			return
		}
		if _, err := client.Write(answer[:n]); err != nil {
			return
		}
	}
}

// cutOff is a store behind a wire, and another one that reaches the server without it.
func cutOff(t *testing.T) (s, beside *Store, w *wire) {
	t.Helper()
	direct, err := servertest.StartPostgres(t).Database()
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	w = &wire{server: u.Host}
	u.Host = w.listen(t)
	opened := make([]*Store, 2)
	for i, at := range []string{u.String(), direct} {
		if opened[i], err = Open(t.Context(), Options{URL: at}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { opened[i].Close() })
	}
	return opened[0], opened[1], w
}

// TestAnswersThatAreLost: a commit whose answer is lost is found again when the server can be
// asked, and is in doubt when it can't; nothing is stored twice.
func TestAnswersThatAreLost(t *testing.T) {
	s, beside, w := cutOff(t)
	count := func(query string) (n int) {
		if err := beside.read.QueryRow(query).Scan(&n); err != nil {
			t.Error(err)
		}
		return n
	}
	tip := acceptance()
	if _, err := s.Accept(t.Context(), tip); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, table string
		write       func(key string) (duplicate bool, err error)
	}{
		{"a tip", "tips", func(key string) (bool, error) {
			a := acceptance()
			a.Tip.ID, a.ReceiptTag = id(key), []byte(key)
			got, err := s.Accept(t.Context(), a)
			return got.Duplicate, err
		}},
		{"a tip that was keyed in", "tips", func(key string) (bool, error) { // its row in the record needs an answer before
			a := acceptance()
			a.Tip.ID, a.ReceiptTag, a.Audit = id(key), []byte(key), &intake.Audit{Member: "li", Act: "typed", Tip: id(key)}
			got, err := s.Accept(t.Context(), a)
			return got.Duplicate, err
		}},
		{"an addition", "messages", func(key string) (bool, error) {
			return s.AddFollowUp(t.Context(), intake.FollowUp{Message: intake.Message{ID: id(key), Tip: tip.Tip.ID, Sealed: []byte(key)}})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			total := "SELECT COUNT(*) FROM " + c.table
			before := count(total)
			w.expect(func() bool { return count(total) > before })
			if duplicate, err := c.write(c.name + " once"); duplicate || err != nil || w.committed.Load() != nil || count(total) != before+1 {
				t.Errorf("after one cut: duplicate %v, %v, %d more", duplicate, err, count(total)-before)
			}
			w.stays.Store(true)
			w.expect(func() bool { return count(total) > before+1 })
			_, err := c.write(c.name + " for good")
			if !errors.Is(err, intake.ErrNotDurable) || !errors.Is(err, intake.ErrInDoubt) || count(total) != before+2 {
				t.Errorf("cut off: %v, %d more", err, count(total)-before)
			}
			if _, err := c.write(c.name + " later"); errors.Is(err, intake.ErrInDoubt) || err == nil || count(total) != before+2 {
				t.Errorf("what was never asked isn't in doubt: %v", err)
			}
			w.stays.Store(false)
			w.down.Store(false)
			if _, err := c.write(c.name + " for good"); err != nil || count(total) != before+2 {
				t.Errorf("given again: %v, %d more", err, count(total)-before)
			}
		})
	}
}

// id is a tip's or message's id that follows from a name.
func id(name string) string { return strings.ReplaceAll(name, " ", "-") }
