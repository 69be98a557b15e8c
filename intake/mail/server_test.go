package mail

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"tipline/intake"
)

const hello = "Subject: hello\r\nFrom: Ann <ann@client.example>\r\nTo: tips@localhost\r\nMessage-ID: <1@client.example>\r\n\r\nA house stands on the field.\r\n"

// TestDialogues holds raw dialogues: what is sent, and how the last line of each
// reply begins.
func TestDialogues(t *testing.T) {
	long := strings.Repeat("x", 2500)
	for _, tt := range []struct {
		name   string
		lmtp   bool
		steps  []string // sent, reply, sent, reply …
		tips   int
		closes bool
	}{
		{"one message", false, []string{"EHLO c", "250 ", "MAIL FROM:<a@b.example>", "250 ", "RCPT TO:<tips@localhost>", "250 ", "DATA", "354 ", hello + ".", "250 ", "QUIT", "221 "}, 1, true},
		{"HELO too", false, []string{"HELO c", "250 ", "MAIL FROM:<a@b.example>", "250 ", "RCPT TO:<tips@localhost>", "250 ", "DATA", "354 ", hello + ".", "250 "}, 1, false},
		{"null return path", false, []string{"EHLO c", "250 ", "MAIL FROM:<>", "250 ", "RCPT TO:<tips@localhost>", "250 ", "DATA", "354 ", hello + ".", "250 "}, 1, false},
		{"two messages in one session", false, []string{"EHLO c", "250 ", "MAIL FROM:<a@b.example>", "250 ", "RCPT TO:<tips@localhost>", "250 ", "DATA", "354 ", hello + ".", "250 ",
			"MAIL FROM:<a@b.example>", "250 ", "RCPT TO:<tips@localhost>", "250 ", "DATA", "354 ", hello + "More.\r\n.", "250 "}, 2, false},
		{"unknown mailbox", false, []string{"EHLO c", "250 ", "MAIL FROM:<a@b.example>", "250 ", "RCPT TO:<nobody@localhost>", "550 ", "RCPT TO:<tips@elsewhere.example>", "550 ", "DATA", "502 "}, 0, false},
		{"no relaying by tricks", false, []string{"EHLO c", "250 ", "MAIL FROM:<a@b.example>", "250 ", "RCPT TO:<victim%elsewhere.example@localhost>", "550 ", "RCPT TO:<elsewhere.example!victim@localhost>", "550 ", "RCPT TO:<\"tips@localhost\"@elsewhere.example>", "550 "}, 0, false},
		{"letter case and plus", false, []string{"EHLO c", "250 ", "MAIL FROM:<a@b.example>", "250 ", "RCPT TO:<TIPS+greenhouse_house@LOCALHOST>", "250 ", "RCPT TO:<line@example.org>", "250 ", "DATA", "354 ", hello + ".", "250 "}, 1, false},
		{"one unknown recipient spoils nothing", false, []string{"EHLO c", "250 ", "MAIL FROM:<a@b.example>", "250 ", "RCPT TO:<nobody@localhost>", "550 ", "RCPT TO:<tips@localhost>", "250 ", "DATA", "354 ", hello + ".", "250 "}, 1, false},
		{"postmaster", false, []string{"EHLO c", "250 ", "MAIL FROM:<>", "250 ", "RCPT TO:<Postmaster>", "250 ", "rcpt to: <POSTMASTER> NOTIFY=NEVER", "504 ", "RCPT TO:<postmaster@EXAMPLE.org>", "250 ", "RCPT TO:<postMaster@localhost>", "250 ",
			"RCPT TO:<postmaster@mx.example>", "250 ", "RCPT TO:<postmaster@elsewhere.example>", "550 ", "RCPT TO:<postmasters>", "501 ", "RCPT TO:<tips>", "501 ", "DATA", "354 ", hello + ".", "250 "}, 1, false},
		{"postmaster alone", false, []string{"EHLO c", "250 ", "MAIL FROM:<a@b.example>", "250 ", "RCPT TO:<postmaster>", "250 ", "DATA", "354 ", hello + "RCPT TO:<postmaster>\r\n.", "250 "}, 1, false},
		{"postmaster by LMTP", true, []string{"LHLO c", "250 ", "MAIL FROM:<a@b.example>", "250 ", "RCPT TO:<POSTMASTER>", "250 ", "RCPT TO:<postmaster@example.org>", "250 ", "DATA", "354 ", hello + ".", "250 ", "", "250 "}, 1, false},
		{"postmaster in chunks", true, []string{"LHLO c", "250 ", "MAIL FROM:<a@b.example>", "250 ", "RCPT TO:<postmaster>", "250 ", "BDAT 22 LAST\r\nSubject: hello\r\n\r\nHi\r\n", "250 "}, 1, false},
		{"declared too large", false, []string{"EHLO c", "250 ", "MAIL FROM:<a@b.example> SIZE=1048577", "552 ", "MAIL FROM:<a@b.example> SIZE=1048576 BODY=8BITMIME SMTPUTF8", "250 "}, 0, false},
		{"out of order", false, []string{"MAIL FROM:<a@b.example>", "502 ", "EHLO c", "250 ", "RCPT TO:<tips@localhost>", "502 ", "DATA", "502 ", "BDAT 0 LAST", "502 "}, 0, false},
		{"RSET forgets", false, []string{"EHLO c", "250 ", "MAIL FROM:<a@b.example>", "250 ", "RCPT TO:<tips@localhost>", "250 ", "RSET", "250 ", "DATA", "502 "}, 0, false},
		{"not a server for relays' questions", false, []string{"EHLO c", "250 ", "VRFY tips", "252 ", "EXPN tips", "502 ", "STARTTLS", "502 ", "NOOP", "250 "}, 0, false},
		{"chunks", false, []string{"EHLO c", "250 ", "MAIL FROM:<a@b.example>", "250 ", "RCPT TO:<tips@localhost>", "250 ", "BDAT 16\r\nSubject: hello\r\n", "250 ", "BDAT 11 LAST\r\n\r\n.\r\nbody\r\n", "250 "}, 1, false},
		{"chunks behind a bad message", false, []string{"EHLO c", "250 ", "MAIL FROM:<a@b.example>", "250 ", "RCPT TO:<tips@localhost>", "250 ", "DATA", "354 ", "a\rb\r\n.", "554 ",
			"MAIL FROM:<a@b.example>", "250 ", "RCPT TO:<tips@localhost>", "250 ", "BDAT 18 LAST\r\nSubject: x\r\n\r\nHi\r\n", "250 "}, 1, false},
		{"a chunk is no command", false, []string{"EHLO c", "250 ", "BDAT 6\r\nQUIT\r\n", "502 ", "NOOP", "250 "}, 0, false},
		{"a long line", false, []string{"EHLO c", "250 ", "MAIL FROM:<a@b.example>", "250 ", "RCPT TO:<tips@localhost>", "250 ", "DATA", "354 ", "Subject: x\r\n\r\n" + long + "\r\n.", "250 "}, 1, false},
		{"a long command", false, []string{"EHLO c", "250 ", "NOOP " + strings.Repeat("x", 5000), "500 "}, 0, true},
		{"bare CR", false, []string{"EHLO c", "250 ", "MAIL FROM:<a@b.example>", "250 ", "RCPT TO:<tips@localhost>", "250 ", "DATA", "354 ", "Subject: x\r\n\r\nbare\rcr\r\n.", "554 5.6.0", "NOOP", "250 "}, 0, false},
		{"LMTP", true, []string{"EHLO c", "500 ", "LHLO c", "250 ", "MAIL FROM:<a@b.example>", "250 ", "RCPT TO:<tips@localhost>", "250 ", "RCPT TO:<nobody@localhost>", "550 ", "RCPT TO:<tips@localhost>", "250 ", "DATA", "354 ", hello + ".", "250 ", "", "250 "}, 1, false},
		{"LMTP chunks", true, []string{"LHLO c", "250 ", "MAIL FROM:<a@b.example>", "250 ", "RCPT TO:<tips@localhost>", "250 ", "RCPT TO:<line@example.org>", "250 ", "BDAT 22 LAST\r\nSubject: hello\r\n\r\nHi\r\n", "250 ", "", "250 "}, 1, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := &desk{}
			addr, _ := d.start(t, func(o *Options) { o.LMTP = tt.lmtp })
			w := dial(t, addr)
			for i := 0; i < len(tt.steps); i += 2 {
				switch s := tt.steps[i]; {
				case s == "":
				case strings.HasPrefix(s, "BDAT") && strings.Contains(s, "\n"):
					w.send(s)
				default:
					w.send(s + "\r\n")
				}
				w.want(tt.steps[i+1])
			}
			if got := len(d.all()); got != tt.tips {
				t.Errorf("%d reports, want %d", got, tt.tips)
			}
			if tt.closes && !w.closed() {
				t.Error("the connection stays open")
			}
		})
	}
}

