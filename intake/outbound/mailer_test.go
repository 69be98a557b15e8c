package outbound

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-smtp"
	gomail "github.com/wneessen/go-mail"

	"tipline/intake"
)

// sink is a relay that keeps what it gets.
type sink struct {
	mu         sync.Mutex
	refuseNull bool
	dsn        bool // it offers DSN
	got        []received
}

type received struct{ from, to, message, notify string }

func (s *sink) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{sink: s}, nil }

type session struct {
	sink *sink
	received
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if from == "" && s.sink.refuseNull {
		return &smtp.SMTPError{Code: 553, Message: "mail from must be the login"}
	}
	s.from = from
	return nil
}
func (s *session) Rcpt(to string, o *smtp.RcptOptions) error {
	s.to = to
	for _, n := range o.Notify {
		s.notify += string(n)
	}
	return nil
}
func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	s.message = string(b)
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	s.sink.got = append(s.sink.got, s.received)
	return err
}
func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (s *sink) all() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.got...)
}

func (s *sink) listen(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := smtp.NewServer(s)
	srv.Domain = "sink"
	srv.EnableDSN = s.dsn
	go func() { _ = srv.Serve(ln) }()
	t.Cleanup(func() { srv.Close() })
	return ln.Addr().String()
}

type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) add() { c.mu.Lock(); c.n++; c.mu.Unlock() }
func (c *counter) is() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

func run(t *testing.T, o Options) (*Mailer, func()) {
	t.Helper()
	m, err := NewMailer(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = m.Run(ctx) })
	return m, func() { cancel(); wg.Wait() }
}

// TestAcknowledge holds what goes out against RFC 3834 §3, section by section, and RFC
// 5322 §3.6: with the null return path, and with a relay that refuses that.
func TestAcknowledge(t *testing.T) {
	many := ""
	for i := range 60 {
		many += fmt.Sprintf("<%d.%s@x> ", i, strings.Repeat("y", 200))
	}
	for _, refuse := range []bool{false, true} {
		s := &sink{refuseNull: refuse}
		var dropped counter
		m, stop := run(t, Options{Relay: s.listen(t), From: "tips@office.example", Domain: "office.example", Log: slog.New(slog.DiscardHandler), Drop: dropped.add})
		m.Acknowledge(Letter{To: "a@example.org", ReplyTo: "tips@office.example", Subject: "自动回复：已收到", Text: "我们已收到您的来信。\n", MessageID: "<t.tag@office.example>", InReplyTo: "<1@x>", References: "<0@x> <1@x>"})
		m.Acknowledge(Letter{To: "b@example.org", Subject: "Auto: Received", Text: "Received.", InReplyTo: "<2@x>\r\nBcc: c@example.org", References: many})
		stop() // what is queued goes out before the end
		got := s.all()
		if len(got) != 2 || dropped.is() != 0 {
			t.Fatalf("refuse null %v: %d letters, %d dropped", refuse, len(got), dropped.is())
		}
		if want := map[bool]string{false: "", true: "tips@office.example"}[refuse]; got[0].from != want || got[0].to != "a@example.org" { // §3.3, §4
			t.Errorf("return path %q, want %q; to %q", got[0].from, want, got[0].to)
		}
		msg, err := mail.ReadMessage(strings.NewReader(got[0].message))
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct{ section, name, want string }{
			{"3.1.1", "From", "<tips@office.example>"}, // without a name: a family that shares the mailbox needn't know whose line it is
			{"3.1.2", "Reply-To", "<tips@office.example>"},
			{"3.1.3", "To", "<a@example.org>"},
			{"3.1.3", "Cc", ""},
			{"3.1.5", "Subject", "自动回复：已收到"}, // and nothing of theirs (§3.2, §6)
			{"3.1.6", "In-Reply-To", "<1@x>"},
			{"3.1.6", "References", "<0@x> <1@x>"},
			{"3.1.7", "Auto-Submitted", "auto-replied"},
			{"3.1.8", "Precedence", ""},
			{"3.2", "Content-Type", "text/plain; charset=UTF-8"},
			{"RFC 5322 §3.6.4", "Message-ID", "<t.tag@office.example>"},
			{"RFC 5321 §4.4", "Return-Path", ""}, // the last server writes it
			{"RFC 8098 §2.1", "Disposition-Notification-To", ""},
		} {
			if h, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get(tt.name)); h != tt.want || err != nil {
				t.Errorf("§%s %s: %q, want %q", tt.section, tt.name, h, tt.want)
			}
		}
		if on, err := msg.Header.Date(); err != nil || time.Since(on).Abs() > time.Minute {
			t.Errorf("§3.1.4 Date: %v (%v)", on, err)
		}
		for name, values := range msg.Header {
			if len(values) > 1 { // RFC 5322 §3.6
				t.Errorf("%s is given %d times", name, len(values))
			}
		}
		for _, g := range got {
			for line := range strings.SplitSeq(g.message, "\r\n") {
				if len(line) > 998 { // RFC 5322 §2.1.1
					t.Errorf("a line of %d bytes", len(line))
				}
			}
			if len(g.message) > 8<<10 { // §2: not more than a few kilobytes
				t.Errorf("%d bytes", len(g.message))
			}
		}
		if strings.Contains(got[1].message, "Bcc") {
			t.Error("a foreign message id added a header field")
		}
		if !strings.Contains(got[1].message, "References: <0.y") || !strings.Contains(got[1].message, " <59.y") {
			t.Error("of a long thread the oldest and the youngest aren't named")
		}
	}
}

