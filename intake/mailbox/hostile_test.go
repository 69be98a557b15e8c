package mailbox

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// hostile is a server that says what a test wants. It counts what it could say until nobody listened any more.
type hostile struct {
	net.Conn
	in      *bufio.Reader
	said    *atomic.Int64
	greeted bool
}

// greet says the first line, once.
func (h *hostile) greet(text string) {
	if !h.greeted {
		h.greeted = true
		_ = h.say(text)
	}
}

func (h *hostile) say(text string) error {
	n, err := io.WriteString(h.Conn, text)
	h.said.Add(int64(n))
	return err
}

// forever says text again and again, until nobody listens.
func (h *hostile) forever(text string) {
	text = strings.Repeat(text, 1+(16<<10)/len(text))
	for h.say(text) == nil {
	}
}

// hear reads a command, and gives its tag.
func (h *hostile) hear() (tag, command string) {
	line, err := h.in.ReadString('\n')
	if err != nil {
		return "", ""
	}
	tag, command, _ = strings.Cut(strings.TrimSpace(line), " ")
	return tag, command
}

// upTo answers politely until a command begins so, and gives its tag.
func (h *hostile) upTo(verb string) (tag string) {
	h.greet("* OK [CAPABILITY IMAP4rev1 ID IDLE MOVE UIDPLUS] ready\r\n")
	for {
		tag, command := h.hear()
		if tag == "" || strings.HasPrefix(command, verb) {
			return tag
		}
		switch {
		case command == "CAPABILITY":
			_ = h.say("* CAPABILITY IMAP4rev1 ID IDLE MOVE UIDPLUS\r\n")
		case strings.HasPrefix(command, "SELECT"):
			_ = h.say("* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n")
		case strings.HasPrefix(command, "UID FETCH 1:*"):
			_ = h.say("* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 10)\r\n")
		}
		_ = h.say(tag + " OK done\r\n")
	}
}

// popUpTo is upTo of POP3.
func (h *hostile) popUpTo(verb string) {
	h.greet("+OK ready\r\n")
	for {
		command, _ := h.hear()
		if command == "" || command == verb {
			return
		}
		_ = h.say("+OK\r\n")
		if command == "LIST" || command == "UIDL" {
			_ = h.say("1 10\r\n.\r\n")
		}
	}
}

// TestNaggingServer: who says at every look that there is news is looked at once a second.
func TestNaggingServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		var said, looks atomic.Int64
		var serving sync.WaitGroup
		serving.Go(func() {
			defer there.Close()
			h := &hostile{Conn: there, in: bufio.NewReader(there), said: &said}
			tag := h.upTo("IDLE")
			for tag != "" {
				looks.Add(1)
				_ = h.say("+ idling\r\n* 5 EXISTS\r\n")
				h.hear() // DONE
				_ = h.say(tag + " OK\r\n")
				for command := ""; tag != "" && command != "IDLE"; {
					if tag, command = h.hear(); command != "IDLE" {
						_ = h.say(tag + " OK\r\n")
					}
				}
			}
		})
		defer serving.Wait()
		defer here.Close()
		p := newOffice().poller(t, func(o *Options) { o.Addr, o.Poll = "127.0.0.1:1", time.Minute })
		p.connect = func(context.Context, string) (net.Conn, error) { return here, nil }
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_ = p.session(ctx)
		if n := looks.Load(); n < 30 || n > 61 {
			t.Errorf("%d looks in a minute", n)
		}
	})
}

