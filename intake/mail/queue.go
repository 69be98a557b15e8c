package mail

import (
	"net"
	"net/netip"
	"sync"
)

// publicAddr is the peer's address, when it is one of the public network.
func publicAddr(a net.Addr) (netip.Addr, bool) {
	if a == nil {
		return netip.Addr{}, false
	}
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Addr{}, false
	}
	ip := ap.Addr().Unmap().WithZone("")
	return ip, !inside(ip)
}

// inside says whether an address is no public one: relays of the office's own aren't counted apart.
func inside(ip netip.Addr) bool { return !ip.IsGlobalUnicast() || ip.IsPrivate() }

// queueListener hands the library the connections that we accepted.
type queueListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
	addr  net.Addr
}

// Accept waits for the next connection.
func (l *queueListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (l *queueListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

// Addr is the real listener's.
func (l *queueListener) Addr() net.Addr { return l.addr }
