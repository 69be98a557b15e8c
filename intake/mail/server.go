package mail

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"tipline/intake"
	"tipline/intake/crowd"
)

// Options are what a [Server] works with. Submit, Recipients and Domain are
// needed; the zero value of everything else has a default.
type Options struct {
	// Addr is the address [Server.ListenAndServe] listens on.
	Addr string
	// Domain is the name the server greets with.
	Domain string
	// Recipients are the addresses mail is taken for, besides the postmaster's; all others get 550.
	Recipients []string
	// Aliases are further addresses of ours, whose mail is redirected here: a message that
	// names one is acknowledged as well. Nothing is taken for them.
	Aliases []string
	// MaxBytes is the largest message, 35 MiB by default. It is what SIZE says.
	MaxBytes int64
	// LMTP speaks RFC 2033 instead of SMTP.
	LMTP bool
	// TLS offers STARTTLS when it is given.
	TLS *tls.Config

	// Submit takes one report, as [intake.Service.Submit] does.
	Submit func(ctx context.Context, r *intake.Report) (intake.Filed, error)
	// Answers is told of each message after its commit; nil answers none.
	Answers *Answers
	// Origin makes the comparable form of a public peer address; nil counts none.
	Origin func(netip.Addr) string
	// Senders checks where messages come from; nil checks nothing.
	Senders *Senders
	// Count is told how each transaction ended, one of the Outcome codes
	// or of package intake.
	Count func(outcome string)
	// Log gets what an operator should know, never a person's data.
	Log *slog.Logger

	MaxConns        int           // connections at a time, 100
	MaxConnsPerPeer int           // of one public address or IPv6 /64, 20
	MaxRecipients   int           // of one message, 100 (RFC 5321 §4.5.3.1.8)
	IdleTimeout     time.Duration // for the next command or block, 5 min (RFC 5321 §4.5.3.2.7)
	WriteTimeout    time.Duration // for one reply, 1 min
	TransferTimeout time.Duration // for one whole message, 30 min
	Grace           time.Duration // for running transactions at shutdown, 30 s
}

// Outcomes of connections and transactions that were turned away, for
// [Options.Count]; what was taken is told as [intake.Filed.Became] names it.
const (
	OutcomeLimited    = "limited"
	OutcomeTooLarge   = "too_large"
	OutcomeNotDurable = "not_durable"
	OutcomeBroken     = "broken"     // the sender broke off
	OutcomeLineEnds   = "line_ends"  // bare CR, or bare LF round a dot
	OutcomePanic      = "panic"      // a fault of ours
	OutcomeBusy       = "busy"       // turned away at the door
	OutcomeNoMailbox  = "no_mailbox" // unknown recipient
)

// Server takes mail for a few addresses and relays nothing.
type Server struct {
	opts       Options
	recipients recipients
	own        []string
	gate       *crowd.Gate
}

// NewServer is a server over opts.
func NewServer(opts Options) *Server {
	opts = opts.withDefaults()
	return &Server{opts: opts, recipients: newRecipients(withPostmasters(opts.Recipients, opts.Domain)), own: slices.Concat(opts.Recipients, opts.Aliases), gate: crowd.New(opts.MaxConns, opts.MaxConnsPerPeer, inside)}
}

func (o Options) withDefaults() Options {
	setDefault(&o.MaxBytes, 35<<20)
	setDefault(&o.MaxConns, 100)
	setDefault(&o.MaxConnsPerPeer, 20)
	setDefault(&o.MaxRecipients, 100)
	setDefault(&o.IdleTimeout, 5*time.Minute)
	setDefault(&o.WriteTimeout, time.Minute)
	setDefault(&o.TransferTimeout, 30*time.Minute)
	setDefault(&o.Grace, 30*time.Second)
	setDefault(&o.Domain, "localhost")
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Count == nil {
		o.Count = func(string) {}
	}
	return o
}

func setDefault[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}

// ListenAndServe listens on [Options.Addr] and serves until ctx ends.
func (s *Server) ListenAndServe(ctx context.Context) error {
	l, err := net.Listen("tcp", s.opts.Addr)
	if err != nil {
		return err
	}
	return s.Serve(ctx, l)
}

// Serve takes connections from l until ctx ends. Then nobody new is let in, idle
// connections are told to come back, and running transactions have
// [Options.Grace] to finish. It returns nil after such an end, and the
// listener's error otherwise.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	run := &run{s: s, ctx: base, fronts: map[*front]struct{}{}}
	run.inner = &queueListener{conns: make(chan net.Conn), done: make(chan struct{}), addr: l.Addr()}
	run.lib = run.protocol()

	var tasks sync.WaitGroup
	tasks.Go(func() { _ = run.lib.Serve(run.inner) })
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	err := run.accept(l)
	_ = l.Close()
	run.shutdown(cancel)
	tasks.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return err
}