// TestWhoWrote: RFC 3834 §5.2: a letter that a member wrote says nothing of machines, one that
// nobody asked for is generated, and both come from our address.
func TestWhoWrote(t *testing.T) {
	s := &sink{}
	m, stop := run(t, Options{Relay: s.listen(t), From: "tips@office.example", Domain: "d", Log: slog.New(slog.DiscardHandler), Drop: func() {}})
	defer stop()
	for _, l := range []Letter{{To: "a@example.org", Subject: "s", Text: "t", Written: true}, {To: "li@office.example", Subject: "s", Text: "t"}} {
		if err := m.Deliver(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{"", "auto-generated"} {
		got := s.all()[i]
		msg, err := mail.ReadMessage(strings.NewReader(got.message))
		if err != nil || msg.Header.Get("Auto-Submitted") != want || got.from != "tips@office.example" {
			t.Errorf("to %s: %v, %q, from %q", got.to, err, msg.Header.Get("Auto-Submitted"), got.from)
		}
	}
}

// TestNoBounces: a relay that offers DSN is told to send none (RFC 3834 §3.3, RFC 3461 §4.1),
// with either return path; another isn't.
func TestNoBounces(t *testing.T) {
	for _, refuse := range []bool{false, true} {
		for _, dsn := range []bool{false, true} {
			noBounces(t, &sink{dsn: dsn, refuseNull: refuse})
		}
	}
}

func noBounces(t *testing.T, s *sink) {
	t.Helper()
	m, stop := run(t, Options{Relay: s.listen(t), Domain: "office.example", Log: slog.New(slog.DiscardHandler), Drop: func() { t.Error("dropped") }})
	m.Acknowledge(Letter{To: "a@example.org", Subject: "Received", Text: "Received."})
	stop()
	if got, want := s.all(), map[bool]string{true: "NEVER"}[s.dsn]; len(got) != 1 || got[0].notify != want {
		t.Errorf("DSN offered %t: %+v", s.dsn, got)
	}
}

// TestRelayAway: a letter is tried once, counted, and its address isn't logged.
func TestRelayAway(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	var dropped counter
	var log bytes.Buffer
	var outcome string
	m, stop := run(t, Options{Relay: ln.Addr().String(), From: "tips@office.example", Domain: "d", Log: slog.New(slog.NewTextHandler(&log, nil)), Drop: dropped.add,
		Failed: func(err error) { outcome, _ = intake.Unsent(err) }})
	m.Acknowledge(Letter{To: "secret.person@example.org", Subject: "s", Text: "t"})
	stop()
	if reason, ok := intake.UnsentReason(outcome); !ok || reason != intake.SendUnreachable {
		t.Errorf("told of as %q", outcome)
	}
	if dropped.is() != 1 || !strings.Contains(log.String(), "relay") || strings.Contains(log.String(), "secret.person") {
		t.Errorf("dropped %d, log %q", dropped.is(), log.String())
	}
}

func TestQueueIsBounded(t *testing.T) {
	var dropped counter
	m, err := NewMailer(Options{Relay: "127.0.0.1:1", From: "a@b.example", Domain: "d", Drop: dropped.add})
	if err != nil {
		t.Fatal(err)
	}
	for range queueSize + 10 {
		m.Acknowledge(Letter{To: "a@example.org"})
	}
	if dropped.is() != 10 {
		t.Errorf("%d dropped, want 10", dropped.is())
	}
}

// TestStopsBesideADeadRelay: a relay that takes connections and says nothing holds the end up for no longer than one
// letter may take; what waits behind it is counted as dropped.
func TestStopsBesideADeadRelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dropped counter
		m, err := NewMailer(Options{Relay: "127.0.0.1:1", From: "a@b.example", Domain: "d", Log: slog.New(slog.DiscardHandler), Drop: dropped.add,
			Members: []string{"li@office.example", "wang@office.example", "zhao@office.example"}})
		if err != nil {
			t.Fatal(err)
		}
		m.relay.options = append(m.relay.options, gomail.WithDialContextFunc(func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			t.Cleanup(func() { theirs.Close() })
			return ours, nil
		}))
		for _, begin := range []func(){m.TipArrived, func() { m.Acknowledge(Letter{To: "c@example.org"}) }} {
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() { defer close(done); _ = m.Run(ctx) }()
			begin()
			synctest.Wait() // it waits for the relay's greeting
			m.Acknowledge(Letter{To: "d@example.org"})
			m.Acknowledge(Letter{To: "e@example.org"})
			cancel()
			since := time.Now()
			<-done
			if took := time.Since(since); took > sendTime {
				t.Errorf("it took %v to end", took)
			}
		}
		if n := dropped.is(); n != 3+2+1+2 {
			t.Errorf("%d letters are counted as dropped, want 8", n)
		}
	})
}

