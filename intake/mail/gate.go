package mail

import (
	"net"
	"net/netip"
	"slices"
	"sync"
)

// networkBits is how much of an IPv6 address anybody may have for themselves, as many /64 as it has room for.
const networkBits = 48

// gate counts connections in all and by peer. When all places are taken, one of the network that has
// most is given to who has fewer: a handful of addresses that connect and say nothing keep nobody out.
type gate struct {
	max, maxPeer int

	mu     sync.Mutex
	total  int
	places map[netip.Prefix][]*place // by network, the first to come first; the zero Prefix is the office's own
}

// place is one connection's.
type place struct {
	peer, network netip.Prefix // the zero Prefix for the office's own relays, which aren't counted apart
	end           func()
}

func newGate(total, perPeer int) *gate {
	return &gate{max: total, maxPeer: perPeer, places: map[netip.Prefix][]*place{}}
}

// enter lets a connection in, which end breaks off when it has to make way; leave is to be called at
// its end.
func (g *gate) enter(a net.Addr, end func()) (leave func(), ok bool) {
	p := placeOf(a)
	p.end = end
	g.mu.Lock()
	defer g.mu.Unlock()
	if p.peer.IsValid() && g.of(p.peer, p.network) >= g.maxPeer || g.total >= g.max && !g.makeWay(p) {
		return nil, false
	}
	g.total++
	g.places[p.network] = append(g.places[p.network], p)
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.remove(p)
	}, true
}

// of is how many connections a peer has.
func (g *gate) of(peer, network netip.Prefix) (n int) {
	for _, p := range g.places[network] {
		if p.peer == peer {
			n++
		}
	}
	return n
}

// makeWay ends the oldest connection of the network that has most, if it has more than the newcomer's
// will have.
func (g *gate) makeWay(newcomer *place) bool {
	var most []*place
	for network, places := range g.places {
		if network.IsValid() && len(places) > len(most) {
			most = places
		}
	}
	mine := 0
	if newcomer.network.IsValid() {
		mine = len(g.places[newcomer.network])
	}
	if len(most) <= mine+1 {
		return false
	}
	most[0].end()
	g.remove(most[0])
	return true
}

// remove is harmless for one that is gone.
func (g *gate) remove(p *place) {
	at := slices.Index(g.places[p.network], p)
	if at < 0 {
		return
	}
	g.total--
	if g.places[p.network] = slices.Delete(g.places[p.network], at, at+1); len(g.places[p.network]) == 0 {
		delete(g.places, p.network)
	}
}

// placeOf is for a peer's IPv4 address or IPv6 /64.
func placeOf(a net.Addr) *place {
	ip, public := publicAddr(a)
	if !public {
		return &place{}
	}
	peer, network := 32, 32
	if ip.Is6() {
		peer, network = 64, networkBits
	}
	return &place{peer: netip.PrefixFrom(ip, peer).Masked(), network: netip.PrefixFrom(ip, network).Masked()}
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
