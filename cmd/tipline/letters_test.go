package main

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// relay is a mail server that keeps what the program sends.
type relay struct {
	mu   sync.Mutex
	sent map[string]string // by recipient: return path, then the message
}

func (r *relay) NewSession(*smtp.Conn) (smtp.Session, error) { return &relayed{relay: r}, nil }

type relayed struct {
	relay    *relay
	from, to string
}

func (s *relayed) Mail(from string, _ *smtp.MailOptions) error { s.from = from; return nil }
func (s *relayed) Rcpt(to string, _ *smtp.RcptOptions) error   { s.to = to; return nil }
func (s *relayed) Reset()                                      {}
func (s *relayed) Logout() error                               { return nil }
func (s *relayed) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	s.relay.mu.Lock()
	defer s.relay.mu.Unlock()
	s.relay.sent[s.to] += "<" + s.from + ">\n" + string(text)
	return err
}

func (r *relay) to(who string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sent[who]
}

// TestLetters: with a relay a reporter by mail is told once that it arrived, and
// a member that there is a new tip; neither letter holds a word of it. A mail
// from nobody is kept and not answered.
func TestLetters(t *testing.T) {
	t.Parallel()
	r := &relay{sent: map[string]string{}}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := smtp.NewServer(r)
	go func() { _ = srv.Serve(ln) }() // Close ends it
	t.Cleanup(func() { srv.Close() })
	in := install(t, "TIPLINE_SMTP_RELAY=smtp://"+ln.Addr().String(), "TIPLINE_SMTP_FROM=tips@office.example", `TIPLINE_NOTIFY_MAIL=["li@office.example"]`)
	in.start()
	const message = "Message-ID: <one@example.org>\r\nSubject: the secret pond\r\n\r\nA pond was dug on the secret field.\r\n"
	in.mail("reporter@example.org", message)
	in.mail("reporter@example.org", message) // delivered again
	in.mail("", "Subject: bounce\r\n\r\nsecret\r\n")
	until(t, 15*time.Second, "both letters", func() bool { return r.to("reporter@example.org") != "" && r.to("li@office.example") != "" })
	in.stop() // sends what is queued
	ack, notice := r.to("reporter@example.org"), r.to("li@office.example")
	if !strings.HasPrefix(ack, "<>\n") || !strings.Contains(ack, "Auto-Submitted: auto-replied") || !strings.Contains(ack, "In-Reply-To: <one@example.org>") || strings.Count(ack, "Message-ID:") != 1 {
		t.Errorf("the acknowledgement:\n%s", ack)
	}
	if strings.Contains(ack+notice, "secret") || strings.Contains(ack+notice, "pond") {
		t.Errorf("a letter repeats the report:\n%s\n%s", ack, notice)
	}
	if len(r.sent) != 2 {
		t.Errorf("letters went to %d addresses, want 2", len(r.sent))
	}
}
