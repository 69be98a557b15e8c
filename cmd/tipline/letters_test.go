package main

import (
	"io"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"tipline/configs"
	"tipline/intake"
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
	in := install(t, "TIPLINE_SMTP_RELAY=smtp://"+ln.Addr().String(), "TIPLINE_SMTP_FROM=tips@office.example", `TIPLINE_SMTP_RECIPIENTS=["tips@localhost","tips@office.example"]`, `TIPLINE_NOTIFY_MAIL=["li@office.example"]`)
	in.start()
	const message = "Message-ID: <one@example.org>\r\nTo: tips@office.example\r\nSubject: the secret pond\r\n\r\nA pond was dug on the secret field.\r\n"
	in.mail("reporter@example.org", message)
	in.mail("reporter@example.org", message) // delivered again
	in.mail("", "Subject: bounce\r\n\r\nsecret\r\n")
	until(t, 15*time.Second, "both letters and tips", func() bool { return len(in.ledger()) == 2 })
	until(t, 15*time.Second, "both letters", func() bool { return r.to("reporter@example.org") != "" && r.to("li@office.example") != "" })
	in.mail("reporter@example.org", "Message-ID: <two@example.org>\r\nIn-Reply-To: "+messageIDOf(r.to("reporter@example.org"))+"\r\nSubject: Re\r\n\r\nIt has become deeper.\r\n")
	li, together := in.login("li", handlerPass), false
	for tip := range in.ledger() {
		_, page := li.get("/tips/" + tip)
		together = together || strings.Contains(page, "It has become deeper.") && strings.Contains(page, "A pond was dug")
	}
	if n := len(in.ledger()); !together || n != 2 {
		t.Errorf("the answer isn't with its tip; %d tips", n)
	}
	in.stop() // sends what is queued
	ack, notice := r.to("reporter@example.org"), r.to("li@office.example")
	if !strings.HasPrefix(ack, "<>\n") || !strings.Contains(ack, "Auto-Submitted: auto-replied") || !strings.Contains(ack, "In-Reply-To: <one@example.org>") || strings.Count(ack, "Message-ID:") != 1 {
		t.Errorf("the acknowledgement:\n%s", ack)
	}
	if strings.Contains(ack+notice, "secret") || strings.Contains(ack+notice, "pond") {
		t.Errorf("a letter repeats the report:\n%s\n%s", ack, notice)
	}
	if n := strings.Count(ack, "Auto-Submitted"); n != 1 {
		t.Errorf("the reporter got %d acknowledgements", n)
	}
	if len(r.sent) != 2 {
		t.Errorf("letters went to %d addresses, want 2", len(r.sent))
	}
}

// messageIDOf is a letter's own.
func messageIDOf(letter string) string {
	m := regexp.MustCompile(`Message-ID:\s+(<[^>]+>)`).FindStringSubmatch(letter)
	if m == nil {
		return ""
	}
	return m[1]
}

// TestPlusDesk: what is behind the plus of the address written to is a desk that works
// here, or says nothing of the desk.
func TestPlusDesk(t *testing.T) {
	pack, err := configs.LoadPack("farmland")
	if err == nil {
		err = pack.Work([]string{"discipline"}, "", nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	for plus, want := range map[string]string{"": "main", "discipline": "discipline", "county": "main", "housing_on_farmland": "main", "main": "main"} {
		if got, ok := (router{pack}).Route(&intake.Report{Plus: plus}); !ok || got != want {
			t.Errorf("+%s goes to %s", plus, got)
		}
	}
}

// TestToldByText: a gateway that can't answer in its callback has what it sends: that a
// text arrived, once, and where it stands when 查询 asks; never its words.
func TestToldByText(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	in := install(t, g.env(t, "neutral")...)
	in.start()
	text := func(n, words string) {
		in.sms(`[{"phone_number":"` + canaryPhone + `","content":"` + words + `","send_time":"2026-11-24 08:00:00","dest_code":"1069","sequence_id":` + n + `}]`)
	}
	text("1", "村北在打地基")
	until(t, 15*time.Second, "the acknowledgement", func() bool { return len(g.sent()) == 1 })
	text("1", "村北在打地基")  // delivered again
	text("2", "又来了一台挖机") // a further text
	text("3", "查询")
	until(t, 15*time.Second, "where it stands", func() bool { return len(g.sent()) >= 2 })
	sent := g.sent()
	if len(sent) != 2 || !strings.Contains(sent[1].Get("content"), "已接收") || sent[1].Get("mobile") != "86"+canaryPhone || strings.Contains(sent[0].Get("content")+sent[1].Get("content"), "打地基") {
		t.Errorf("sent: %v", sent)
	}
	text("4", "退订")
	text("5", "查询")
	in.stop()
	if n := len(g.sent()); n != 2 {
		t.Errorf("%d texts after 退订", n)
	}
	if log := in.log(); strings.Contains(log, canaryPhone) {
		t.Errorf("the log holds a number: %s", log)
	}
}