// TestHostileServers: whatever a server says, a visit ends, holds no more than a little of it in memory, and says what
// is wrong.
func TestHostileServers(t *testing.T) {
	imap := map[string]struct {
		serve func(h *hostile)
		want  []string
	}{
		"an endless greeting":          {func(h *hostile) { _ = h.say("* OK "); h.forever("welcome ") }, []string{"protocol"}},
		"endless lines for a greeting": {func(h *hostile) { h.forever("* OK welcome\r\n") }, []string{"protocol"}},
		"no greeting but NUL":          {func(h *hostile) { h.forever("\x00") }, []string{"protocol", "broken"}},
		"an endless tag":               {func(h *hostile) { h.upTo("LOGIN"); h.forever("A") }, []string{"protocol", "broken"}},
		"an endless number":            {func(h *hostile) { h.upTo("LOGIN"); _ = h.say("* "); h.forever("1") }, []string{"protocol"}},
		"another tag":                  {func(h *hostile) { h.upTo("LOGIN"); _ = h.say("T99 OK done\r\n"); h.hear() }, []string{"protocol", "broken"}},
		"endless capabilities":         {func(h *hostile) { h.upTo("LOGIN"); _ = h.say("* CAPABILITY"); h.forever(" X") }, []string{"protocol"}},
		"endless lists":                {func(h *hostile) { h.upTo("SELECT"); _ = h.say("* 1 FETCH "); h.forever("(") }, []string{"protocol", "broken"}},
		"a literal of 2^63": {func(h *hostile) {
			h.upTo("UID FETCH")
			_ = h.say("* 1 FETCH (UID 1 BODY[] {9223372036854775808}\r\n")
			h.forever("x")
		}, []string{"protocol", "broken"}},
		"a literal of 2^62 for a name": {func(h *hostile) {
			h.upTo("SELECT")
			_ = h.say("* LIST () \"/\" {4611686018427387904}\r\n")
			h.forever("x")
		}, []string{"protocol"}},
		"a literal of 2^62 for a body": {func(h *hostile) {
			h.upTo("UID FETCH 1 ")
			_ = h.say("* 1 FETCH (UID 1 BODY[] {4611686018427387904}\r\n")
			h.forever("x")
		}, []string{"broken", "protocol"}},
		"a body that nobody asked for": {func(h *hostile) {
			h.upTo("SELECT")
			_ = h.say("* 1 FETCH (UID 1 BODY[] {4611686018427387904}\r\n")
			h.forever("x")
		}, []string{"protocol"}},
		"endless messages": {func(h *hostile) {
			h.upTo("UID FETCH")
			for i := 1; h.say(fmt.Sprintf("* %d FETCH (UID %d RFC822.SIZE 2 FLAGS ())\r\n", i, i)) == nil; i++ {
			}
		}, []string{"many"}},
		"one message again and again": {func(h *hostile) { h.upTo("UID FETCH"); h.forever("* 1 FETCH (UID 1 RFC822.SIZE 2 FLAGS ())\r\n") }, []string{"protocol", "many", "broken"}},
		"endless flags":               {func(h *hostile) { h.upTo("UID FETCH"); _ = h.say("* 1 FETCH (UID 1 FLAGS ("); h.forever("\\a ") }, []string{"protocol"}},
		"endless flags beside a body": {func(h *hostile) { h.upTo("UID FETCH 1 "); _ = h.say("* 1 FETCH (UID 1 FLAGS ("); h.forever("\\a ") }, []string{"protocol"}},
		"endless news":                {func(h *hostile) { h.upTo("IDLE"); _ = h.say("+ idling\r\n"); h.forever("* OK still here\r\n") }, []string{"protocol"}},
		"endless mail":                {func(h *hostile) { h.upTo("IDLE"); _ = h.say("+ idling\r\n"); h.forever("* 5 EXISTS\r\n") }, []string{"protocol"}},
		"an endless line of news":     {func(h *hostile) { h.upTo("IDLE"); _ = h.say("+ idling\r\n* OK "); h.forever("still here ") }, []string{"protocol"}},
	}
	for name, c := range imap {
		t.Run("IMAP, "+name, func(t *testing.T) { t.Parallel(); visited(t, IMAP, c.serve, c.want) })
	}
	pop := map[string]struct {
		serve func(h *hostile)
		want  []string
	}{
		"an endless greeting": {func(h *hostile) { h.forever("+OK ") }, []string{"protocol"}},
		"only NUL":            {func(h *hostile) { h.forever("\x00") }, []string{"protocol"}},
		"endless sizes":       {func(h *hostile) { h.popUpTo("LIST"); _ = h.say("+OK\r\n"); h.forever("1 10\r\n") }, []string{"many"}},
		"endless ids":         {func(h *hostile) { h.popUpTo("UIDL"); _ = h.say("+OK\r\n"); h.forever("1 id\r\n") }, []string{"many"}},
		"an endless id":       {func(h *hostile) { h.popUpTo("UIDL"); _ = h.say("+OK\r\n1 "); h.forever("id") }, []string{"uidl"}},
		"long ids": {func(h *hostile) {
			h.popUpTo("UIDL")
			_ = h.say("+OK\r\n")
			h.forever("1 " + strings.Repeat("x", 3000) + "\r\n")
		}, []string{"uidl"}},
		"a huge number":       {func(h *hostile) { h.popUpTo("LIST"); _ = h.say("+OK\r\n99999999999999999999 1\r\n.\r\n"); h.hear() }, []string{"protocol"}},
		"an endless body":     {func(h *hostile) { h.popUpTo("RETR"); _ = h.say("+OK\r\n"); h.forever("Subject: x\r\n") }, nil},
		"an endless line":     {func(h *hostile) { h.popUpTo("RETR"); _ = h.say("+OK\r\n"); h.forever("x") }, nil},
		"an endless good-bye": {func(h *hostile) { h.popUpTo("RETR"); _ = h.say("-ERR gone\r\n"); h.hear(); h.forever("+OK bye ") }, []string{"protocol"}},
	}
	for name, c := range pop {
		t.Run("POP3, "+name, func(t *testing.T) { t.Parallel(); visited(t, POP3, c.serve, c.want) })
	}
}