func TestCapabilities(t *testing.T) {
	d := &desk{}
	addr, _ := d.start(t, func(o *Options) { o.TLS = certificate(t) })
	got := dial(t, addr).say("EHLO c", "250 ")
	for _, want := range []string{"SIZE 1048576", "8BITMIME", "SMTPUTF8", "PIPELINING", "CHUNKING", "STARTTLS", "ENHANCEDSTATUSCODES"} {
		if !strings.Contains(got, "-"+want+"\r\n") {
			t.Errorf("EHLO doesn't offer %q:\n%s", want, got)
		}
	}
}

// TestSizeIsExact: a message of exactly the advertised size is taken, one byte
// more is 552, by DATA and by BDAT, and the session goes on.
func TestSizeIsExact(t *testing.T) {
	const size = 1 << 20
	head := "Subject: x\r\n\r\n"
	exact := head + strings.Repeat("x", size-len(head)-2) + "\r\n"
	for _, tt := range []struct {
		body, want string
	}{{exact, "250 "}, {"Y: z\r\n" + exact, "552 "}, {exact + strings.Repeat("0123456789\r\n", 40_000), "552 "}, {"A: b\r\n\r\nok\r\n", "250 "}} {
		d := &desk{}
		addr, _ := d.start(t, nil)
		w := dial(t, addr)
		w.transaction()
		w.say(tt.body+".", tt.want)
		w.say("MAIL FROM:<a@client.example>", "250 ")
		w.say("RCPT TO:<tips@localhost>", "250 ")
		w.send(fmt.Sprintf("BDAT %d LAST\r\n%s", len(tt.body), tt.body))
		w.want(tt.want)
		w.say("NOOP", "250 ")
		if taken := d.all(); tt.want == "250 " && (len(taken) != 1 || taken[0].raw != tt.body) {
			t.Errorf("a message of %d bytes isn't kept as it came", len(tt.body))
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("disk: %w", intake.ErrNotDurable), "451 4.3.0 "},
		{&intake.LimitedError{RetryAfter: 90 * time.Second}, "450 4.7.1 Too many messages for now, try again in 90 seconds"},
		{intake.ErrTooLarge, "552 5.3.4 "},
		{fmt.Errorf("x: %w", intake.ErrRead), "451 4.4.2 "},
		{errors.New("a fault"), "451 4.3.0 "},
	} {
		d := &desk{fail: tt.err}
		addr, _ := d.start(t, nil)
		w := dial(t, addr)
		w.transaction()
		w.say(hello+".", tt.want)
		w.say("NOOP", "250 ") // what was sent is drained
	}
}

