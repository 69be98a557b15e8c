package mail

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/emersion/go-smtp"

	"tipline/intake"
)

// Gateway is the name that mail received by the server is deduplicated under.
const Gateway = "smtp"

// errLineEnds: the message has a bare CR, or a bare LF round a dot.
var errLineEnds = errors.New("the message has bare line ends")

// session is one connection's transactions. One message is one report, however
// many of our addresses it names, so LMTP's status is the same for all of them.
type session struct {
	run  *run
	s    *Server
	conn *front
	// greeted knows the name the peer greeted with.
	greeted *smtp.Conn

	from string
	plus string
}

// Mail begins a transaction; "" is the null return path.
func (t *session) Mail(from string, opts *smtp.MailOptions) error {
	if opts != nil && opts.Size > t.s.opts.MaxBytes {
		t.s.opts.Count(OutcomeTooLarge)
		return replyTooLarge()
	}
	t.from = from
	t.conn.setBusy(true)
	return nil
}

// Rcpt takes our own addresses and no other: nothing is relayed.
func (t *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	plus, ok := t.s.recipients.match(to)
	if !ok {
		t.s.opts.Count(OutcomeNoMailbox)
		return reply(550, smtp.EnhancedCode{5, 1, 1}, "No such mailbox here")
	}
	if t.plus == "" {
		t.plus = plus
	}
	return nil
}

// LMTPData is Data. The engine gives its status to every recipient.
func (t *session) LMTPData(r io.Reader, _ smtp.StatusCollector) error { return t.Data(r) }

// Data takes one message. It returns nil only when the report is durable.
func (t *session) Data(r io.Reader) (err error) {
	t.run.active.Add(1)
	defer t.run.active.Done()
	defer func() {
		if p := recover(); p != nil {
			t.s.opts.Count(OutcomePanic)
			t.s.opts.Log.Error("mail session: a fault was caught", "kind", fmt.Sprintf("%T", p))
			err = reply(451, smtp.EnhancedCode{4, 3, 0}, "Internal error, try again later")
		}
	}()
	src := &message{src: r, left: t.s.opts.MaxBytes, conn: t.conn}
	report, facts := NewReport(t.envelope(), src)
	filed, err := t.s.opts.Submit(t.run.ctx, report)
	if src.err != nil && src.err != io.EOF {
		err = src.err // its cause is nearer than what Submit made of it
	}
	if err != nil {
		return t.refuse(err)
	}
	t.accepted(filed, report, facts)
	return nil
}

func (t *session) envelope() Envelope {
	e := Envelope{Gateway: Gateway, From: t.from, Plus: t.plus, Own: t.s.own, Senders: t.s.opts.Senders, Peer: usable(t.conn.RemoteAddr()), Helo: t.helo()}
	if ip, public := publicAddr(t.conn.RemoteAddr()); public && t.s.opts.Origin != nil {
		e.Origin = t.s.opts.Origin(ip)
	}
	return e
}

// helo is the name the peer greeted with.
func (t *session) helo() string {
	if t.greeted == nil {
		return ""
	}
	return t.greeted.Hostname()
}

// accepted counts, and has the message acknowledged where that may be.
func (t *session) accepted(filed intake.Filed, report *intake.Report, facts *Facts) {
	t.s.opts.Count(filed.Became(report))
	if filed.Duplicate {
		return
	}
	t.s.opts.Answers.Taken(t.run.ctx, filed, report, facts)
}

// refuse maps an error to its reply, by the house's one table.
func (t *session) refuse(err error) error {
	var limited *intake.LimitedError
	switch {
	case errors.Is(err, errLineEnds):
		t.s.opts.Count(OutcomeLineEnds)
		return reply(554, smtp.EnhancedCode{5, 6, 0}, "Bare CR, or bare LF round a dot: lines must end with CRLF")
	case errors.Is(err, intake.ErrTooLarge):
		t.s.opts.Count(OutcomeTooLarge)
		return replyTooLarge()
	case errors.As(err, &limited):
		t.s.opts.Count(OutcomeLimited)
		seconds := strconv.Itoa(max(1, int(limited.RetryAfter/time.Second)))
		return reply(450, smtp.EnhancedCode{4, 7, 1}, "Too many messages for now, try again in "+seconds+" seconds")
	case errors.Is(err, intake.ErrNotDurable), !errors.Is(err, intake.ErrRead):
		t.s.opts.Count(OutcomeNotDurable)
		t.s.opts.Log.Error("mail: a report was not kept, the sender will try again")
		return reply(451, smtp.EnhancedCode{4, 3, 0}, "The message could not be stored, try again later")
	default:
		t.s.opts.Count(OutcomeBroken)
		return reply(451, smtp.EnhancedCode{4, 4, 2}, "The message broke off, try again")
	}
}

// Reset ends the transaction.
func (t *session) Reset() {
	t.from, t.plus = "", ""
	t.conn.setBusy(false)
}

// Logout ends the session.
func (t *session) Logout() error {
	t.Reset()
	return nil
}

func reply(code int, enhanced smtp.EnhancedCode, text string) *smtp.SMTPError {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text}
}

func replyTooLarge() *smtp.SMTPError {
	return reply(552, smtp.EnhancedCode{5, 3, 4}, "The message is larger than SIZE says")
}

// message reads one message to its end, holds it to the size, and gives an
// error in place of the end when its lines were bad.
type message struct {
	src  io.Reader
	left int64
	conn *front
	err  error
}

func (m *message) Read(p []byte) (int, error) {
	if m.err != nil {
		return 0, m.err
	}
	n, err := m.src.Read(p)
	if m.left -= int64(n); m.left < 0 {
		n, err = 0, intake.ErrTooLarge
	}
	if err == io.EOF && m.conn.badLines() {
		err = errLineEnds
	}
	if err != nil && err != io.EOF && !errors.Is(err, intake.ErrTooLarge) && err != errLineEnds {
		err = fmt.Errorf("%w: %w", intake.ErrRead, err)
	}
	m.err = err
	return n, err
}