// visited visits a server, and wants the visit to end with one of the causes.
func visited(t *testing.T, provider string, serve func(*hostile), want []string) {
	t.Helper()
	var said atomic.Int64
	addr, ca := serveTLS(t, func(c net.Conn) {
		_ = c.SetDeadline(time.Now().Add(4 * time.Minute))
		serve(&hostile{Conn: c, in: bufio.NewReader(c), said: &said})
	})
	o := newOffice()
	p := o.poller(t, func(c *Options) { c.Provider, c.Addr, c.CA = provider, addr, ca })
	p.most = 5000
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	err := p.session(ctx)
	if ctx.Err() != nil {
		t.Fatal("the visit doesn't end")
	}
	if n := o.count(); n > 0 {
		t.Errorf("%d messages of it were taken", n)
	}
	if err == nil && want == nil { // a message without an end is one too large, and is left there
		return
	}
	if cause := causeOf(err); err == nil || !slices.Contains(want, cause) {
		t.Errorf("the cause is %q (%v), want one of %q", cause, err, want)
	}
	if n := said.Load(); n > 64<<20 {
		t.Errorf("it listened to %d MB", n>>20)
	}
}

// meddled runs meddle while a deadline is being set, the first time.
type meddled struct {
	net.Conn
	meddle func()
	last   time.Time
}

func (m *meddled) SetReadDeadline(d time.Time) error {
	if meddle := m.meddle; meddle != nil {
		m.meddle = nil
		meddle()
	}
	m.last = d
	return nil
}

func (*meddled) Read([]byte) (int, error) { return 0, io.EOF }

// TestTurnBesideARead: a turn that begins while a read does has its own deadline.
func TestTurnBesideARead(t *testing.T) {
	t.Parallel()
	c := &meddled{}
	l := newLine(context.Background(), c)
	turned := make(chan struct{})
	c.meddle = func() {
		go func() { defer close(turned); l.turn(time.Hour, time.Hour) }()
		select {
		case <-turned:
		case <-time.After(100 * time.Millisecond): // it waits for this read to have begun
		}
	}
	_, _ = l.Read(make([]byte, 1))
	<-turned
	if left := time.Until(c.last); left < 30*time.Minute {
		t.Errorf("the turn before holds on: %v are left of an hour", left)
	}
}