func TestPanicIs451(t *testing.T) {
	for _, lmtp := range []bool{false, true} {
		d := &desk{each: func() error { panic("ann@client.example") }}
		addr, _ := d.start(t, func(o *Options) { o.LMTP = lmtp })
		w := dial(t, addr)
		if lmtp {
			w.say("LHLO c", "250 ")
		} else {
			w.say("EHLO c", "250 ")
		}
		w.say("MAIL FROM:<a@b.example>", "250 ")
		w.say("RCPT TO:<tips@localhost>", "250 ")
		w.say("DATA", "354 ")
		w.say(hello+".", "451 ")
		w.say("NOOP", "250 ")
		if d.outcome(OutcomePanic) != 1 {
			t.Error("the panic wasn't counted")
		}
	}
}

func TestWhatSubmitIsGiven(t *testing.T) {
	d := &desk{}
	addr, _ := d.start(t, func(o *Options) {
		o.Origin = func(a netip.Addr) string { return a.String() }
	})
	w := dial(t, addr)
	w.say("EHLO c", "250 ")
	w.say("MAIL FROM:<Ann@Client.example>", "250 ")
	w.say("RCPT TO:<tips+greenhouse_house@localhost>", "250 ")
	w.say("DATA", "354 ")
	w.say(hello+".", "250 ")
	r := d.all()[0].report
	if r.Channel != intake.Email || r.Gateway != Gateway || r.Category != "greenhouse_house" || r.Sender != "ann@client.example" || r.Origin != "" || r.Hold {
		t.Errorf("report: channel %q gateway %q category %q sender ok %v origin %q hold %v", r.Channel, r.Gateway, r.Category, r.Sender == "ann@client.example", r.Origin, r.Hold)
	}
	if r.Words.Text != "hello\n\nA house stands on the field." {
		t.Errorf("text %q", r.Words.Text)
	}
	if r.Identity.Name != "Ann" || r.Identity.Sender != "Ann@Client.example" {
		t.Errorf("identity: %q %q", r.Identity.Name, r.Identity.Sender)
	}
	if d.all()[0].raw != hello {
		t.Errorf("raw %q", d.all()[0].raw)
	}
	if len(d.acks) != 1 || d.acks[0].To != "Ann@Client.example" || d.acks[0].MessageID != "<1@client.example>" {
		t.Errorf("%d acknowledgements", len(d.acks))
	}
}

