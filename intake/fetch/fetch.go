// Package fetch gets the files that wait at gateways' providers: pictures that came
// with a text.
//
// The addresses are what somebody else wrote, so that they are a way to make this
// machine call others. A host is resolved once, none of its addresses may be one
// that isn't everybody's or is this machine's own, and that very address is dialled, at
// the web's own ports; redirections go through the same, to the provider's own hosts
// alone; size and time have caps; nothing is kept on a disk.
package fetch

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"tipline/intake"
)

// Options are what one gateway's files are fetched by.
type Options struct {
	Provider string
	Secrets  []string // the channel's: twilio's own hosts ask for them
	// Auth stands in Authorization for Hosts, over https alone. They may be redirected
	// to as well, and asked at ports of their own.
	Auth  string
	Hosts []string
	// Networks may be reached though they aren't everybody's: of a gateway inside the
	// office. This machine itself is reached only where one of them is its address alone.
	Networks []netip.Prefix
	Plain    bool // http is taken as well; no credentials go over it
	MaxBytes int64
	Timeout  time.Duration // of one file; 0 is a minute
	// Resolver finds a host's addresses; nil is the system's.
	Resolver interface {
		LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
	}
	// Own says whether an address is this machine's own; nil asks the system.
	Own   func(netip.Addr) (bool, error)
	Roots *x509.CertPool // nil takes the system's
}

// Fetcher fetches one gateway's files. It is safe for concurrent use.
type Fetcher struct {
	Options
	closed []netip.Prefix
}

// New is a fetcher over o.
func New(o Options) *Fetcher {
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	if o.Own == nil {
		o.Own = own
	}
	return &Fetcher{o, closed()}
}

// maxHops is how many redirections are followed.
const maxHops = 3

// Get opens the file under an address. Errors are [*intake.FetchError]; those of
// reading wrap [intake.ErrTooLarge] or [intake.ErrRead]. The caller closes it.
func (f *Fetcher) Get(ctx context.Context, address string) (intake.Fetched, error) {
	ctx, cancel := context.WithTimeout(ctx, f.Timeout)
	resp, err := f.follow(ctx, address)
	if err != nil {
		cancel()
		return intake.Fetched{}, err
	}
	if resp.ContentLength > f.MaxBytes {
		resp.Body.Close()
		cancel()
		return intake.Fetched{}, final(intake.FetchTooLarge)
	}
	return intake.Fetched{Type: resp.Header.Get("Content-Type"), Body: &capped{resp.Body, f.MaxBytes, cancel}}, nil
}

func final(cause string) error { return &intake.FetchError{Cause: cause, Final: true} }
func again(cause string) error { return &intake.FetchError{Cause: cause} }

// follow goes from an address to the file, over as many redirections as are taken.
func (f *Fetcher) follow(ctx context.Context, address string) (*http.Response, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, final(intake.FetchAddress)
	}
	first := u.Hostname()
	for range maxHops + 1 {
		resp, err := f.try(ctx, u)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode/100 != 3 {
			return resp, nil
		}
		resp.Body.Close()
		next, err := resp.Location()
		if err != nil || next.Hostname() != first && !f.knows(next.Hostname()) {
			return nil, final(intake.FetchRedirect)
		}
		u = next
	}
	return nil, final(intake.FetchRedirect)
}

// knows says whether a host is the provider's, or one that was named.
func (f *Fetcher) knows(host string) bool {
	within := func(of string) bool { return host == of || strings.HasPrefix(of, ".") && strings.HasSuffix(host, of) }
	return slices.Contains(f.Hosts, host) || slices.ContainsFunc(ownHosts(f.Provider), within)
}

// ownHosts are where a provider keeps its files beside the host it names.
func ownHosts(provider string) []string {
	if provider == "twilio" {
		return []string{".twilio.com", ".twiliocdn.com", "s3-external-1.amazonaws.com"}
	}
	return nil
}

