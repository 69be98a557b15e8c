package mailbox

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tipline/intake"
)

// TestIMAPTakes: what lies there is taken whole, what comes is taken at once by
// IDLE, and what becomes of it is as configured.
func TestIMAPTakes(t *testing.T) {
	for _, tt := range []struct {
		name, after, caps string
		left, moved       int
		deleted           bool
		marks             int
	}{
		{"keep", Keep, "IMAP4rev1 ID IDLE MOVE UIDPLUS", 3, 0, false, 3},
		{"delete", Delete, "IMAP4rev1 ID IDLE UIDPLUS", 0, 0, false, 0},
		{"move", Move, "IMAP4rev1 ID IDLE MOVE", 0, 3, false, 0},
		{"move without MOVE", Move, "IMAP4rev1 ID IDLE UIDPLUS", 0, 3, false, 0},
		{"delete without UIDPLUS", Delete, "IMAP4rev1 ID IDLE", 3, 0, true, 3},
		{"no IDLE", Delete, "IMAP4rev1 ID UIDPLUS", 0, 0, false, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, o := startIMAP(t), newOffice()
			s.caps = tt.caps
			s.add(letter(1))
			s.add(letter(2))
			o.settled = func() {
				if n := s.left(); n < 3-len(o.took) {
					t.Error("a message left its mailbox before its tip was durable")
				}
			}
			p := o.poller(t, s.at(func(c *Options) { c.After = tt.after; c.Poll = 50 * time.Millisecond }))
			until(t, p, "two letters", func() bool { return o.count() == 2 && p.Now != nil })
			s.add(letter(3))
			until(t, p, "the third", func() bool { return o.count() == 3 && o.marked() == tt.marks && s.left() == tt.left })
			until(t, p, "a look at what is known", func() bool { return s.heard("SELECT") >= 3 && o.marked() == tt.marks })
			if o.count() != 3 || !slices.Equal(o.raws, []string{letter(1), letter(2), letter(3)}) {
				t.Errorf("taken: %q", o.raws)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			if len(s.folders["tipline"]) != tt.moved {
				t.Errorf("moved: %d", len(s.folders["tipline"]))
			}
			for _, m := range s.inbox {
				if m.deleted != tt.deleted {
					t.Errorf("deleted: %t", m.deleted)
				}
			}
		})
	}
}

// TestIMAPIdle: with IDLE a message is there long before the next look.
func TestIMAPIdle(t *testing.T) {
	s, o := startIMAP(t), newOffice()
	p := o.poller(t, s.at(func(c *Options) { c.Poll = time.Hour }))
	added := false
	until(t, p, "a message by IDLE", func() bool {
		if !added && s.heard("IDLE") > 0 {
			added = true
			s.add(letter(1))
		}
		return o.count() == 1
	})
}

// TestIMAPRefusals: a server that wants ID and doesn't offer it refuses us, among others, and
// we say why.
func TestIMAPRefusals(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*imapServer, *Options)
		want   error
		cause  string
	}{
		{"ID isn't offered", func(s *imapServer, _ *Options) { s.caps = "IMAP4rev1" }, errUnsafe, "unsafe"},
		{"wrong secret", func(_ *imapServer, o *Options) { o.Secrets = []string{"old"} }, errLogin, "login"},
		{"another authority", func(_ *imapServer, o *Options) { _, o.CA = certificate(t) }, nil, "certificate"},
		{"nobody there", func(_ *imapServer, o *Options) { o.Addr = "127.0.0.1:1" }, nil, "unreachable"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, o := startIMAP(t), newOffice()
			p := o.poller(t, s.at(func(c *Options) { tt.change(s, c) }))
			err := p.session(t.Context())
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Fatalf("ended with %v", err)
			}
			p.failed(t.Context(), err)
			if got := o.noted(); got.Cause != tt.cause || got.Failures != 1 || got.Since.IsZero() {
				t.Errorf("noted %+v", got)
			}
		})
	}
}

// TestIMAPRotation: with two secrets the valid one is found, whichever it is.
func TestIMAPRotation(t *testing.T) {
	s, o := startIMAP(t), newOffice()
	s.add(letter(1))
	p := o.poller(t, s.at(func(c *Options) { c.Secrets = []string{"old", "code"} }))
	until(t, p, "a letter", func() bool { return o.count() == 1 })
}

