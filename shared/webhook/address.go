package webhook

import (
	"errors"
	"net/netip"
	"syscall"
)

var errForbidden = errors.New("webhook: the address is not a public one")

// allow looks at the address that is about to be dialled, which is what a name has been
// resolved to just now: a name that is looked up twice can give two answers.
func (s *Sender) allow(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !s.allowed(at.Addr()) {
		return errForbidden
	}
	return nil
}

func (s *Sender) allowed(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	if a.IsLoopback() {
		return s.loopback
	}
	return public(a)
}

// public reports whether an address is one of the public internet. The predicates of
// netip know loopback, private, link-local (with it the clouds' metadata), multicast and
// unspecified addresses; the rest of IANA's registries of special purposes is listed.
func public(a netip.Addr) bool {
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() {
		return false
	}
	if a.Is6() && !publicIPv6.Contains(a) {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// publicIPv6 is all that is given out of IPv6. It leaves out the forms that carry an IPv4
// address of anybody's choice behind NAT64 (64:ff9b::/96, 64:ff9b:1::/48) and the old
// compatible ones (::/96).
var publicIPv6 = netip.MustParsePrefix("2000::/3")

var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("100.64.0.0/10"),   // shared by carriers; some clouds' metadata
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved, broadcast
	netip.MustParsePrefix("2001::/23"),       // protocol assignments, Teredo
	netip.MustParsePrefix("2001:db8::/32"),   // documentation
	netip.MustParsePrefix("2002::/16"),       // 6to4: an IPv4 address of anybody's choice
	netip.MustParsePrefix("3fff::/20"),       // documentation
}
