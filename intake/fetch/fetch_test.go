package fetch

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"tipline/intake"
)

// TestReachable: nothing but what is everybody's, in whatever clothes it comes.
func TestReachable(t *testing.T) {
	f := New(Options{Networks: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}})
	for address, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "::ffff:8.8.8.8": true, "10.1.2.3": true, "::ffff:10.1.2.3": true,
		"10.2.0.1": false, "127.0.0.1": false, "::1": false, "::ffff:127.0.0.1": false, "::127.0.0.1": false, "169.254.169.254": false,
		"::ffff:169.254.169.254": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd00:ec2::254": false, "192.168.1.1": false, "172.16.0.1": false,
		"100.64.0.1": false, "100.100.100.200": false, "0.0.0.0": false, "0.1.2.3": false, "::": false, "255.255.255.255": false, "224.0.0.1": false, "ff02::1": false,
		"64:ff9b::7f00:1": false, "64:ff9b::7f00:1%eth0": false, "2002:7f00:1::": false, "2001:0:4136:e378::1": false, "198.18.0.1": false, "192.0.0.170": false, "240.0.0.1": false, "2001:db8::1": false,
	} {
		if got := f.reachable(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %t", address, got)
		}
	}
}

// TestOwnAddresses: this machine's own are refused, public ones too and within a network
// that was named; one that stands there alone may be asked.
func TestOwnAddresses(t *testing.T) {
	mine := map[string]bool{"8.8.4.4": true, "2606:4700::5": true, "10.1.0.9": true, "10.1.0.10": true}
	f := New(Options{Networks: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("10.1.0.10/32")},
		Own: func(ip netip.Addr) (bool, error) { return mine[ip.String()], nil }})
	for host, want := range map[string]string{"8.8.4.4": intake.FetchForbidden, "[::ffff:8.8.4.4]": intake.FetchForbidden, "[2606:4700::5]": intake.FetchForbidden, "10.1.0.9": intake.FetchForbidden,
		"8.8.4.5": "", "[2606:4700::6]": "", "10.1.0.8": "", "10.1.0.10": ""} {
		_, err := f.dialer(t.Context(), &url.URL{Scheme: "https", Host: host}) // dials nothing yet
		e, _ := errors.AsType[*intake.FetchError](err)
		if e == nil && want != "" || e != nil && e.Cause != want {
			t.Errorf("%s: %v", host, err)
		}
	}
	f.Own = func(netip.Addr) (bool, error) { return false, errors.New("not now") }
	_, err := f.dialer(t.Context(), &url.URL{Scheme: "https", Host: "8.8.4.4"})
	if e, ok := errors.AsType[*intake.FetchError](err); !ok || e.Cause != intake.FetchUnreachable || e.Final {
		t.Errorf("when nobody knows which are its own: %v", err)
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		ip, err := netip.ParsePrefix(a.String())
		if err != nil || ip.Addr().IsLinkLocalUnicast() {
			continue // a link's own need a zone, which is refused before
		}
		if is, err := own(ip.Addr()); !is || err != nil {
			t.Errorf("an address of this machine: %t, %v", is, err)
		}
	}
	if is, err := own(netip.MustParseAddr("8.8.4.4")); is { // without a way out it is an error
		t.Errorf("another's address: %t, %v", is, err)
	}
}

// names resolves from a list, the first answer once and the last for good.
type names map[string][]string

func (n names) LookupNetIP(_ context.Context, _, host string) (out []netip.Addr, err error) {
	answers := n[host]
	if len(answers) == 0 {
		return nil, errors.New("no such host")
	}
	if len(answers) > 1 {
		n[host] = answers[1:]
	}
	for a := range strings.FieldsSeq(answers[0]) {
		out = append(out, netip.MustParseAddr(a))
	}
	return out, nil
}

