package configs

import (
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

func trimSlash(s string) string { return strings.TrimRight(s, "/") }

func isListen(s string) bool {
	host, port, err := net.SplitHostPort(s)
	return err == nil && isPort(port) && (host == "" || isHost(host))
}

// isHostPort is a host that may be left without its port's default.
func isHostPort(s string) bool {
	host, port, err := net.SplitHostPort(s)
	return err == nil && isPort(port) && isHost(host)
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

// isHost takes an IP address, with a zone or without, or what may be a name in DNS (RFC 1123 §2.1).
func isHost(s string) bool {
	_, err := netip.ParseAddr(s)
	name := strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") == ""
	return err == nil || name && s != ""
}

func isBaseURL(s string) bool { return isHookURL(s) && !strings.Contains(s, "?") }

// isHookURL is a base URL that may hold a query: a gateway signs the URL it was given, query and all.
func isHookURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && isHost(u.Hostname()) &&
		(u.Port() == "" || isPort(u.Port())) && !strings.HasSuffix(u.Host, ":") &&
		u.User == nil && !strings.ContainsAny(s, "# <>\"\\")
}

func isProxy(s string) bool {
	_, addrErr := netip.ParseAddr(s)
	_, rangeErr := netip.ParsePrefix(s)
	return addrErr == nil || rangeErr == nil
}

// isMailbox takes an addr-spec alone. net/mail also takes a display name, and a domain without a
// dot, which is right here: tips@localhost.
func isMailbox(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}

func isChannel(s string) bool {
	return s != "" && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func isDatabase(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "postgres" || u.Scheme == "postgresql") && (u.Host != "" || u.RawQuery != "")
}

// isRedis refuses a Redis that anybody on the network could read or fill: without a password it must
// be on this machine, with every node of it. Behind sentinels (master_name) the server's password stands
// in the query, as the URL's is theirs. Unchecked TLS is none.
func isRedis(s string) bool {
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	q := u.Query()
	if u.Scheme == "unix" {
		return u.Path != "" && !q.Has("addr") && !q.Has("master_name")
	}
	password, _ := u.User.Password()
	if q.Has("master_name") {
		password = q.Get("password")
	}
	for _, addr := range q["addr"] {
		if host, port, err := net.SplitHostPort(addr); err != nil || !isHost(host) || !isPort(port) {
			return false
		}
	}
	return (u.Scheme == "redis" || u.Scheme == "rediss") && !q.Has("skip_verify") && (password != "" || isHere(u, q["addr"]))
}

// isHere says whether every node of a Redis is on this machine.
func isHere(u *url.URL, nodes []string) bool {
	for _, addr := range nodes {
		if host, _, err := net.SplitHostPort(addr); err != nil || !isLoopback(host) {
			return false
		}
	}
	return isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "" || host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// relayURL is a relay as a URL; a bare host:port is plain SMTP submission.
func relayURL(s string) string {
	if s == "" || strings.Contains(s, "://") {
		return s
	}
	return "smtp://" + s
}

func isRelay(s string) bool {
	u, err := url.Parse(relayURL(s))
	return err == nil && (u.Scheme == "smtp" || u.Scheme == "smtps") && u.Hostname() != "" &&
		(u.Path == "" || u.Path == "/") && u.RawQuery == "" && u.Fragment == ""
}

// isSendURL is where keys and numbers may go: over TLS, or to this machine.
func isSendURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && isHookURL(s) && (u.Scheme == "https" || isLoopback(u.Hostname()))
}

func isPair(s string) bool {
	name, _, ok := strings.Cut(s, "=")
	return ok && name != ""
}

// isTiles takes a path that is there, or an https URL with the three holes of a tile.
func isTiles(s string) bool {
	if !strings.Contains(s, "://") {
		info, err := os.Stat(s)
		return err == nil && (info.IsDir() || strings.EqualFold(filepath.Ext(s), ".mbtiles"))
	}
	for _, hole := range []string{"{z}", "{x}", "{y}"} {
		if !strings.Contains(s, hole) {
			return false
		}
		s = strings.ReplaceAll(s, hole, "1")
	}
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && isHookURL(s) && !strings.ContainsAny(u.Host, ";,'")
}

// isDegrees says whether s is a number between -most and most.
func isDegrees(s string, most float64) bool {
	v, err := strconv.ParseFloat(s, 64)
	return err == nil && v >= -most && v <= most
}
