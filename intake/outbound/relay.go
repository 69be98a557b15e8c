package outbound

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// relay is the server that takes our letters.
type relay struct {
	host    string
	options []gomail.Option
	nullOff bool // it refuses the null return path
}

var errRelay = errors.New("smtp.relay: write it as smtp[s]://[user:password@]host[:port]")

func newRelay(text, domain string) (*relay, error) {
	if !strings.Contains(text, "://") {
		text = "smtp://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, errRelay // the parser's error may hold the password
	}
	r := &relay{host: u.Hostname(), options: []gomail.Option{gomail.WithHELO(domain), gomail.WithTimeout(sendTime)}}
	port := 25
	switch {
	case u.Scheme == "smtps":
		port = 465
		r.options = append(r.options, gomail.WithSSL())
	case loopback(u.Hostname()):
		r.options = append(r.options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		r.options = append(r.options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	}
	if u.User != nil {
		password, _ := u.User.Password()
		r.options = append(r.options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
		if u.Scheme == "smtp" && !loopback(u.Hostname()) {
			port = 587
			r.options = append(r.options, gomail.WithTLSPolicy(gomail.TLSMandatory)) // never a password in clear
		}
	}
	if u.Port() != "" {
		if port, err = strconv.Atoi(u.Port()); err != nil {
			return nil, errRelay
		}
	}
	r.options = append(r.options, gomail.WithPort(port))
	return r, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// nullPath is the null return path (RFC 5321 §4.5.5): nothing answers it.
const nullPath = "<>"

// send hands one letter over. An automatic one has the null return path
// (RFC 3834 §3.3); a relay that refuses that gets our own address.
func (r *relay) send(ctx context.Context, from string, l Letter, automatic bool) error {
	msg, err := compose(from, l, automatic)
	if err != nil {
		return err
	}
	if automatic && !r.nullOff {
		if err := r.hand(ctx, nullPath, msg); !errors.Is(err, errSender) {
			return err
		}
		r.nullOff = true
	}
	return r.hand(ctx, "<"+from+">", msg)
}

// errDial says that nothing was handed over yet, errRecipient that the address is
// none.
var (
	errDial      = errors.New("the relay can't be reached")
	errRecipient = errors.New("the recipient's address can't be used")
)

// errSender says that the relay refused the return path.
var errSender = errors.New("the relay refused the return path: set smtp.from to an address it knows")

// hand speaks the transaction itself, because go-mail has no null return path.
func (r *relay) hand(ctx context.Context, path string, msg *gomail.Msg) (err error) {
	c, err := gomail.NewClient(r.host, r.options...)
	if err != nil {
		return err
	}
	conn, err := c.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", errDial, err)
	}
	defer func() { err = errors.Join(err, c.CloseWithSMTPClient(conn)) }()
	var reply *textproto.Error
	if err := conn.Mail(path); errors.As(err, &reply) && reply.Code >= 500 {
		return errSender
	} else if err != nil {
		return err
	}
	to, err := msg.GetRecipients()
	if err != nil {
		return err
	}
	conn.SetDSNRcptNotifyOption("NEVER") // said only to a relay that offers DSN (RFC 3461 §4.1); nobody would read a bounce
	if err := conn.Rcpt(to[0]); err != nil {
		return err
	}
	w, err := conn.Data()
	if err != nil {
		return err
	}
	if _, err := msg.WriteTo(w); err != nil {
		return err
	}
	return w.Close()
}

func compose(from string, l Letter, automatic bool) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.From(from); err != nil {
		return nil, err
	}
	if err := msg.To(l.To); err != nil {
		return nil, errRecipient
	}
	msg.Subject(l.Subject)
	msg.SetGenHeader("Auto-Submitted", map[bool]string{true: "auto-replied", false: "auto-generated"}[automatic])
	if l.ReplyTo != "" {
		if err := msg.ReplyTo(l.ReplyTo); err != nil {
			return nil, err
		}
	}
	for name, value := range map[gomail.Header]string{"In-Reply-To": l.InReplyTo, "References": l.References} {
		if value = folded(value); value != "" {
			msg.SetGenHeaderPreformatted(name, value)
		}
	}
	if id := oneLine(l.MessageID); id != "" {
		msg.SetMessageIDWithValue(strings.Trim(id, "<>"))
	}
	msg.SetBodyString(gomail.TypeTextPlain, l.Text)
	return msg, nil
}

// folded is a list of message ids, one a line (RFC 5322 §2.2.3), without anything that
// is none: the thread's oldest and its youngest, for some readers add ids without end.
func folded(ids string) string {
	all := slices.DeleteFunc(strings.Fields(ids), func(id string) bool {
		return len(id) > maxID || !strings.HasPrefix(id, "<") || !strings.HasSuffix(id, ">") || oneLine(id) == ""
	})
	if len(all) > maxReferences {
		all = append(all[:1], all[len(all)-maxReferences+1:]...)
	}
	return strings.Join(all, "\r\n ")
}

// How many ids a letter is threaded behind, and how long one is.
const (
	maxReferences = 20
	maxID         = 250
)

// oneLine keeps a foreign message id from adding header fields of its own.
func oneLine(s string) string {
	if len(s) > 900 || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r > '~' }) {
		return ""
	}
	return s
}

// plain is an error's cause without the addresses that servers like to repeat.
func plain(err error) string {
	if errors.Is(err, errSender) {
		return errSender.Error()
	}
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return fmt.Sprintf("the relay answered %d", reply.Code)
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Op + " failed"
	}
	return "not sent"
}