// TestGet goes to a provider over TLS and plainly, and follows it nowhere else.
func TestGet(t *testing.T) {
	var auth []string
	mux := http.NewServeMux()
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		auth = append(auth, r.Header.Get("Authorization"))
		w.Header().Set("Content-Type", "image/png")
		_, _ = io.WriteString(w, "picture")
	})
	mux.HandleFunc("/big", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(bytes.Repeat([]byte("x"), 2000)) })
	mux.HandleFunc("/long", func(w http.ResponseWriter, r *http.Request) {
		for range 20 {
			_, _ = w.Write(bytes.Repeat([]byte("x"), 100))
			w.(http.Flusher).Flush()
		}
	})
	mux.HandleFunc("/cut", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
	})
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/secret", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	mux.HandleFunc("/gone", http.NotFound)
	mux.HandleFunc("/busy", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTooManyRequests) })
	mux.HandleFunc("/to", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("u"), http.StatusFound)
	})
	secure := httptest.NewTLSServer(mux)
	defer secure.Close()
	plain := httptest.NewServer(mux)
	defer plain.Close()
	roots := x509.NewCertPool()
	roots.AddCert(secure.Certificate())
	port := secure.Listener.Addr().(interface{ String() string }).String()
	port = port[strings.LastIndex(port, ":"):]
	home := "https://example.com" + port // httptest's certificate is for example.com

	resolver := func() names {
		return names{"example.com": {"127.0.0.1"}, "inside.test": {"10.0.0.1"}, "mixed.test": {"127.0.0.1 10.0.0.1"}, "cdn.example.com": {"127.0.0.1"}, "turns.test": {"127.0.0.1", "10.0.0.1"}}
	}
	base := Options{Hosts: []string{"example.com"}, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, MaxBytes: 1000, Timeout: 2 * time.Second, Roots: roots}
	get := func(o Options, address string) (string, error) {
		o.Resolver = resolver()
		got, err := New(o).Get(t.Context(), address)
		if err != nil {
			return "", err
		}
		defer got.Body.Close()
		b, err := io.ReadAll(got.Body)
		return string(b), err
	}
	for address, want := range map[string]string{home + "/file": "picture", home + "/to?u=/file": "picture"} {
		if got, err := get(base, address); got != want || err != nil {
			t.Errorf("%s: %q, %v", address, got, err)
		}
	}
	for address, want := range map[string]string{
		plain.URL + "/file": intake.FetchAddress, "ftp://example.com/x": intake.FetchAddress, "file:///etc/passwd": intake.FetchAddress, "": intake.FetchAddress,
		"https://user:pw@example.com" + port + "/file": intake.FetchAddress, "https://[::1]/file": intake.FetchForbidden,
		"https://cdn.example.com" + port + "/file": intake.FetchAddress, "https://cdn.example.com:22/": intake.FetchAddress, "https://127.0.0.1:6379/": intake.FetchAddress,
		"https://inside.test:443/file": intake.FetchForbidden, "https://mixed.test:80/file": intake.FetchForbidden, "https://169.254.169.254/latest": intake.FetchForbidden,
		"https://nowhere.test/": intake.FetchUnreachable, home + "/secret": intake.FetchCredentials, home + "/gone": intake.FetchGone, home + "/busy": intake.FetchUnreachable,
		home + "/big": intake.FetchTooLarge, home + "/to?u=https://inside.test/": intake.FetchRedirect, home + "/to?u=" + url.QueryEscape(plain.URL+"/file"): intake.FetchRedirect,
		home + "/to?u=http://example.com/file": intake.FetchAddress, home + "/to?u=" + url.QueryEscape("/to?u="+url.QueryEscape("/to?u="+url.QueryEscape("/to?u=/to"))): intake.FetchRedirect,
	} {
		_, err := get(base, address)
		if e, ok := errors.AsType[*intake.FetchError](err); !ok || e.Cause != want {
			t.Errorf("%s: %v, want %s", address, err, want)
		}
	}
	if _, err := get(base, home+"/long"); !errors.Is(err, intake.ErrTooLarge) {
		t.Errorf("a file without a length: %v", err)
	}
	if _, err := get(base, home+"/cut"); !errors.Is(err, intake.ErrRead) {
		t.Errorf("a file that breaks off: %v", err)
	}
	short := base
	short.Timeout = 100 * time.Millisecond
	if _, err := get(short, home+"/slow"); err == nil {
		t.Error("it waited for a slow one")
	}

	open := base
	open.Plain, open.Auth, open.Hosts = true, "AccessKey k", []string{"example.com", "cdn.example.com", "127.0.0.1"} // the last is plain's: no key goes there
	auth = nil
	for _, address := range []string{plain.URL + "/file", home + "/file"} {
		if got, err := get(open, address); got != "picture" || err != nil {
			t.Errorf("%s: %q, %v", address, got, err)
		}
	}
	if len(auth) != 2 || auth[0] != "" || auth[1] != "AccessKey k" {
		t.Errorf("the key went out as %q", auth)
	}
}

// TestTwilioAsks: the account and each token in turn go to Twilio's own hosts alone, and
// nowhere else a redirection leads.
func TestTwilioAsks(t *testing.T) {
	f := New(Options{Provider: "twilio", Secrets: []string{"new", "old"}})
	address := func(s string) *url.URL {
		u, err := url.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	if got := f.credentials(address("https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1")); len(got) != 2 || got[0] != "Basic QUMxOm5ldw==" {
		t.Errorf("%q", got)
	}
	for _, elsewhere := range []string{"http://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1", "https://mms.twiliocdn.com/x", "https://evil.example/Accounts/AC1/", "https://api.twilio.com.evil.example/Accounts/AC1/"} {
		if got := f.credentials(address(elsewhere)); len(got) != 1 || got[0] != "" {
			t.Errorf("%s: %q", elsewhere, got)
		}
	}
	for host, want := range map[string]bool{"mms.twiliocdn.com": true, "api.twilio.com": true, "twiliocdn.com.evil.example": false, "eviltwilio.com": false, "s3-external-1.amazonaws.com": true, "x.s3-external-1.amazonaws.com": false} {
		if f.knows(host) != want {
			t.Errorf("%s: %t", host, !want)
		}
	}
}
