package mailbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/mail"
)

// office stands in for the service and its memory.
type office struct {
	mu      sync.Mutex
	took    []*intake.Report
	raws    []string
	tags    map[string]bool // of messages filed, as long as the store knows them
	marks   map[string]intake.MailboxMark
	known   bool
	state   intake.ChannelState
	acks    []mail.Ack
	fail    error
	settled func() // is called when a tip is committed
	now     time.Time
}

func newOffice() *office {
	return &office{tags: map[string]bool{}, marks: map[string]intake.MailboxMark{}, now: time.Date(2026, 11, 24, 2, 30, 0, 0, time.UTC)}
}

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) submit(_ context.Context, r *intake.Report) (intake.Filed, error) {
	var raw bytes.Buffer
	src := io.TeeReader(r.Raw, &raw)
	for f, err := range r.Decode(src, r) {
		if err != nil {
			return intake.Filed{}, err
		}
		if _, err := io.Copy(io.Discard, f.Body); err != nil {
			return intake.Filed{}, err
		}
	}
	if _, err := io.Copy(io.Discard, src); err != nil {
		return intake.Filed{}, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fail != nil {
		return intake.Filed{}, o.fail
	}
	if o.tags[r.Gateway+r.MessageID] {
		return intake.Filed{Duplicate: true}, nil
	}
	o.tags[r.Gateway+r.MessageID] = true
	o.took, o.raws = append(o.took, r), append(o.raws, raw.String())
	if o.settled != nil {
		o.settled()
	}
	return intake.Filed{ID: fmt.Sprint(len(o.took))}, nil
}

func (o *office) MailboxMarks(context.Context, string) (out []intake.MailboxMark, known bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, m := range o.marks {
		out = append(out, m)
	}
	return out, o.known, nil
}

func (o *office) MarkMailbox(_ context.Context, _ string, marks ...intake.MailboxMark) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, m := range marks {
		o.marks[string(m.ID)] = m
	}
	return nil
}

func (o *office) UnmarkMailbox(_ context.Context, _ string, ids ...[]byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, id := range ids {
		delete(o.marks, string(id))
	}
	return nil
}

func (o *office) NoteChannel(_ context.Context, s intake.ChannelState) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.state, o.known = s, true
	return nil
}

func (o *office) noted() intake.ChannelState {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.state
}

func (o *office) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.took)
}

func (o *office) marked() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.marks)
}

// forgetTips is what fourteen days do to the store's tags.
func (o *office) forgetTips() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.tags)
}

func (o *office) poller(t testing.TB, change func(*Options)) *Poller {
	t.Helper()
	opts := Options{Name: "box", Provider: IMAP, User: "user", Secrets: []string{"code"}, Poll: 20 * time.Millisecond, After: Keep, Folder: "tipline",
		MaxBytes: 1 << 20, Memory: o, Tag: func(text string) []byte { return []byte(text) }, Submit: o.submit,
		Answers: mail.NewAnswers(func(_ context.Context, a mail.Ack) { o.acks = append(o.acks, a) }, o.clock),
		Count:   func(string) {}, Log: slog.New(slog.DiscardHandler), Now: o.clock}
	change(&opts)
	p, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// at sets a poller to a server of the tests.
func (s *imapServer) at(change func(*Options)) func(*Options) {
	return func(o *Options) {
		o.Addr, o.CA = s.addr, s.ca
		if change != nil {
			change(o)
		}
	}
}

// until runs one connection until what is wanted is so, and fails when that takes
// too long.
func until(t testing.TB, p *Poller, what string, so func() bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.session(ctx) }()
	defer func() { cancel(); <-ended }()
	deadline := time.After(2 * time.Minute)
	for !so() {
		select {
		case err := <-ended:
			ended <- err
			if so() {
				return
			}
			t.Fatalf("%s: the connection ended with %v", what, err)
		case <-deadline:
			t.Fatalf("%s: not within its time", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// letter is a message of its own.
func letter(n int) string {
	return strings.ReplaceAll(fmt.Sprintf("Return-Path: <wang@example.org>\nFrom: Wang <wang@example.org>\nMessage-ID: <%d@example.org>\n"+
		"Date: Tue, 24 Nov 2026 02:00:00 +0000\nSubject: letter %d\n\nA house stands on the field, no. %d.\n", n, n, n), "\n", "\r\n")
}
