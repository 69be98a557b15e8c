package mailbox

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"tipline/intake"
)

// Times of a mailbox's visits.
const (
	sessionTime  = time.Hour // a connection is renewed, and the whole mailbox listed
	firstPause   = 5 * time.Second
	longestPause = 15 * time.Minute
	loginPause   = time.Minute // after a refused login: some providers lock who asks often
)

// Run looks into the mailbox until ctx ends. What fails is noted, and tried again
// after a pause that grows.
func (p *Poller) Run(ctx context.Context) {
	p.known, p.noted = nil, intake.ChannelState{} // another may have led meanwhile
	for ctx.Err() == nil {
		err := p.session(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			p.failed(ctx, err)
			pause(ctx, p.delay(err))
			continue
		}
		pause(ctx, p.Poll)
	}
}

// session is one connection with as many rounds as it allows.
func (p *Poller) session(ctx context.Context) error {
	if err := p.recall(ctx); err != nil {
		return err
	}
	b, err := p.open(ctx)
	if err != nil {
		p.Secrets = append(p.Secrets[1:], p.Secrets[0]) // the one that is valid may be the next; a server may hang up after the first
		return err
	}
	v := &visit{Poller: p, ctx: ctx, box: b}
	err = v.rounds()
	if closed := b.close(); closed != nil {
		return errors.Join(err, closed)
	}
	if err != nil {
		return err
	}
	return v.forgetSettled()
}

// recall reads what is known of the mailbox, once a term.
func (p *Poller) recall(ctx context.Context) error {
	if p.known != nil {
		return nil
	}
	marks, known, err := p.Memory.MailboxMarks(ctx, p.Name)
	if err != nil {
		return err
	}
	p.known, p.first = make(map[string]intake.MailboxMark, len(marks)), !known
	for _, m := range marks {
		p.known[string(m.ID)] = m
	}
	return nil
}

// failed counts and notes a failure. The log says it when it begins and when its
// cause is another.
func (p *Poller) failed(ctx context.Context, err error) {
	p.failures++
	cause := causeOf(err)
	if p.noted.Cause != cause {
		p.Log.Warn("a mailbox can't be looked into", "mailbox", p.Name, "cause", cause)
		p.noted.Since = p.Now().UTC().Truncate(time.Second)
	}
	p.noted.Cause, p.noted.Failures = cause, p.failures
	p.note(ctx)
}

// worked notes a round without failure. The hour is enough: with IDLE a round
// tells when a message came.
func (p *Poller) worked(ctx context.Context) {
	hour := p.Now().UTC().Truncate(time.Hour)
	if p.failures == 0 && p.noted.Cause == "" && p.noted.WorkedAt.Equal(hour) && p.noted.Left == len(p.left) {
		return
	}
	if p.noted.Cause != "" {
		p.Log.Info("a mailbox can be looked into again", "mailbox", p.Name)
	}
	p.failures = 0
	p.noted = intake.ChannelState{WorkedAt: hour, Left: len(p.left)}
	p.note(ctx)
}

func (p *Poller) note(ctx context.Context) {
	p.noted.Channel, p.noted.Provider = p.Name, p.Provider
	if err := p.Memory.NoteChannel(ctx, p.noted); err != nil && ctx.Err() == nil {
		p.Log.Warn("a mailbox's state wasn't noted", "mailbox", p.Name, "error", err)
	}
}

// delay is how long to wait after a failure: twice as long each time, with jitter
// so that several mailboxes at one provider don't come together.
func (p *Poller) delay(err error) time.Duration {
	var limited *intake.LimitedError
	if errors.As(err, &limited) {
		return limited.RetryAfter
	}
	d := firstPause << min(p.failures-1, 10)
	if errors.Is(err, errLogin) || errors.Is(err, errUnsafe) {
		d = max(d, loginPause)
	}
	d = min(d, longestPause)
	return d/2 + rand.N(d/2)
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
