package mailbox

import (
	"bufio"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"tipline/intake"
)

// popServer is a small POP3 server of the tests.
type popServer struct {
	addr string
	ca   *x509.CertPool

	mu    sync.Mutex
	inbox []*stored
	cut   int  // the next message breaks off after so many bytes
	mute  bool // it hangs up at QUIT instead of deleting
	plain bool // it knows no UIDL
}

func startPOP3(t testing.TB, raws ...string) *popServer {
	s := &popServer{}
	for i, raw := range raws {
		s.inbox = append(s.inbox, &stored{uid: uint32(i + 1), raw: raw})
	}
	s.addr, s.ca = serveTLS(t, s.serve)
	return s
}

func (s *popServer) left() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.inbox)
}

func (s *popServer) serve(c net.Conn) {
	in := bufio.NewReader(c)
	say := func(format string, args ...any) { fmt.Fprintf(c, format+"\r\n", args...) }
	s.mu.Lock()
	inbox := slices.Clone(s.inbox) // a session sees what was there when it began
	s.mu.Unlock()
	gone := map[*stored]bool{}
	say("+OK ready")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		verb, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
		var m *stored
		var n int
		if _, err := fmt.Sscan(arg, &n); err == nil && n > 0 && n <= len(inbox) {
			m = inbox[n-1]
		}
		switch {
		case verb == "PASS" && arg != "code":
			say("-ERR wrong")
		case verb == "USER", verb == "PASS":
			say("+OK")
		case verb == "LIST":
			say("+OK")
			for i, m := range inbox {
				say("%d %d", i+1, len(m.raw))
			}
			say(".")
		case verb == "UIDL" && !s.plain:
			say("+OK")
			for i, m := range inbox {
				say("%d unique-%d", i+1, m.uid)
			}
			say(".")
		case verb == "RETR" && m != nil:
			if !s.retrieve(c, m.raw) {
				return
			}
		case verb == "DELE" && m != nil:
			gone[m] = true
			say("+OK")
		case verb == "QUIT":
			if s.quit(gone) {
				say("+OK bye")
			}
			return
		default:
			say("-ERR")
		}
	}
}

func (s *popServer) retrieve(c io.Writer, raw string) bool {
	stuffed := strings.ReplaceAll("\r\n"+raw, "\r\n.", "\r\n..")[2:]
	s.mu.Lock()
	cut := s.cut
	s.cut = 0
	s.mu.Unlock()
	if cut > 0 {
		fmt.Fprintf(c, "+OK\r\n%s", stuffed[:cut])
		return false
	}
	fmt.Fprintf(c, "+OK\r\n%s.\r\n", stuffed)
	return true
}

func (s *popServer) quit(gone map[*stored]bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mute {
		s.mute = false
		return false
	}
	s.inbox = slices.DeleteFunc(s.inbox, func(m *stored) bool { return gone[m] })
	return true
}

func (s *popServer) at(change func(*Options)) func(*Options) {
	return func(o *Options) {
		o.Provider, o.Addr, o.CA, o.After = POP3, s.addr, s.ca, Delete
		if change != nil {
			change(o)
		}
	}
}

// TestPOP3Takes: messages come whole, dots and all, once, and go when they should.
func TestPOP3Takes(t *testing.T) {
	dots := letter(2) + ".\r\n..\r\n.x\r\n" + strings.Repeat(".long", 3000) + "\r\n"
	for after, left := range map[string]int{Keep: 2, Delete: 0} {
		s, o := startPOP3(t, letter(1), dots), newOffice()
		p := o.poller(t, s.at(func(c *Options) { c.After = after }))
		for range 2 {
			if err := p.session(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(o.raws, []string{letter(1), dots}) || s.left() != left || o.marked() != left {
			t.Errorf("%s: %d taken, %d left, %d marks", after, len(o.raws), s.left(), o.marked())
		}
	}
}

// TestPOP3BreaksOff: a message that breaks off is none, and deletions that the
// server forgot are made up for.
func TestPOP3BreaksOff(t *testing.T) {
	s, o := startPOP3(t, letter(1), letter(2)), newOffice()
	s.cut = 40
	p := o.poller(t, s.at(nil))
	if err := p.session(t.Context()); err == nil || o.count() != 0 || s.left() != 2 {
		t.Fatalf("%v, %d taken, %d left", err, o.count(), s.left())
	}
	s.mute = true
	if err := p.session(t.Context()); err == nil || o.count() != 2 || s.left() != 2 || o.marked() != 2 {
		t.Fatalf("hung up: %v, %d taken, %d left", err, o.count(), s.left())
	}
	o.forgetTips()
	if err := o.poller(t, s.at(nil)).session(t.Context()); err != nil {
		t.Fatal(err)
	}
	if o.count() != 2 || s.left() != 0 || o.marked() != 0 {
		t.Errorf("%d taken, %d left, %d marks", o.count(), s.left(), o.marked())
	}
}

// TestPOP3Refusals: a wrong secret and a server without UIDL are named.
func TestPOP3Refusals(t *testing.T) {
	s, o := startPOP3(t, letter(1)), newOffice()
	if err := o.poller(t, s.at(func(c *Options) { c.Secrets = []string{"no", "neither"} })).session(t.Context()); !errors.Is(err, errLogin) {
		t.Errorf("wrong secret: %v", err)
	}
	s.plain = true
	if err := o.poller(t, s.at(nil)).session(t.Context()); !errors.Is(err, errNoUIDL) || causeOf(err) != "uidl" || o.count() != 0 {
		t.Errorf("no UIDL: %v", err)
	}
}

// FuzzPOP3 answers anything at all: it never hangs, never panics, and what is
// taken was ended by the server.
func FuzzPOP3(f *testing.F) {
	f.Add("+OK\r\n+OK\r\n+OK\r\n+OK\r\n1 4\r\n.\r\n+OK\r\n1 a\r\n.\r\n+OK\r\nhey\r\n.\r\n+OK\r\n+OK\r\n")
	f.Add("+OK\r\n-ERR\r\n")
	f.Fuzz(func(t *testing.T, said string) {
		o := newOffice()
		p := o.poller(t, func(c *Options) { c.Provider, c.Addr, c.After = POP3, "127.0.0.1:1", Delete })
		here, there := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, there) }()
		go func() { _, _ = io.WriteString(there, said); _ = there.Close() }()
		b := newPOP3(newLine(t.Context(), here), maxListed)
		defer here.Close()
		if b.enter("user", []string{"code"}) != nil {
			return
		}
		v := &visit{Poller: p, ctx: t.Context(), box: b}
		p.known = map[string]intake.MailboxMark{}
		_ = v.rounds()
		for _, raw := range o.raws {
			if !strings.Contains(said, "\n.") && !strings.HasPrefix(said, ".") {
				t.Errorf("%q was taken without its end", raw)
			}
		}
	})
}