// TestIMAPBreaksOff: a message that breaks off in the middle is no message; it is
// taken whole at the next visit.
func TestIMAPBreaksOff(t *testing.T) {
	for _, cut := range []int{1, 60, len(letter(1)) - 1} {
		s, o := startIMAP(t), newOffice()
		s.add(letter(1))
		s.cut = cut
		p := o.poller(t, s.at(func(c *Options) { c.After = Delete }))
		if err := p.session(t.Context()); err == nil || o.count() != 0 || s.left() != 1 {
			t.Fatalf("cut at %d: %v, %d taken, %d left", cut, err, o.count(), s.left())
		}
		until(t, p, "the whole message", func() bool { return o.count() == 1 && s.left() == 0 })
		if o.raws[0] != letter(1) {
			t.Errorf("cut at %d: %q", cut, o.raws[0])
		}
	}
}

// TestIMAPRenumbered: new numbers for old messages bring none of them twice, even
// when the store has forgotten them; what is new is taken.
func TestIMAPRenumbered(t *testing.T) {
	s, o := startIMAP(t), newOffice()
	s.add(letter(1))
	s.add(letter(2))
	p := o.poller(t, s.at(nil))
	until(t, p, "two letters", func() bool { return o.marked() == 2 })
	o.forgetTips()
	s.renumber()
	s.add(letter(3))
	p = o.poller(t, s.at(nil)) // another process
	until(t, p, "the new one", func() bool { return o.count() == 3 && o.marked() == 3 })
	if !slices.Equal(o.raws, []string{letter(1), letter(2), letter(3)}) {
		t.Errorf("taken: %d", len(o.raws))
	}
	until(t, o.poller(t, s.at(nil)), "another look", func() bool { return s.heard("SELECT") == 3 && s.heard("IDLE") > 0 })
	if o.count() != 3 || o.marked() != 3 {
		t.Errorf("%d taken, %d marks", o.count(), o.marked())
	}
}

// TestNotDurable: what can't be stored stays where it is.
func TestNotDurable(t *testing.T) {
	s, o := startIMAP(t), newOffice()
	s.add(letter(1))
	o.fail = intake.ErrNotDurable
	p := o.poller(t, s.at(func(c *Options) { c.After = Delete }))
	err := p.session(t.Context())
	if !errors.Is(err, intake.ErrNotDurable) || causeOf(err) != "not_durable" || s.left() != 1 || o.marked() != 0 {
		t.Fatalf("ended with %v, %d left", err, s.left())
	}
	o.fail = nil
	until(t, p, "the message", func() bool { return o.count() == 1 && s.left() == 0 })
}

// TestTooLarge: a message over the limit stays, is told of, and holds nobody up.
func TestTooLarge(t *testing.T) {
	s, o := startIMAP(t), newOffice()
	s.add(letter(1) + string(make([]byte, 4096)))
	s.add(letter(2))
	p := o.poller(t, s.at(func(c *Options) { c.After = Delete; c.MaxBytes = 2048 }))
	until(t, p, "the small one", func() bool { return o.count() == 1 && o.noted().Left == 1 })
	if s.left() != 1 {
		t.Errorf("%d left", s.left())
	}
}

// TestBacklog: what was there before us is left alone when that is wanted, now and
// after a restart.
func TestBacklog(t *testing.T) {
	s, o := startIMAP(t), newOffice()
	s.add(letter(1))
	skip := s.at(func(c *Options) { c.After = Delete; c.SkipBacklog = true })
	p := o.poller(t, skip)
	until(t, p, "a first look", func() bool { return !o.noted().WorkedAt.IsZero() })
	s.add(letter(2))
	until(t, o.poller(t, skip), "the new one", func() bool { return o.count() == 1 && s.left() == 1 })
	if o.raws[0] != letter(2) {
		t.Errorf("taken %q", o.raws)
	}
}

// TestAcknowledged: a fresh letter is answered once, an old one never.
func TestAcknowledged(t *testing.T) {
	s, o := startIMAP(t), newOffice()
	s.add(letter(1))
	until(t, o.poller(t, s.at(nil)), "a letter", func() bool { return o.marked() == 1 })
	if len(o.acks) != 1 || o.acks[0].To != "wang@example.org" {
		t.Fatalf("%d acknowledgements", len(o.acks))
	}
	o.now = o.now.AddDate(0, 1, 0)
	s.add(letter(2))
	until(t, o.poller(t, s.at(nil)), "an old letter", func() bool { return o.marked() == 2 })
	if len(o.acks) != 1 {
		t.Error("an old letter was answered")
	}
}