// try asks one host, with each of the ways to say who asks.
func (f *Fetcher) try(ctx context.Context, u *url.URL) (*http.Response, error) {
	if u.Scheme != "https" && !(f.Plain && u.Scheme == "http") || u.Hostname() == "" || u.User != nil {
		return nil, final(intake.FetchAddress)
	}
	if port := portOf(u); port != "80" && port != "443" && !slices.Contains(f.Hosts, u.Hostname()) {
		return nil, final(intake.FetchAddress)
	}
	dial, err := f.dialer(ctx, u)
	if err != nil {
		return nil, err
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DialContext: dial, TLSClientConfig: &tls.Config{RootCAs: f.Roots}, DisableKeepAlives: true, DisableCompression: true,
			ResponseHeaderTimeout: 20 * time.Second, TLSHandshakeTimeout: 10 * time.Second, MaxResponseHeaderBytes: 64 << 10}}
	var last error
	for _, auth := range f.credentials(u) {
		resp, err := ask(ctx, client, u, auth)
		if err == nil {
			return resp, nil
		}
		last = err
	}
	return nil, last
}

// portOf is the port that an address asks at.
func portOf(u *url.URL) string {
	return cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
}

// credentials are the values of Authorization to try; "" sends none. None go out where
// anybody on the way could read them.
func (f *Fetcher) credentials(u *url.URL) []string {
	host := u.Hostname()
	switch {
	case u.Scheme != "https":
		return []string{""}
	case f.Auth != "" && slices.Contains(f.Hosts, host):
		return []string{f.Auth}
	case f.Provider == "twilio" && (host == "api.twilio.com" || strings.HasSuffix(host, ".twilio.com")):
		return basics(u, f.Secrets)
	default:
		return []string{""}
	}
}

// basics are Twilio's credentials (RFC 7617): the account stands in the address.
func basics(u *url.URL, tokens []string) (out []string) {
	_, rest, _ := strings.Cut(u.Path, "/Accounts/")
	account, _, _ := strings.Cut(rest, "/")
	for _, token := range tokens {
		r := &http.Request{Header: http.Header{}}
		r.SetBasicAuth(account, token)
		out = append(out, r.Header.Get("Authorization"))
	}
	return out
}

func ask(ctx context.Context, client *http.Client, u *url.URL, auth string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, final(intake.FetchAddress)
	}
	if auth != "" {
		r.Header.Set("Authorization", auth)
	}
	r.Header.Set("User-Agent", "tipline")
	resp, err := client.Do(r)
	if err != nil {
		return nil, again(intake.FetchUnreachable)
	}
	if err := refusal(resp.StatusCode); err != nil {
		resp.Body.Close()
		return nil, err
	}
	return resp, nil
}

// refusal is what a status says of a file, nil where it is there or elsewhere.
func refusal(status int) error {
	switch {
	case status == http.StatusOK, status/100 == 3:
		return nil
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return final(intake.FetchCredentials)
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status >= 500:
		return again(intake.FetchUnreachable)
	default:
		return final(intake.FetchGone)
	}
}

// dialer resolves the host, once, and dials nothing else than what was checked.
func (f *Fetcher) dialer(ctx context.Context, u *url.URL) (func(context.Context, string, string) (net.Conn, error), error) {
	found, err := f.addresses(ctx, u.Hostname())
	if err != nil {
		return nil, again(intake.FetchUnreachable)
	}
	for _, ip := range found {
		if !f.reachable(ip) { // one that isn't makes the others suspicious
			return nil, final(intake.FetchForbidden)
		}
		if own, err := f.mine(ip.Unmap()); own {
			return nil, final(intake.FetchForbidden)
		} else if err != nil {
			return nil, again(intake.FetchUnreachable)
		}
	}
	return func(ctx context.Context, network, _ string) (conn net.Conn, err error) {
		for _, ip := range found {
			if conn, err = (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, network, net.JoinHostPort(ip.Unmap().String(), portOf(u))); err == nil {
				return conn, nil
			}
		}
		return nil, err
	}, nil
}

func (f *Fetcher) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip}, nil
	}
	found, err := f.Resolver.LookupNetIP(ctx, "ip", host)
	if err == nil && len(found) == 0 {
		err = errors.New("the host has no address")
	}
	return found, err
}

// capped reads a body up to a size, and ends its time with it.
type capped struct {
	body io.ReadCloser
	left int64
	end  context.CancelFunc
}

func (c *capped) Read(p []byte) (int, error) {
	n, err := c.body.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return 0, intake.ErrTooLarge
	}
	if err != nil && err != io.EOF {
		err = errors.Join(intake.ErrRead, err)
	}
	return n, err
}

// Close ends the transfer.
func (c *capped) Close() error {
	defer c.end()
	return c.body.Close()
}
