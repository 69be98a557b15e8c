package mail

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// run is one Serve: its connections and the library's engine over them.
type run struct {
	s     *Server
	ctx   context.Context
	lib   *smtp.Server
	inner *queueListener

	mu      sync.Mutex
	fronts  map[*front]struct{}
	stopped bool
	active  sync.WaitGroup // connections and transactions
}

// protocol sets the engine up. Sizes, deadlines, line lengths and STARTTLS are
// the front's: see front.go.
func (r *run) protocol() *smtp.Server {
	lib := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{run: r, s: r.s, conn: c.Conn().(*front), greeted: c}, nil
	}))
	lib.Domain = r.s.opts.Domain
	lib.LMTP = r.s.opts.LMTP
	lib.MaxRecipients = r.s.opts.MaxRecipients
	lib.MaxLineLength = 0
	lib.WriteTimeout = r.s.opts.WriteTimeout
	lib.EnableSMTPUTF8 = true
	lib.ErrorLog = quiet{r.s.opts.Log}
	return lib
}

func (r *run) accept(l net.Listener) error {
	for {
		c, err := l.Accept()
		if err != nil {
			var temporary interface{ Temporary() bool }
			if errors.As(err, &temporary) && temporary.Temporary() && r.ctx.Err() == nil {
				select {
				case <-time.After(50 * time.Millisecond): // out of descriptors, most likely
					continue
				case <-r.ctx.Done():
				}
			}
			return err
		}
		r.admit(c)
	}
}

func (r *run) admit(c net.Conn) {
	leave, ok := r.s.gate.Enter(c.RemoteAddr(), func() {
		r.s.opts.Count(OutcomeBusy)
		_ = c.Close()
	})
	if !ok {
		r.s.opts.Count(OutcomeBusy)
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = c.Write([]byte("421 4.3.2 Too many connections, try again later\r\n"))
		_ = c.Close()
		return
	}
	r.enqueue(newFront(r, c, leave))
}

// enqueue hands a connection to the library's engine.
func (r *run) enqueue(f *front) {
	r.mu.Lock()
	r.fronts[f] = struct{}{}
	if r.stopped {
		f.stop()
	}
	r.active.Add(1)
	r.mu.Unlock()
	select {
	case r.inner.conns <- f:
	case <-r.inner.done:
		_ = f.Close()
	}
}

func (r *run) forget(f *front) {
	r.mu.Lock()
	delete(r.fronts, f)
	r.mu.Unlock()
	r.active.Done()
}

// shutdown lets running transactions finish within the grace, then cuts them.
func (r *run) shutdown(cancel context.CancelFunc) {
	r.each(func(f *front) { f.stop() })
	finished := make(chan struct{})
	go func() { r.active.Wait(); close(finished) }()
	select {
	case <-finished:
	case <-time.After(r.s.opts.Grace):
		cancel()
		r.each(func(f *front) { _ = f.Close() })
		<-finished
	}
	_ = r.lib.Close()
}

func (r *run) each(do func(*front)) {
	r.mu.Lock()
	r.stopped = true
	fronts := make([]*front, 0, len(r.fronts))
	for f := range r.fronts {
		fronts = append(fronts, f)
	}
	r.mu.Unlock()
	for _, f := range fronts {
		do(f)
	}
}

// quiet takes the library's log lines without their arguments, which hold peer
// addresses and whatever a panic said.
type quiet struct{ log *slog.Logger }

func (q quiet) Printf(format string, _ ...any) { q.log.Warn("smtp engine", "message", format) }
func (q quiet) Println(...any)                 { q.log.Warn("smtp engine") }