// TestAliases: a letter to another address of ours, from where it was redirected into the mailbox, is answered; one that
// names none of ours isn't.
func TestAliases(t *testing.T) {
	for to, want := range map[string]int{"box@mail.example": 1, "Office <JUBAO@town.example>": 1, "else@town.example": 0} {
		s, o := startIMAP(t), newOffice()
		s.add("To: " + to + "\r\n" + letter(1))
		until(t, o.poller(t, s.at(func(c *Options) { c.Address, c.Aliases = "box@mail.example", []string{"jubao@town.example"} })), "a letter", func() bool { return o.marked() == 1 })
		if len(o.acks) != want {
			t.Errorf("to %s: %d acknowledgements, want %d", to, len(o.acks), want)
		}
	}
}

// TestEndsWithContext: a stop ends a waiting connection at once.
func TestEndsWithContext(t *testing.T) {
	s, o := startIMAP(t), newOffice()
	p := o.poller(t, s.at(func(c *Options) { c.Poll = time.Hour }))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { p.Run(ctx); close(ended) }()
	for deadline := time.Now().Add(10 * time.Second); s.heard("IDLE") == 0 && time.Now().Before(deadline); {
		<-time.After(5 * time.Millisecond)
	}
	cancel()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("it goes on")
	}
}

// TestHalfSettled: a message that was marked and not expunged, because the
// connection broke off between the two, goes at the next visit.
func TestHalfSettled(t *testing.T) {
	s, o := startIMAP(t), newOffice()
	s.caps = "IMAP4rev1 ID IDLE"
	s.add(letter(1))
	at := s.at(func(c *Options) { c.After = Move })
	until(t, o.poller(t, at), "the message marked", func() bool { return o.marked() == 1 && s.heard("UID STORE") == 1 && s.heard("IDLE") > 0 })
	s.set(func() { s.caps = "IMAP4rev1 ID IDLE UIDPLUS" })
	until(t, o.poller(t, at), "the message gone", func() bool { return s.left() == 0 && o.marked() == 0 })
	if len(s.folders["tipline"]) != 1 {
		t.Errorf("copied %d times", len(s.folders["tipline"]))
	}
}

// FuzzIMAP answers each command with anything at all: it never hangs, never panics, and what is taken
// was said by the server as it is.
func FuzzIMAP(f *testing.F) {
	f.Add("* PREAUTH [CAPABILITY IMAP4rev1 UIDPLUS MOVE] hi\r\n|* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\nT1 OK [READ-WRITE] x\r\n|* 1 FETCH (UID 5 RFC822.SIZE 6 FLAGS ())\r\nT2 OK x\r\n|" +
		"* 1 FETCH (UID 5 BODY[] {6}\r\nhey\r\n.)\r\nT3 OK x\r\n|* OK [COPYUID 1 5 1] x\r\n* 1 EXPUNGE\r\nT4 OK x\r\n")
	f.Add("* OK [CAPABILITY IMAP4rev1 ID] hi\r\n|T1 OK [CAPABILITY IMAP4rev1 ID] x\r\n|* ID NIL\r\nT2 OK x\r\n|T3 NO Unsafe Login\r\n")
	f.Add("* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n|* OK [UIDVALIDITY 7] x\r\nT1 OK x\r\n|* 1 FETCH (UID 5 RFC822.SIZE 600 FLAGS (\\Deleted))\r\nT2 OK x\r\n|* 1 FETCH (UID 5 BODY[] {600}\r\ncut off")
	f.Fuzz(func(t *testing.T, said string) {
		o := newOffice()
		p := o.poller(t, func(c *Options) { c.Provider, c.Addr, c.After = IMAP, "127.0.0.1:1", Delete })
		here, there := net.Pipe()
		answering := make(chan struct{})
		go func() {
			defer close(answering)
			defer there.Close()
			asked := bufio.NewReader(there)
			for n, answer := range strings.Split(said, "|") {
				if n > 0 { // a client that still waits for what was said before asks nothing
					_ = there.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
					if _, err := asked.ReadString('\n'); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
						return
					}
				}
				if _, err := io.WriteString(there, answer); err != nil {
					return
				}
			}
		}()
		b := newIMAP(newLine(t.Context(), here), p.Options, maxListed)
		if b.enter("user", []string{"code"}, "v") == nil {
			v := &visit{Poller: p, ctx: t.Context(), box: b}
			p.known = map[string]intake.MailboxMark{}
			_ = v.rounds()
		}
		_ = b.c.Close()
		<-answering
		for _, raw := range o.raws {
			if !strings.Contains(said, raw) {
				t.Errorf("%q was taken, which nobody said", raw)
			}
		}
	})
}
