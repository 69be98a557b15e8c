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

	"tipline/intake/mailhook/gateway"
)

type simulateMailCmd struct {
	place
	pace
	To      string `help:"Our mail server; with --provider or --channel the address of the hook, as in https://tips.example.org/hooks/mail/mg." required:"" placeholder:"HOST:PORT|URL"`
	Rcpt    string `help:"The address written to." default:"tips@localhost" placeholder:"ADDRESS"`
	From    string `help:"The sender; each message has the next number behind its name." default:"sample@example.org" placeholder:"ADDRESS"`
	Subject string `default:"样例：村北" placeholder:"TEXT"`
	Text    string `help:"What is written." default:"样例：村北耕地上正在打地基" placeholder:"TEXT"`
	Attach  int    `help:"Attach as many files of text." placeholder:"N"`
	Relay   int    `help:"As many more for a stranger's address, which must be refused." placeholder:"N"`
	TLS     bool   `help:"Switch to TLS (STARTTLS) and hold the server's certificate against its name." xor:"speech"`
	LMTP    bool   `name:"lmtp" help:"Speak LMTP, as a mail server does that delivers to us (smtp.lmtp)." xor:"speech"`

	Provider string `help:"Whose callbacks to play instead; with --channel it is the channel's." placeholder:"X"`
	Channel  string `help:"Take provider, secret and topic from this channel of the configuration." placeholder:"NAME"`
	Secret   string `help:"The key to sign with, or user:password of the hook's address: file:PATH or env:NAME, never the key itself (file:/dev/stdin reads it from a pipe)." placeholder:"REF"`
	Topic    string `help:"The ARN of the topic, of ses." placeholder:"ARN"`
	Parsed   bool   `help:"Bring mails taken apart, as the provider does unless it is told to bring them as they came."`
}

// Help is printed below the usage.
func (simulateMailCmd) Help() string {
	return "What is broken is a mail whose parts are damaged: it must be taken and is kept. What is forged names a bank as its sender: it must be taken " +
		"as well, and the desk shows that nobody vouches for it. Anything else ends with exit code 1.\n\nProviders of callbacks: " + strings.Join(gateway.Providers(), ", ") +
		". What is forged is then signed with another key, or brings another password: it must be refused. What ses brings is signed with a certificate of Amazon's, so " +
		"that nobody else can play it: only that forgeries are refused can be tried (--count 0 --forge N). To try the rest, have Amazon SES take a mail in."
}

func (c simulateMailCmd) Run(ctx context.Context, t terminal) error {
	if err := c.check(); err != nil {
		return err
	}
	v := volley{pace: c.pace}
	if c.Provider != "" || c.Channel != "" {
		all, err := c.callbacks(t)
		if err != nil {
			return err
		}
		return v.run(ctx, t.out, all)
	}
	if _, _, err := net.SplitHostPort(c.To); err != nil {
		return usageError{errors.New("--to must be HOST:PORT")}
	}
	return v.run(ctx, t.out, c.deliveries(func(m simulated) delivery {
		want := taken
		if m.kind == "relay" {
			want = refused
		}
		return delivery{m.kind, want, func(ctx context.Context) (answer, string) { return c.send(ctx, m) }}
	}))
}

// simulated is one mail of a simulation.
type simulated struct {
	kind                       string // genuine, again, broken, forged, relay
	id, envelope, header, rcpt string
	written                    time.Time // the same in every delivery
	broken                     bool
}

// deliveries are all mails of a run, each as it is sent.
func (c simulateMailCmd) deliveries(send func(simulated) delivery) (all []delivery) {
	run := strings.ToLower(rand.Text()[:10])
	name := func(kind, mark string, i int) simulated {
		local, domain, _ := strings.Cut(c.From, "@")
		from := fmt.Sprintf("%s%d@%s", local, i, domain)
		return simulated{kind: kind, id: fmt.Sprintf("<sim-%s-%s%d@simulation.invalid>", run, mark, i), envelope: from, header: from, rcpt: c.Rcpt, written: time.Now()}
	}
	for i := range c.Count {
		m := name("genuine", "", i)
		all = append(all, send(m))
		if c.Redeliver {
			m.kind = "again"
			all = append(all, send(m))
		}
	}
	for i := range c.Broken {
		m := name("broken", "b", i)
		m.broken = true
		all = append(all, send(m))
	}
	for i := range c.Forge {
		m := name("forged", "f", i)
		m.header = "service@bank.example"
		all = append(all, send(m))
	}
	for i := range c.Relay {
		m := name("relay", "r", i)
		m.rcpt = "somebody@elsewhere.example"
		all = append(all, send(m))
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
	for _, f := range c.fields(m) {
		line(f.Name + ": " + f.Value)
	}
	line("MIME-Version: 1.0")
	line(`Content-Type: multipart/mixed; boundary="cut"`)
	line("")
	if m.broken {
		line("--cut\r\nContent-Type: multipart/mixed; boundary=cut\r\n\r\n--cut\r\nContent-Type: text/plain; charset=no-such\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%not base64%%%")
		return b.String() // and no end
	}
	line("--cut\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n")
	line(c.Text)
	for _, f := range c.files() {
		line(fmt.Sprintf("--cut\r\nContent-Type: %s\r\nContent-Disposition: attachment; filename=%q\r\n", f.Type, f.Name))
		line(f.Body)
	}
	line("--cut--")
	return b.String()
}

// fields are the header's.
func (c simulateMailCmd) fields(m simulated) []gateway.Field {
	return []gateway.Field{{Name: "From", Value: m.header}, {Name: "To", Value: m.rcpt}, {Name: "Subject", Value: mime.QEncoding.Encode("utf-8", c.Subject)},
		{Name: "Date", Value: m.written.Format(time.RFC1123Z)}, {Name: "Message-ID", Value: m.id}}
}

// files are those attached.
func (c simulateMailCmd) files() (out []gateway.File) {
	for i := range c.Attach {
		out = append(out, gateway.File{Name: fmt.Sprintf("sample%d.txt", i+1), Type: "text/plain; charset=utf-8", Body: c.Text})
	}
	return out
}