// TestStartTLS: mail in clear and over TLS, and nothing said in clear counts
// behind the handshake.
func TestStartTLS(t *testing.T) {
	d := &desk{}
	addr, _ := d.start(t, func(o *Options) { o.TLS = certificate(t) })
	w := dial(t, addr)
	w.say("EHLO c", "250 ")
	w.say("STARTTLS", "220 ")
	c := tls.Client(w.Conn, &tls.Config{InsecureSkipVerify: true})
	if err := c.Handshake(); err != nil {
		t.Fatal(err)
	}
	w.Conn = c
	w.in.Reset(c)
	w.say("MAIL FROM:<a@b.example>", "502 ")
	if caps := w.say("EHLO c", "250 "); strings.Contains(caps, "STARTTLS") {
		t.Error("STARTTLS is offered within TLS")
	}
	w.say("MAIL FROM:<a@client.example>", "250 ")
	w.say("RCPT TO:<tips@localhost>", "250 ")
	w.say("DATA", "354 ")
	w.say("Subject: x\r\n\r\nbare\rcr\r\n.", "554 ")
	w.transaction()
	w.say(hello+".", "250 ")
	w.say("QUIT", "221 ")
	if len(d.all()) != 1 {
		t.Errorf("%d reports", len(d.all()))
	}
}

// TestInjectionBeforeTLS: what was sent in clear behind STARTTLS never counts within TLS, as in
// CVE-2011-0411: the connection ends at once where it came in one packet with the command, and
// with the handshake where it came a moment later. No message of it is taken.
func TestInjectionBeforeTLS(t *testing.T) {
	const letter = "EHLO evil\r\nMAIL FROM:<evil@b.example>\r\nRCPT TO:<tips@localhost>\r\nDATA\r\n" + hello + ".\r\n"
	d := &desk{}
	addr, _ := d.start(t, func(o *Options) { o.TLS = certificate(t) })
	for _, behind := range []string{"EHLO evil\r\n", letter, "MAIL FROM:<evil@b.exam", "\r\n", "x"} {
		w := dial(t, addr)
		w.say("EHLO c", "250 ")
		w.send("STARTTLS\r\n" + behind)
		w.want("220 ")
		if tls.Client(w.Conn, &tls.Config{InsecureSkipVerify: true}).Handshake() == nil {
			t.Errorf("%q was sent ahead of the handshake, and the conversation goes on", behind)
		}
		late := dial(t, addr)
		late.say("EHLO c", "250 ")
		late.say("STARTTLS", "220 ")
		late.send(behind)
		if tls.Client(late.Conn, &tls.Config{InsecureSkipVerify: true}).Handshake() == nil {
			t.Errorf("%q was sent ahead of the handshake, a packet later, and the conversation goes on", behind)
		}
	}
	if n := len(d.all()); n != 0 {
		t.Errorf("%d messages were taken that were said in clear", n)
	}
	w := dial(t, addr) // a command in clear behind the first of two in one packet is no injection
	w.send("NOOP\r\nEHLO c\r\n")
	w.want("250 ")
	w.want("250 ")
}

// TestShutdown: at the end idle connections are told, a running message finishes
// and gets its 250.
func TestShutdown(t *testing.T) {
	d := &desk{}
	addr, stop := d.start(t, nil)
	idle, running := dial(t, addr), dial(t, addr)
	idle.say("EHLO c", "250 ")
	running.transaction()
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	idle.want("421 ")
	running.say(hello+".", "250 ")
	running.want("421 ")
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if len(d.all()) != 1 {
		t.Errorf("%d reports", len(d.all()))
	}
}

// TestGrace: whoever doesn't finish in time is cut, without any reply that would
// make the sender give up.
func TestGrace(t *testing.T) {
	d := &desk{}
	addr, stop := d.start(t, func(o *Options) { o.Grace = 50 * time.Millisecond })
	w := dial(t, addr)
	w.transaction()
	w.send("Subject: half")
	if err := stop(); err != nil {
		t.Error(err)
	}
	if got, _ := w.reply(); strings.HasPrefix(got, "2") || strings.HasPrefix(got, "5") {
		t.Errorf("reply %q", got)
	}
	if len(d.all()) != 0 {
		t.Error("half a message was taken")
	}
}

