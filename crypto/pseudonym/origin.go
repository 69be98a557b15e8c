package pseudonym

import "net/netip"

// Origin is the text of a network address to tag: an IPv4 address whole (also one written as
// ::ffff:192.0.2.1, RFC 4291 §2.5.5.2), an IPv6 address by its /64, since one subscriber holds at least
// that many. Zones are dropped. It is "" for the zero Addr. It still names a person: tag it at once and
// keep only the tag.
func Origin(addr netip.Addr) string {
	addr = addr.Unmap()
	switch {
	case !addr.IsValid():
		return ""
	case addr.Is4():
		return addr.String()
	default:
		return netip.PrefixFrom(addr, 64).Masked().String() // a prefix has no zone
	}
}

// networkBits: a /64 is one subscriber, but anybody gets a /48 for nothing, with 65,536 of them in it.
const networkBits = 48

// Network is the /48 that an [Origin] of IPv6 lies in, as text; "" for any other.
func Network(origin string) string {
	p, err := netip.ParsePrefix(origin)
	if err != nil || !p.Addr().Is6() || p.Bits() <= networkBits {
		return ""
	}
	return netip.PrefixFrom(p.Addr(), networkBits).Masked().String()
}
