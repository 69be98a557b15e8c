package mail

import (
	"net"
	"net/netip"
	"sync"
)

// gate counts connections in all and by peer.
type gate struct {
	max, maxPeer int

	mu    sync.Mutex
	total int
	peers map[netip.Prefix]int
}

func newGate(total, perPeer int) *gate {
	return &gate{max: total, maxPeer: perPeer, peers: map[netip.Prefix]int{}}
}

// enter lets a connection in; leave is to be called once at its end.
func (g *gate) enter(a net.Addr) (leave func(), ok bool) {
	peer, public := peerPrefix(a)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.total >= g.max || public && g.peers[peer] >= g.maxPeer {
		return nil, false
	}
	g.total++
	if public {
		g.peers[peer]++
	}
	return func() { g.leave(peer, public) }, true
}

func (g *gate) leave(peer netip.Prefix, public bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.total--
	if !public {
		return
	}
	if g.peers[peer]--; g.peers[peer] <= 0 {
		delete(g.peers, peer)
	}
}

// peerPrefix is the peer's IPv4 address or IPv6 /64. Local and private peers
// are relays of the office's own and aren't counted apart.
func peerPrefix(a net.Addr) (netip.Prefix, bool) {
	ip, public := publicAddr(a)
	if !public {
		return netip.Prefix{}, false
	}
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	p, err := ip.Prefix(bits)
	return p, err == nil
}

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
	return ip, ip.IsGlobalUnicast() && !ip.IsPrivate()
}

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