func TestSenderBreaksOff(t *testing.T) {
	for _, sent := range []string{"DATA\r\nSubject: half\r\n\r\nThe sen", "BDAT 5000 LAST\r\nSubject: half\r\n\r\nThe sen", "BDAT 6\r\nA: b\r\nBDAT 5000 LAST\r\nThe sen", "BDAT 6\r\nA: b\r\n"} {
		d := &desk{}
		addr, stop := d.start(t, nil)
		w := dial(t, addr)
		w.say("EHLO client.example", "250 ")
		w.say("MAIL FROM:<a@client.example>", "250 ")
		w.say("RCPT TO:<tips@localhost>", "250 ")
		w.send(sent)
		_ = w.Close()
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		if len(d.all()) != 0 || d.outcome(OutcomeBroken) != 1 {
			t.Errorf("%q: %d reports, %d broken", sent, len(d.all()), d.outcome(OutcomeBroken))
		}
	}
}

func TestConnectionsAreCounted(t *testing.T) {
	d := &desk{}
	addr, _ := d.start(t, func(o *Options) { o.MaxConns = 2 })
	first, second := dial(t, addr), dial(t, addr)
	if c := busy(t, addr); !strings.HasPrefix(c, "421 ") {
		t.Errorf("the third connection got %q", c)
	}
	first.say("QUIT", "221 ")
	if !first.closed() {
		t.Error("QUIT doesn't close")
	}
	second.say("NOOP", "250 ")
	deadline := time.Now().Add(5 * time.Second)
	for !strings.HasPrefix(busy(t, addr), "220 ") {
		if time.Now().After(deadline) {
			t.Fatal("a place that was left isn't free")
		}
	}
}

func busy(t *testing.T, addr string) string {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	got, _ := (&wire{t: t, Conn: c, in: bufio.NewReader(c)}).reply()
	return got
}

// strangers are connections from addresses of a list.
type strangers struct {
	net.Listener
	addresses []string
}

func (s *strangers) Accept() (net.Conn, error) {
	c, err := s.Listener.Accept()
	if err == nil {
		c = stranger{c, net.TCPAddrFromAddrPort(netip.MustParseAddrPort(s.addresses[0]))}
		s.addresses = s.addresses[1:]
	}
	return c, err
}

type stranger struct {
	net.Conn
	from net.Addr
}

func (s stranger) RemoteAddr() net.Addr { return s.from }

// TestASilentCrowdKeepsNoProviderOut, over real connections: a provider delivers while one address holds all places.
func TestASilentCrowdKeepsNoProviderOut(t *testing.T) {
	d := &desk{}
	addr, _ := d.startOn(t, func(l net.Listener) net.Listener {
		return &strangers{l, []string{"203.0.113.5:1", "203.0.113.5:2", "203.0.113.5:3", "198.51.100.7:1"}}
	}, func(o *Options) { o.MaxConns = 3 })
	first, second, third := dial(t, addr), dial(t, addr), dial(t, addr)
	for _, w := range []*wire{first, second, third} {
		w.say("EHLO c.example", "250 ")
	}
	provider := dial(t, addr)
	provider.transaction()
	provider.say("Subject: x\r\n\r\nbody\r\n.", "250 ")
	if len(d.all()) != 1 || !first.closed() {
		t.Errorf("%d reports", len(d.all()))
	}
	second.say("NOOP", "250 ")
	third.say("NOOP", "250 ")
}

// TestManyAtOnce sends from several connections at a time.
func TestManyAtOnce(t *testing.T) {
	d := &desk{}
	addr, _ := d.start(t, nil)
	var all sync.WaitGroup
	for i := range 8 {
		w := dial(t, addr)
		all.Go(func() {
			for j := range 5 {
				w.send("EHLO c\r\n")
				_, _ = w.reply()
				w.send("MAIL FROM:<a@b.example>\r\nRCPT TO:<tips@localhost>\r\nDATA\r\n")
				for range 3 {
					_, _ = w.reply()
				}
				w.send(fmt.Sprintf("Subject: %d %d\r\n\r\nbody\r\n.\r\n", i, j))
				if got, err := w.reply(); !strings.HasPrefix(got, "250 ") {
					t.Errorf("%q %v", got, err)
				}
			}
		})
	}
	all.Wait()
	if got := len(d.all()); got != 40 {
		t.Errorf("%d reports, want 40", got)
	}
}

func certificate(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"mx.example"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}
