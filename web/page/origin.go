package page

import (
	"net/http"
	"net/netip"
	"strings"
)

// ClientAddr is where r came from: the peer, or, when the peer is one of the
// proxies, the rightmost address of X-Forwarded-For that isn't. What stands left
// of it anybody could have written. The zero Addr means that it can't be told.
func ClientAddr(r *http.Request, proxies []netip.Prefix) netip.Addr {
	addr := parseAddr(r.RemoteAddr)
	if !trusted(addr, proxies) {
		return addr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := parseAddr(strings.TrimSpace(hops[i]))
		if !hop.IsValid() {
			return addr // a proxy that writes anything else is not to be followed
		}
		addr = hop
		if !trusted(addr, proxies) {
			return addr
		}
	}
	return addr
}

func trusted(a netip.Addr, proxies []netip.Prefix) bool {
	for _, p := range proxies {
		if a.IsValid() && p.Contains(a) {
			return true
		}
	}
	return false
}

// parseAddr reads an address with or without a port, [brackets] and zone; an
// IPv4 address in IPv6 clothes is the IPv4 address.
func parseAddr(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}
