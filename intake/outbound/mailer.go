// Package outbound sends what leaves the office by mail: acknowledgements and
// notices to members. Nothing it sends holds a word of a report.
//
// Letters are sent from memory, after the tip is durable and at most once: what
// a crash or a full queue loses stays lost, because a second acknowledgement to
// a family's shared mailbox does more harm than none.
package outbound

import (
	"context"
	"fmt"
	"log/slog"
	"net/mail"
	"time"
)

// How the mailer works.
const (
	queueSize   = 256
	sendTime    = 30 * time.Second
	noticeEvery = 5 * time.Minute
)

// Options are what a [Mailer] works with.
type Options struct {
	Relay  string // smtp[s]://[user:password@]host[:port]; "" sends nothing
	From   string // shown as the sender, and the return path where a relay refuses <>
	Domain string // of message ids and the greeting
	Log    *slog.Logger
	Drop   func() // is told of each letter that was not sent
	Now    func() time.Time

	Members []string // who gets notices
	Notice  Letter   // what they get; To is ignored
}

// Letter is one mail. It holds an address and prints as "[letter]".
type Letter struct {
	To, Subject, Text string
	// ReplyTo is where an answer is expected (RFC 3834 §3.1.2), "" for nowhere.
	ReplyTo string
	// InReplyTo and References thread an acknowledgement (RFC 5322 §3.6.4).
	InReplyTo, References string
	// MessageID is the letter's own, with its brackets; "" makes one up.
	MessageID string
}

// String keeps a letter out of logs and error texts.
func (Letter) String() string { return "[letter]" }

// LogValue keeps a letter out of structured logs.
func (Letter) LogValue() slog.Value { return slog.StringValue("[letter]") }

// Mailer sends letters through one relay. Run owns its goroutine.
type Mailer struct {
	Options
	relay   *relay // nil: nothing is sent
	letters chan Letter
	tips    chan struct{}
}

// NewMailer reads the relay's address; it doesn't connect yet.
func NewMailer(o Options) (*Mailer, error) {
	m := &Mailer{Options: o, letters: make(chan Letter, queueSize), tips: make(chan struct{}, 1)}
	if o.Relay == "" {
		return m, nil
	}
	if o.From == "" {
		m.From = "no-reply@" + o.Domain
	}
	from, err := mail.ParseAddress(m.From)
	if err != nil {
		return nil, fmt.Errorf("smtp.from: it must be a mail address")
	}
	m.From = from.Address
	m.relay, err = newRelay(o.Relay, o.Domain)
	return m, err
}

// Acknowledge queues an automatic answer; it never blocks.
func (m *Mailer) Acknowledge(l Letter) {
	if m.relay == nil || l.To == "" {
		return
	}
	select {
	case m.letters <- l:
	default:
		m.Drop()
	}
}

// TipArrived tells the members, without content, that there is a new tip: at most
// every five minutes. It never blocks.
func (m *Mailer) TipArrived() {
	if m.relay == nil || len(m.Members) == 0 {
		return
	}
	select {
	case m.tips <- struct{}{}:
	default: // one is announced already
	}
}

// Run sends until ctx ends, then what is queued, within its time.
func (m *Mailer) Run(ctx context.Context) error {
	notice := time.NewTimer(0)
	defer notice.Stop()
	free := false // a notice may go out
	for {
		tips := m.tips
		if !free {
			tips = nil
		}
		select {
		case <-ctx.Done():
			m.finish(ctx)
			return nil
		case l := <-m.letters:
			m.send(ctx, l, true)
		case <-notice.C:
			free = true
		case <-tips:
			m.notify(ctx)
			free = false
			notice.Reset(noticeEvery)
		}
	}
}

func (m *Mailer) notify(ctx context.Context) {
	for _, to := range m.Members {
		l := m.Notice
		l.To = to
		m.send(ctx, l, false)
	}
}

// finish sends what is left; the rest is counted as dropped.
func (m *Mailer) finish(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTime/3)
	defer cancel()
	for {
		select {
		case l := <-m.letters:
			if ctx.Err() != nil {
				m.Drop()
				continue
			}
			m.send(ctx, l, true)
		default:
			return
		}
	}
}

// send tries once. The log says that a letter was lost, not whose.
func (m *Mailer) send(ctx context.Context, l Letter, automatic bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTime)
	defer cancel()
	if err := m.relay.send(ctx, m.From, l, automatic); err != nil {
		m.Drop()
		m.Log.Warn("a mail could not be handed to the relay", "cause", plain(err))
	}
}
