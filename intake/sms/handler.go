package sms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"tipline/intake"
	"tipline/intake/hookbody"
)

// maxBody is the largest callback; a text with ten pictures' addresses is a few
// kilobytes.
const maxBody = 1 << 20

// together is how many genuine callbacks of a channel are filed at once. In a flood
// more of them would only make each other late, until the gateway gives up waiting
// and doesn't know which were taken; so the others come again.
const together = 128

// What a channel's callbacks may take while they come: nobody knows yet whose they are.
const (
	bodiesRoom = 64 << 20
	bodyTime   = 2 * time.Minute
)

// answerTime is how long filing may take: a gateway that waits for fifteen seconds shall hear that
// its messages weren't stored, and bring them again, instead of nothing.
const answerTime = 10 * time.Second

type handler struct {
	channel  Channel
	provider provider
	acks     bool
	gets     bool
	looks    bool
	bodies   *hookbody.Room
	room     chan struct{}
	Options
}

// ServeHTTP takes one callback.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.looks && r.Method == http.MethodGet && r.URL.RawQuery == "" {
		h.say(w, "")
		return
	}
	ack, err := h.receive(w, r)
	if err != nil {
		o := outcomeOf(err)
		h.logRefusal(r.Context(), o, err)
		h.refuse(w, err, o)
		return
	}
	h.say(w, ack)
}

// say answers with success.
func (h *handler) say(w http.ResponseWriter, ack string) {
	a := h.provider.answer(ack)
	w.Header().Set("Content-Type", a.contentType)
	if a.status != 0 {
		w.WriteHeader(a.status)
	}
	_, _ = io.WriteString(w, a.body) // the tips are durable; who hung up asks again
}

// receive files every message of a callback and returns the acknowledgement to
// answer with.
func (h *handler) receive(w http.ResponseWriter, r *http.Request) (ack string, err error) {
	body, done, err := h.genuine(w, r)
	defer done()
	if err != nil {
		h.Count(outcomeOf(err).name)
		return "", err
	}
	select {
	case h.room <- struct{}{}:
		defer func() { <-h.room }()
	default:
		h.Count(outcomeOf(errBusy).name)
		return "", errBusy
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerTime)
	defer cancel()
	messages := h.provider.decode(r, body)
	if len(messages) == 0 {
		h.Count(intake.BecameIgnored)
	}
	var failed []error
	for _, m := range messages {
		filed, err := h.file(ctx, m)
		if err != nil {
			failed = append(failed, err)
			continue // its neighbours are kept; a redelivery finds them again
		}
		text := h.ack(m, filed)
		if h.acks {
			ack = text
		} else if text != "" {
			h.Tell(Told{To: intake.Number(m.from), Text: text, Lang: h.channel.Lang, State: filed.State, On: filed.ReceivedOn})
		}
	}
	return ack, errors.Join(failed...)
}

// genuine returns what the gateway sent, and only if it was the gateway: the
// body, or the query of a GET. A GET puts texts and numbers into every proxy's
// log, so none is taken unless the channel can't do otherwise. done is called once the
// body is needed no more.
func (h *handler) genuine(w http.ResponseWriter, r *http.Request) (body []byte, done func(), err error) {
	done = func() {}
	if r.Method != http.MethodPost && !(h.gets && r.Method == http.MethodGet) {
		return nil, done, errMethod
	}
	if !h.allowed(r) {
		return nil, done, errAddress
	}
	if r.Method == http.MethodGet {
		body = []byte(r.URL.RawQuery)
	} else if body, done, err = h.bodies.Read(w, r); err != nil {
		return nil, done, unread(err)
	}
	return body, done, h.provider.verify(r, body)
}

// unread is why a callback's body isn't here.
func unread(err error) error {
	_, big := errors.AsType[*http.MaxBytesError](err)
	switch {
	case big:
		return errTooBig
	case errors.Is(err, hookbody.ErrFull), errors.Is(err, hookbody.ErrSlow):
		return errBusy
	default:
		return errBroken
	}
}

func (h *handler) allowed(r *http.Request) bool {
	peer := h.Peer(r).Unmap()
	for _, p := range h.channel.Allow {
		if p.Contains(peer) {
			return true
		}
	}
	return len(h.channel.Allow) == 0
}

// file submits one message and counts what became of it.
func (h *handler) file(ctx context.Context, m message) (intake.Filed, error) {
	report := h.report(m)
	filed, err := h.Submit(ctx, report)
	if errors.Is(err, intake.ErrInvalid) {
		report = h.report(message{id: m.id, from: m.from, raw: m.raw, unparsed: true})
		filed, err = h.Submit(ctx, report) // the sender can't mend it: kept bare
	}
	if err != nil {
		o := outcomeOf(err)
		h.Count(o.name)
		if !errors.Is(err, o.err) {
			err = fmt.Errorf("%w: %w", intake.ErrNotDurable, err)
		}
		return filed, err
	}
	h.Count(filed.Became(report))
	return filed, nil
}

// ack words the acknowledgement, "" for none. It is given at most once: a
// redelivery has had its own. It never repeats the text. Where it is a message of its
// own, a further text and a held one have none: in a conversation of robots, or a flood of forged
// senders, we would join in.
func (h *handler) ack(m message, filed intake.Filed) string {
	silent := filed.Duplicate || filed.Waiting || filed.DoNotContact || m.unparsed || !intake.Dialable(m.from)
	if !h.acks {
		silent = silent || h.Tell == nil || filed.Joined || filed.Held
	}
	switch {
	case h.channel.Ack == AckNone || silent:
		return ""
	case filed.Asked == intake.AskedState:
		return h.state(filed)
	case h.channel.Ack == AckReceipt && !filed.Receipt.IsZero():
		return h.Text(h.channel.Lang, "sms.ack.receipt", "receipt", filed.Receipt.Grouped())
	default:
		return h.Text(h.channel.Lang, "sms.ack.neutral")
	}
}

// state words where a tip stands, and nothing of what it says.
func (h *handler) state(filed intake.Filed) string {
	if filed.State == "" {
		return h.Text(h.channel.Lang, "sms.state.none")
	}
	return h.Text(h.channel.Lang, "sms.state", "on", string(filed.ReceivedOn), "state", h.Text(h.channel.Lang, "state."+string(filed.State)))
}

// logRefusal says which channel and why, never the address called: it may hold
// the key.
func (h *handler) logRefusal(ctx context.Context, o outcome, err error) {
	attrs := []slog.Attr{slog.String("channel", h.channel.Name), slog.String("outcome", o.name)}
	level := slog.LevelInfo
	if o.err == intake.ErrNotDurable { // anything else may be a stranger's doing
		level = slog.LevelError
		attrs = append(attrs, slog.Any("error", err))
	}
	h.Log.LogAttrs(ctx, level, "sms callback refused", attrs...)
}
