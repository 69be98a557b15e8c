package fetch

import (
	"errors"
	"net"
	"net/netip"
	"slices"
)

// closed are the networks that no file is fetched from, beside those that the
// standard library tells: what stands in the IANA special-purpose registries
// (RFC 6890 and its successors) and isn't reachable by everybody.
func closed() []netip.Prefix {
	var out []netip.Prefix
	for _, p := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
	} {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

// own says whether an address is this machine's: a packet to it would come from the very
// same. Nothing is sent: a datagram's socket only asks for the route. The list of
// interfaces would need netlink, which the systemd units shut.
func own(ip netip.Addr) (bool, error) {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(ip, 9)))
	if err != nil {
		return false, err
	}
	from, err := netip.ParseAddrPort(conn.LocalAddr().String())
	return from.Addr().Unmap() == ip, errors.Join(err, conn.Close())
}

// mine says whether an address is this machine's own and no network names it alone. A
// public address is told so too: behind it may be what listens to nobody else.
func (f *Fetcher) mine(ip netip.Addr) (bool, error) {
	if slices.Contains(f.Networks, netip.PrefixFrom(ip, ip.BitLen())) {
		return false, nil
	}
	return f.Own(ip)
}

// reachable says whether a file may be fetched from an address: it is everybody's, or
// in a network that the office named. An address of IPv4 in the clothes of IPv6 is
// taken for what it is.
func (f *Fetcher) reachable(ip netip.Addr) bool {
	if ip.Zone() != "" {
		return false
	}
	ip = ip.Unmap()
	if slices.ContainsFunc(f.Networks, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return true
	}
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	return !slices.ContainsFunc(f.closed, func(p netip.Prefix) bool { return p.Contains(ip) })
}
