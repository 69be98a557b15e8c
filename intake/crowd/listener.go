package crowd

import (
	"net"
	"sync"
)

// Listener is ln with a gate before it. Who isn't let in is hung up on.
func Listener(ln net.Listener, g *Gate) net.Listener { return &listener{ln, g} }

type listener struct {
	net.Listener
	gate *Gate
}

// Accept waits for the next connection that is let in.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		leave, ok := l.gate.Enter(c.RemoteAddr(), func() { _ = c.Close() })
		if ok {
			return &conn{Conn: c, leave: sync.OnceFunc(leave)}, nil
		}
		_ = c.Close()
	}
}

// conn leaves when it is closed.
type conn struct {
	net.Conn
	leave func()
}

// Close ends the connection and gives its place back.
func (c *conn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
