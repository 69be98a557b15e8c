package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"
)

type simulateMailCmd struct {
	place
	pace
	To      string `help:"Our mail server." required:"" placeholder:"HOST:PORT"`
	Rcpt    string `help:"The address written to." default:"tips@localhost" placeholder:"ADDRESS"`
	From    string `help:"The sender; each message has the next number behind its name." default:"sample@example.org" placeholder:"ADDRESS"`
	Subject string `default:"样例：村北" placeholder:"TEXT"`
	Text    string `help:"What is written." default:"样例：村北耕地上正在打地基" placeholder:"TEXT"`
	Attach  int    `help:"Attach as many files of text." placeholder:"N"`
	Relay   int    `help:"As many more for a stranger's address, which must be refused." placeholder:"N"`
	TLS     bool   `help:"Switch to TLS (STARTTLS) and hold the server's certificate against its name." xor:"speech"`
	LMTP    bool   `name:"lmtp" help:"Speak LMTP, as a mail server does that delivers to us (smtp.lmtp)." xor:"speech"`
}

// Help is printed below the usage.
func (simulateMailCmd) Help() string {
	return "What is broken is a mail whose parts are damaged: it must be taken and is kept. What is forged names a bank as its sender: it must be taken " +
		"as well, and the desk shows that nobody vouches for it. Anything else ends with exit code 1."
}

func (c simulateMailCmd) Run(ctx context.Context, t terminal) error {
	if err := c.check(); err != nil {
		return err
	}
	if _, _, err := net.SplitHostPort(c.To); err != nil {
		return usageError{errors.New("--to must be HOST:PORT")}
	}
	v := volley{pace: c.pace}
	return v.run(ctx, t.out, c.deliveries())
}

// simulated is one mail of a simulation.
type simulated struct {
	id, envelope, header, rcpt string
	written                    time.Time // the same in every delivery
	broken                     bool
}

func (c simulateMailCmd) deliveries() (all []delivery) {
	run := strings.ToLower(rand.Text()[:10])
	add := func(what string, want answer, m simulated) {
		all = append(all, delivery{what, want, func(ctx context.Context) (answer, string) { return c.send(ctx, m) }})
	}
	name := func(kind string, i int) simulated {
		local, domain, _ := strings.Cut(c.From, "@")
		from := fmt.Sprintf("%s%d@%s", local, i, domain)
		return simulated{id: fmt.Sprintf("<sim-%s-%s%d@simulation.invalid>", run, kind, i), envelope: from, header: from, rcpt: c.Rcpt, written: time.Now()}
	}
	for i := range c.Count {
		m := name("", i)
		add("genuine", taken, m)
		if c.Redeliver {
			add("again", taken, m)
		}
	}
	for i := range c.Broken {
		m := name("b", i)
		m.broken = true
		add("broken", taken, m)
	}
	for i := range c.Forge {
		m := name("f", i)
		m.header = "service@bank.example"
		add("forged", taken, m)
	}
	for i := range c.Relay {
		m := name("r", i)
		m.rcpt = "somebody@elsewhere.example"
		add("relay", refused, m)
	}
	return all
}

// send is one connection with one message.
func (c simulateMailCmd) send(ctx context.Context, m simulated) (answer, string) {
	err := c.converse(ctx, m)
	if err == nil {
		return taken, "taken"
	}
	said := "no answer: " + err.Error()
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		said = fmt.Sprintf("answered %d", reply.Code)
		if reply.Code/100 == 4 {
			return later, said
		}
		return refused, said
	}
	return silentAnswer, said
}

func (c simulateMailCmd) converse(ctx context.Context, m simulated) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.To)
	if err != nil {
		return err
	}
	defer conn.Close()
	if until, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(until); err != nil {
			return err
		}
	}
	if c.LMTP {
		return c.deliver(conn, m)
	}
	host, _, _ := net.SplitHostPort(c.To)
	client, err := smtp.NewClient(conn, host)
	if err != nil {
		return err
	}
	if err := client.Hello("simulation.invalid"); err != nil {
		return err
	}
	if c.TLS {
		if err := client.StartTLS(&tls.Config{ServerName: host}); err != nil {
			return err
		}
	}
	if err := client.Mail(m.envelope); err != nil {
		return err
	}
	if err := client.Rcpt(m.rcpt); err != nil {
		return err
	}
	w, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write([]byte(c.letter(m))); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return client.Quit()
}

// deliver speaks LMTP (RFC 2033), which answers the message once for its one recipient.
func (c simulateMailCmd) deliver(conn net.Conn, m simulated) error {
	text := textproto.NewConn(conn)
	for _, step := range []struct {
		say  string
		want int
	}{{"", 220}, {"LHLO simulation.invalid", 250}, {"MAIL FROM:<" + m.envelope + ">", 250}, {"RCPT TO:<" + m.rcpt + ">", 250}, {"DATA", 354}} {
		if step.say != "" {
			if err := text.PrintfLine("%s", step.say); err != nil {
				return err
			}
		}
		if _, _, err := text.ReadResponse(step.want); err != nil {
			return err
		}
	}
	w := text.DotWriter()
	if _, err := w.Write([]byte(c.letter(m))); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if _, _, err := text.ReadResponse(250); err != nil {
		return err
	}
	return text.PrintfLine("QUIT")
}

// letter is the message (RFC 5322): a text and files, or parts that are damaged.
func (c simulateMailCmd) letter(m simulated) string {
	var b strings.Builder
	line := func(s string) { b.WriteString(s + "\r\n") }
	line("From: " + m.header)
	line("To: " + m.rcpt)
	line("Subject: " + mime.QEncoding.Encode("utf-8", c.Subject))
	line("Date: " + m.written.Format(time.RFC1123Z))
	line("Message-ID: " + m.id)
	line("MIME-Version: 1.0")
	line(`Content-Type: multipart/mixed; boundary="cut"`)
	line("")
	if m.broken {
		line("--cut\r\nContent-Type: multipart/mixed; boundary=cut\r\n\r\n--cut\r\nContent-Type: text/plain; charset=no-such\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%not base64%%%")
		return b.String() // and no end
	}
	line("--cut\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n")
	line(c.Text)
	for i := range c.Attach {
		line(fmt.Sprintf("--cut\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: attachment; filename=\"sample%d.txt\"\r\n", i+1))
		line(c.Text)
	}
	line("--cut--")
	return b.String()
}
