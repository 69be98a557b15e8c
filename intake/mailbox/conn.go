package mailbox

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"
)

// How long a server may take.
const (
	dialTime     = 30 * time.Second
	answerTime   = time.Minute      // for the next bytes of an answer
	transferTime = 30 * time.Minute // for one whole message
)

// line is a connection on which no wait is without an end. Whoever speaks over it
// may ask for no deadlines of their own: a pause between two commands has one too.
type line struct {
	*tls.Conn
	mu      sync.Mutex
	patient time.Duration
	stop    func() bool
}

// dial connects by TLS. The connection breaks when ctx ends.
func (o *Options) dial(ctx context.Context, protocol string) (*line, error) {
	host, _, err := net.SplitHostPort(o.Addr)
	if err != nil {
		return nil, err
	}
	d := tls.Dialer{NetDialer: &net.Dialer{Timeout: dialTime},
		Config: &tls.Config{ServerName: host, RootCAs: o.CA, MinVersion: tls.VersionTLS12, NextProtos: []string{protocol}}}
	dialing, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	c, err := d.DialContext(dialing, "tcp", o.Addr)
	if err != nil {
		return nil, err
	}
	l := &line{Conn: c.(*tls.Conn), patient: answerTime}
	l.stop = context.AfterFunc(ctx, func() { _ = l.Conn.Close() })
	return l, nil
}

// allow sets how long the server may be silent from now on.
func (l *line) allow(d time.Duration) {
	l.mu.Lock()
	l.patient = d
	l.mu.Unlock()
	_ = l.Conn.SetReadDeadline(time.Now().Add(d)) // for a read that has begun
}

// Read waits no longer than is allowed.
func (l *line) Read(p []byte) (int, error) {
	l.mu.Lock()
	d := l.patient
	l.mu.Unlock()
	if err := l.Conn.SetReadDeadline(time.Now().Add(d)); err != nil {
		return 0, err
	}
	return l.Conn.Read(p)
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

// within breaks a connection unless done is called in time.
func within(c net.Conn, d time.Duration) (done func()) {
	t := time.AfterFunc(d, func() { _ = c.Close() })
	return func() { t.Stop() }
}
