// Package crowd is the door of a listener: how many connections there may be, and whose, so that who connects
// and says nothing keeps nobody else out.
package crowd

import (
	"net"
	"net/netip"
	"slices"
	"sync"
)

// networkBits is how much of an IPv6 address anybody may have for themselves, as many /64 as it has room for.
const networkBits = 48

// Gate counts connections in all and by peer. When all places are taken, one of the network that has
// most is given to who has fewer: a handful of addresses that connect and say nothing keep nobody out.
//
// It is safe for concurrent use.
type Gate struct {
	all, ofPeer int
	own         func(netip.Addr) bool

	mu     sync.Mutex
	total  int
	places map[netip.Prefix][]*place // by network, the first to come first; the zero Prefix is for the office's own
}

// place is one connection's.
type place struct {
	peer, network netip.Prefix // the zero Prefix for the office's own
	end           func()
}

// New is a gate with places for all connections, of which a peer (an IPv4 address or IPv6 /64) has at most
// ofPeer; 0 is as many as there are. The office's own peers, relays and proxies, aren't counted apart.
func New(all, ofPeer int, own func(netip.Addr) bool) *Gate {
	return &Gate{all: all, ofPeer: ofPeer, own: own, places: map[netip.Prefix][]*place{}}
}

// Enter lets a connection in, which end breaks off when it has to make way; leave is to be called at
// its end.
func (g *Gate) Enter(a net.Addr, end func()) (leave func(), ok bool) {
	p := g.place(a, end)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ofPeer > 0 && p.peer.IsValid() && g.of(p.peer, p.network) >= g.ofPeer || g.total >= g.all && !g.makeWay(p) {
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
func (g *Gate) of(peer, network netip.Prefix) (n int) {
	for _, p := range g.places[network] {
		if p.peer == peer {
			n++
		}
	}
	return n
}

// makeWay ends the oldest connection of the network that has most, if it has more than the newcomer's
// will have.
func (g *Gate) makeWay(newcomer *place) bool {
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
func (g *Gate) remove(p *place) {
	at := slices.Index(g.places[p.network], p)
	if at < 0 {
		return
	}
	g.total--
	if g.places[p.network] = slices.Delete(g.places[p.network], at, at+1); len(g.places[p.network]) == 0 {
		delete(g.places, p.network)
	}
}

// place is one for a peer's IPv4 address or IPv6 /64.
func (g *Gate) place(a net.Addr, end func()) *place {
	ip := address(a)
	if !ip.IsValid() || g.own(ip) {
		return &place{end: end}
	}
	peer, network := 32, 32
	if ip.Is6() {
		peer, network = 64, networkBits
	}
	return &place{peer: netip.PrefixFrom(ip, peer).Masked(), network: netip.PrefixFrom(ip, network).Masked(), end: end}
}

// address is the zero Addr for what isn't one.
func address(a net.Addr) netip.Addr {
	if a == nil {
		return netip.Addr{}
	}
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}