// TestDrippingServers: who says a byte a minute keeps a visit for no longer than it may take as a whole.
func TestDrippingServers(t *testing.T) {
	drip := func(h *hostile, text string) {
		for i := 0; ; i++ {
			if h.say(text[i%len(text):][:1]) != nil {
				return
			}
			time.Sleep(50 * time.Second)
		}
	}
	for name, c := range map[string]struct {
		provider string
		serve    func(h *hostile)
	}{
		"IMAP, the greeting": {IMAP, func(h *hostile) { drip(h, "* OK welcome welcome welcome ") }},
		"IMAP, the login":    {IMAP, func(h *hostile) { h.upTo("LOGIN"); drip(h, "* OK still looking\r\n") }},
		"IMAP, the list":     {IMAP, func(h *hostile) { h.upTo("UID FETCH"); drip(h, "* 1 FETCH (UID 1 RFC822.SIZE 2 FLAGS ())\r\n") }},
		"IMAP, a body": {IMAP, func(h *hostile) {
			h.upTo("UID FETCH 1 ")
			_ = h.say("* 1 FETCH (UID 1 BODY[] {10000}\r\n")
			drip(h, "x")
		}},
		"IMAP, the news":     {IMAP, func(h *hostile) { h.upTo("IDLE"); _ = h.say("+ idling\r\n"); drip(h, "* OK still here\r\n") }},
		"POP3, the greeting": {POP3, func(h *hostile) { drip(h, "+OK welcome ") }},
		"POP3, the list":     {POP3, func(h *hostile) { h.popUpTo("LIST"); _ = h.say("+OK\r\n"); drip(h, "1 10\r\n") }},
		"POP3, a body":       {POP3, func(h *hostile) { h.popUpTo("RETR"); _ = h.say("+OK\r\n"); drip(h, "Subject: x\r\n") }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				here, there := net.Pipe()
				var said atomic.Int64
				var serving sync.WaitGroup
				serving.Go(func() {
					defer there.Close()
					c.serve(&hostile{Conn: there, in: bufio.NewReader(there), said: &said})
				})
				defer serving.Wait()
				defer here.Close()
				o := newOffice()
				p := o.poller(t, func(c2 *Options) { c2.Provider, c2.Addr, c2.Poll = c.provider, "127.0.0.1:1", time.Minute })
				p.connect = func(context.Context, string) (net.Conn, error) { return here, nil }
				began := time.Now()
				ended := make(chan error, 1)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				go func() { ended <- p.session(ctx) }()
				select {
				case err := <-ended:
					if cause := causeOf(err); cause != "timeout" || time.Since(began) > 35*time.Minute {
						t.Errorf("after %v the cause is %q: %v", time.Since(began), cause, err)
					}
				case <-time.After(6 * time.Hour):
					t.Error("the visit doesn't end")
				}
			})
		})
	}
}

// TestMuchIsTaken: what is much but honest isn't held back: a message larger than a server may say at once, and a mailbox whose
// list is.
func TestMuchIsTaken(t *testing.T) {
	large := strings.Replace(letter(1), "\r\n\r\n", "\r\n\r\n"+strings.Repeat(".A house stands on the field, and another one beside it.\r\n", 5*ahead/50), 1)
	imap, pop := startIMAP(t), startPOP3(t, large)
	imap.add(large)
	for provider, at := range map[string]func(*Options){IMAP: imap.at(nil), POP3: func(o *Options) { o.Provider, o.Addr, o.CA = POP3, pop.addr, pop.ca }} {
		o := newOffice()
		p := o.poller(t, func(c *Options) { at(c); c.MaxBytes = 16 * ahead })
		until(t, p, "the large message is taken", func() bool { return o.count() == 1 })
		if o.raws[0] != large {
			t.Errorf("%s: %d bytes of %d were taken", provider, len(o.raws[0]), len(large))
		}
	}
	const many = 40_000
	for provider, serve := range map[string]func(h *hostile){
		IMAP: func(h *hostile) {
			tag := h.upTo("UID FETCH 1:*")
			for i := range many {
				_ = h.say(fmt.Sprintf("* %d FETCH (UID %d RFC822.SIZE 99999999 FLAGS (\\Seen))\r\n", i+1, i+1))
			}
			_ = h.say(tag + " OK\r\n")
			h.upTo("LOGOUT")
		},
		POP3: func(h *hostile) {
			for _, verb := range []string{"LIST", "UIDL"} {
				h.popUpTo(verb)
				_ = h.say("+OK\r\n")
				for i := range many {
					_ = h.say(fmt.Sprintf("%d 99%06d\r\n", i+1, i)) // a size, and an id of its own
				}
				_ = h.say(".\r\n")
			}
			h.popUpTo("QUIT")
		},
	} {
		addr, ca := serveTLS(t, func(c net.Conn) {
			_ = c.SetDeadline(time.Now().Add(4 * time.Minute))
			serve(&hostile{Conn: c, in: bufio.NewReader(c), said: new(atomic.Int64)})
		})
		p := newOffice().poller(t, func(c *Options) { c.Provider, c.Addr, c.CA = provider, addr, ca })
		ctx, cancel := context.WithCancel(t.Context())
		p.Count = func(outcome string) {
			if len(p.left) == many {
				cancel()
			}
		}
		if err := p.session(ctx); len(p.left) != many {
			t.Errorf("%s: of %d messages %d were seen: %v", provider, many, len(p.left), err)
		}
		cancel()
	}
}
