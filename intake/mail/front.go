package mail

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// maxCommand is the longest command line. RFC 5321 §4.5.3.1.4 asks for 512
// octets, extensions for more.
const maxCommand = 4096

// front stands between the network and the library's SMTP engine. It hands the
// engine one command line at a time, so that it knows where a message begins
// and ends, and there it checks what the engine doesn't: bare CR, bare LF round
// a dot, the size as advertised, time. STARTTLS is done here too, because the
// engine would wrap this connection in TLS and leave it blind.
type front struct {
	net.Conn
	run   *run
	in    *bufio.Reader
	leave func()
	tls   bool
	mute  bool // the engine's next greeting isn't sent

	rest  []byte   // of a command line
	chunk int64    // bytes of a BDAT chunk to come
	data  *dataEnd // while DATA runs
	last  *dataEnd // the DATA that ended; nil for BDAT

	mu       sync.Mutex
	busy     bool // a transaction is open
	begun    time.Time
	stopping bool
	handed   bool // another front has the connection
	closed   bool
}

func newFront(r *run, c net.Conn, leave func()) *front {
	return &front{Conn: c, run: r, in: bufio.NewReaderSize(c, 32<<10), leave: leave}
}

// Read gives the engine what it may see next.
func (f *front) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(f.rest) == 0 && f.chunk == 0 && f.data == nil {
		if err := f.command(); err != nil {
			return 0, err
		}
	}
	switch {
	case len(f.rest) > 0:
		return f.readRest(p), nil
	case f.data != nil:
		return f.readData(p)
	default:
		return f.readChunk(p)
	}
}

// command reads the next command line whole. Behind a message whose end is doubtful there is none: the engine
// takes leave with 421.
func (f *front) command() error {
	if f.last != nil && f.last.doubtful {
		return os.ErrDeadlineExceeded
	}
	if err := f.await(); err != nil {
		return err
	}
	line, err := f.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) || len(line) > maxCommand {
		return smtp.ErrTooLongLine
	}
	if err != nil {
		return err
	}
	verb := strings.ToUpper(string(line[:min(len(line), 8)]))
	if strings.HasPrefix(verb, "STARTTLS") && f.offersTLS() && !f.inTransaction() {
		return f.upgrade()
	}
	if strings.HasPrefix(verb, "BDAT ") {
		f.chunk, f.last = chunkSize(string(line[5:])), nil
	}
	f.rest = namePostmaster(line, f.run.s.opts.Domain)
	return nil
}

// chunkSize is the size the engine will read after a BDAT command (RFC 3030).
func chunkSize(args string) int64 {
	fields := strings.Fields(args)
	if len(fields) == 0 || len(fields) > 2 {
		return 0
	}
	n, err := strconv.ParseUint(fields[0], 10, 32)
	if err != nil || len(fields) == 2 && !strings.EqualFold(fields[1], "LAST") {
		return 0
	}
	return int64(n)
}

// readChunk: the engine takes a plain EOF for the end of the chunk, and half a message
// for a whole one.
func (f *front) readChunk(p []byte) (int, error) {
	if err := f.await(); err != nil {
		return 0, err
	}
	n, err := f.in.Read(p[:min(int64(len(p)), f.chunk)])
	f.chunk -= int64(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// await sets the deadline for what the peer sends next.
func (f *front) await() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	deadline := now.Add(f.run.s.opts.IdleTimeout)
	if f.busy {
		if end := f.begun.Add(f.run.s.opts.TransferTimeout); end.Before(deadline) {
			deadline = end
		}
	} else if f.stopping {
		return os.ErrDeadlineExceeded
	}
	return f.Conn.SetReadDeadline(deadline)
}

// setBusy tells that a transaction is open, or over.
func (f *front) setBusy(busy bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if busy && !f.busy {
		f.begun = time.Now()
	}
	f.busy = busy
}

func (f *front) inTransaction() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.busy
}

// stop ends the connection as soon as no transaction is open: the engine's read
// times out, and it says 421.
func (f *front) stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopping = true
	if !f.busy {
		_ = f.Conn.SetReadDeadline(time.Unix(1, 0))
	}
}

// Write sends a reply, one line a call, and sets right what the engine says
// about SIZE and STARTTLS.
func (f *front) Write(p []byte) (int, error) {
	if f.mute {
		f.mute = false
		return len(p), nil
	}
	line := p
	switch {
	case bytes.HasPrefix(p, []byte("354 ")):
		f.data = newDataEnd()
	case bytes.Equal(p, []byte("250-SIZE\r\n")):
		line = fmt.Appendf(nil, "250-SIZE %d\r\n", f.run.s.opts.MaxBytes)
	case bytes.Equal(p, []byte("250-PIPELINING\r\n")) && f.offersTLS():
		line = append(bytes.Clone(p), "250-STARTTLS\r\n"...)
	}
	if _, err := f.Conn.Write(line); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (f *front) offersTLS() bool { return f.run.s.opts.TLS != nil && !f.tls }

// upgrade runs the handshake and begins anew over TLS: everything said in clear
// is forgotten (RFC 3207 §4.2), also what was sent ahead of the handshake.
func (f *front) upgrade() error {
	if _, err := f.Conn.Write([]byte("220 2.0.0 Ready to start TLS\r\n")); err != nil {
		return err
	}
	if f.in.Buffered() > 0 {
		return io.EOF
	}
	c := tls.Server(f.Conn, f.run.s.opts.TLS)
	_ = c.SetDeadline(time.Now().Add(f.run.s.opts.WriteTimeout))
	if err := c.HandshakeContext(f.run.ctx); err != nil {
		return io.EOF
	}
	next := newFront(f.run, c, f.leave)
	next.tls, next.mute = true, true
	f.mu.Lock()
	f.handed = true
	f.mu.Unlock()
	f.run.enqueue(next)
	return io.EOF
}

// Close ends the connection, unless another front has it.
func (f *front) Close() error {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return net.ErrClosed
	}
	f.closed = true
	handed := f.handed
	f.mu.Unlock()
	defer f.run.forget(f)
	if handed {
		return nil
	}
	defer f.leave()
	return f.Conn.Close()
}

// badLines says whether the last DATA broke the rules on line ends.
func (f *front) badLines() bool { return f.last != nil && f.last.bad }