func TestNoRelayNoMail(t *testing.T) {
	m, stop := run(t, Options{Domain: "d"})
	m.Acknowledge(Letter{To: "a@example.org"})
	m.TipArrived()
	if len(m.letters) != 0 || len(m.tips) != 0 {
		t.Error("something was queued that can't be sent")
	}
	stop()
}

func TestNotices(t *testing.T) {
	s := &sink{}
	var dropped counter
	m, stop := run(t, Options{Relay: s.listen(t), From: "tips@office.example", Domain: "d", Log: slog.New(slog.DiscardHandler), Drop: dropped.add,
		Members: []string{"li@office.example", "zhao@office.example"}, Notice: Letter{Subject: "有新线索", Text: "请登录查看。"}})
	m.TipArrived()
	deadline := time.NewTimer(10 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	for len(s.all()) < 2 {
		select {
		case <-deadline.C:
			t.Fatalf("%d notices of 2", len(s.all()))
		case <-tick.C:
		}
	}
	for range 20 {
		m.TipArrived()
	}
	stop()
	if n := len(s.all()); n != 2 {
		t.Errorf("%d notices within five minutes, want one a member", n)
	}
	if msg := s.all()[0].message; !strings.Contains(msg, "Auto-Submitted: auto-generated") {
		t.Errorf("the notice:\n%s", msg)
	}
}

// TestNoticesGoOn: a tip within the five minutes is announced at their end.
func TestNoticesGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tried counter
		m, err := NewMailer(Options{Relay: "127.0.0.1:1", From: "a@b.example", Domain: "d", Log: slog.New(slog.DiscardHandler), Drop: tried.add, Members: []string{"not an address"}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _ = m.Run(ctx) }()
		m.TipArrived()
		synctest.Wait()
		m.TipArrived()
		synctest.Wait()
		if tried.is() != 1 {
			t.Fatalf("%d tries at once, want 1", tried.is())
		}
		<-time.After(noticeEvery + time.Second)
		synctest.Wait()
		if tried.is() != 2 {
			t.Errorf("%d tries after five minutes, want 2", tried.is())
		}
		cancel()
		synctest.Wait()
	})
}

func TestBadRelay(t *testing.T) {
	for _, text := range []string{"http://x", "smtp://", "smtp://u:secret-pw@:x", "smtp://h:port"} {
		if _, err := NewMailer(Options{Relay: text, From: "a@b.example"}); !errors.Is(err, errRelay) || strings.Contains(err.Error(), "secret-pw") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
