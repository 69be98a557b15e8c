package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"
)

// How long a server may take.
const (
	dialTime     = 30 * time.Second
	answerTime   = time.Minute      // for the next bytes of an answer
	turnTime     = 5 * time.Minute  // for a whole answer
	transferTime = 30 * time.Minute // for one whole message
)

// ahead is how many bytes a server may say of which nothing was made yet: a library would keep a line in
// memory for as long as it goes on.
const ahead = 1 << 20

// maxListed is how many messages of a mailbox are looked through.
const maxListed = 300_000

// line is a connection on which no wait and no answer is without an end. Whoever speaks over it
// may ask for no deadlines of their own: a pause between two commands has one too.
type line struct {
	net.Conn
	mu      sync.Mutex
	patient time.Duration
	until   time.Time
	left    int64 // bytes that may come ahead of what is made of them
	ended   error // why it was read no further, which a library may not pass on
	stop    func() bool
}

// dial is a connection to the server. It breaks when ctx ends.
func (p *Poller) dial(ctx context.Context, protocol string) (*line, error) {
	c, err := p.connect(ctx, protocol)
	if err != nil {
		return nil, err
	}
	return newLine(ctx, c), nil
}

func newLine(ctx context.Context, c net.Conn) *line {
	l := &line{Conn: c}
	l.turn(answerTime, turnTime)
	l.stop = context.AfterFunc(ctx, func() { _ = c.Close() })
	return l
}

// byTLS connects to the server.
func (o *Options) byTLS(ctx context.Context, protocol string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(o.Addr)
	if err != nil {
		return nil, err
	}
	d := tls.Dialer{NetDialer: &net.Dialer{Timeout: dialTime},
		Config: &tls.Config{ServerName: host, RootCAs: o.CA, MinVersion: tls.VersionTLS12, NextProtos: []string{protocol}}}
	dialing, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	return d.DialContext(dialing, "tcp", o.Addr)
}

// turn begins an exchange: from now on the server may be silent for so long, and take so long altogether.
func (l *line) turn(silent, whole time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.patient, l.until, l.left = silent, time.Now().Add(whole), ahead
	_ = l.Conn.SetReadDeadline(l.deadline()) // for a read that has begun
}

// deadline is the end of the next read's wait.
func (l *line) deadline() time.Time {
	if d := time.Now().Add(l.patient); d.Before(l.until) {
		return d
	}
	return l.until
}

// used says that something was made of n bytes: as many more may come.
func (l *line) used(n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left = min(l.left+n, ahead)
}

// Read waits no longer, and takes no more, than is allowed.
func (l *line) Read(p []byte) (int, error) {
	left, err := l.begin()
	if err != nil {
		return 0, err
	}
	n, err := 0, errTalks
	if left > 0 {
		n, err = l.Conn.Read(p[:min(int64(len(p)), left)])
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left, l.ended = l.left-int64(n), err
	return n, err
}

// begin is how much a read may take from now on. Its deadline is set under the lock, so that none
// of a turn before stands over the next one.
func (l *line) begin() (left int64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.left, l.Conn.SetReadDeadline(l.deadline())
}

// broken marks what ended the connection.
func (l *line) broken(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return broken(errors.Join(err, l.ended))
}

// Write waits no longer than an answer may take.
func (l *line) Write(p []byte) (int, error) {
	if err := l.Conn.SetWriteDeadline(time.Now().Add(answerTime)); err != nil {
		return 0, err
	}
	return l.Conn.Write(p)
}

// SetReadDeadline does nothing: a library would lift ours.
func (*line) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing: a library would lift ours.
func (*line) SetWriteDeadline(time.Time) error { return nil }

// SetDeadline does nothing: a library would lift ours.
func (*line) SetDeadline(time.Time) error { return nil }

// Close ends the connection.
func (l *line) Close() error {
	l.stop()
	return l.Conn.Close()
}
