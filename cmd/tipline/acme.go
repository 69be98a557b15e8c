package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"tipline/configs"
)

// How often the certificates of tls.hosts are looked at, and how soon again where there is none: Let's Encrypt takes five
// failures of one name within an hour.
const (
	certificateRound = time.Hour
	certificateRetry = 15 * time.Minute
)

// issuer fetches the certificates of tls.hosts by ACME (RFC 8555) and has them renewed in time. The authority's questions are
// answered at the listeners themselves (tls-alpn-01, RFC 8737), and by tls.redirect's (http-01).
type issuer struct {
	*autocert.Manager
	program *program
	heard   *hearing
	mu      sync.Mutex
	told    map[string]time.Time // by host: when the log was told of a failure
	seen    map[string]time.Time // by host: the end of the certificate that the log was told of
}

// acmeFolder is where account key and certificates are kept, readable by the service's user alone. Those of another
// authority stay apart, so that a trial's don't outlive it.
func (o *office) acmeFolder() string {
	folder := filepath.Join(o.dir, "acme")
	if u, err := url.Parse(o.cfg.TLS.Directory); err == nil && u.Host != "" {
		folder = filepath.Join(folder, url.PathEscape(u.Host))
	}
	return folder
}

func (p *program) newIssuer() (*issuer, error) {
	t := p.cfg.TLS
	authorities, err := pinned(t.CA)
	if err != nil {
		return nil, fmt.Errorf("tls.ca: %w", err)
	}
	heard := &hearing{RoundTripper: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: authorities}}, why: map[string]string{}}
	client := &acme.Client{DirectoryURL: t.Directory, UserAgent: "tipline", HTTPClient: &http.Client{Transport: heard}}
	bound, err := boundTo(t.EAB)
	if err != nil {
		return nil, err
	}
	return &issuer{program: p, heard: heard, told: map[string]time.Time{}, seen: map[string]time.Time{}, Manager: &autocert.Manager{Prompt: autocert.AcceptTOS,
		HostPolicy: autocert.HostWhitelist(t.Hosts...), Cache: certFolder{autocert.DirCache(p.acmeFolder())}, Client: client, ExternalAccountBinding: bound}}, nil
}

// certFolder keeps what the authority gave, also when the visitor it was asked for has hung up by then: else the
// next start would ask again, and authorities count.
type certFolder struct{ autocert.DirCache }

// Put writes a file of the folder.
func (f certFolder) Put(ctx context.Context, name string, data []byte) error {
	return f.DirCache.Put(context.WithoutCancel(ctx), name, data)
}

// boundTo is the office's account with the authority, nil where none is configured.
func boundTo(e configs.EAB) (*acme.ExternalAccountBinding, error) {
	if e.KeyID == "" {
		return nil, nil
	}
	key, err := e.HMAC()
	if err != nil {
		return nil, fmt.Errorf("tls.eab.key: %w", err)
	}
	return &acme.ExternalAccountBinding{KID: e.KeyID, Key: key}, nil
}

// tls is what listeners are given.
func (i *issuer) tls() *tls.Config {
	c := i.TLSConfig()
	c.GetCertificate = i.certificate
	return c
}

// certificate is [autocert.Manager.GetCertificate], which tells nobody why it fails. A mail server names no host when it
// turns to TLS: it gets the first one's.
func (i *issuer) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	hosts := i.program.cfg.TLS.Hosts
	if hello.ServerName == "" {
		named := *hello
		named.ServerName = hosts[0]
		hello = &named
	}
	cert, err := i.GetCertificate(hello)
	if slices.Contains(hosts, hello.ServerName) && !slices.Equal(hello.SupportedProtos, []string{acme.ALPNProto}) {
		i.tell(hello.ServerName, cert, err)
	}
	return cert, err
}

// errNotAgain is what autocert says within the minute after a failure, instead of its reason.
const errNotAgain = "acme/autocert: missing certificate"

// tell tells the log of a new certificate, of one that isn't renewed, and of a failure, not at every visitor.
func (i *issuer) tell(host string, cert *tls.Certificate, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	now, log := i.program.now(), i.program.log
	late := err == nil && overdue(cert.Leaf, now)
	switch quiet := now.Sub(i.told[host]) < certificateRetry; {
	case err == nil && !late && !i.seen[host].Equal(cert.Leaf.NotAfter):
		log.Info("a certificate is there", "host", host, "until", cert.Leaf.NotAfter.In(i.program.loc).Format(time.DateOnly))
		i.seen[host] = cert.Leaf.NotAfter
		delete(i.told, host)
	case late && !quiet:
		log.Error("the certificate isn't renewed", "host", host, "until", cert.Leaf.NotAfter.In(i.program.loc).Format(time.DateOnly))
		i.told[host] = now
	case err != nil && !quiet && err.Error() != errNotAgain:
		log.Error("no certificate can be had, so no browser opens this name: does it lead here, to port 443, and is the authority reachable from here?", "host", host, "error", err, "answer", i.heard.about(host))
		i.told[host] = now
	}
}

// overdue says whether a certificate should long have been renewed: autocert does it at two thirds of its time, or
// thirty days before its end.
func overdue(c *x509.Certificate, now time.Time) bool {
	return c.NotAfter.Sub(now) < min(renewAhead, c.NotAfter.Sub(c.NotBefore)/5)
}

// keep fetches what is missing at the start, so that no citizen waits for it, and then looks whether all are renewed. It
// is intake's: a desk beside it takes what is in the folder.
func (i *issuer) keep(ctx context.Context) error {
	for {
		next := certificateRound
		for _, host := range i.program.cfg.TLS.Hosts {
			if !i.fetch(ctx, host) {
				next = certificateRetry
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(next):
		}
	}
}

// fetch says whether host has a certificate. autocert can't be told to stop: where ctx ends, it ends with the process, or by itself
// after five minutes.
func (i *issuer) fetch(ctx context.Context, host string) bool {
	done := make(chan bool, 1)
	go func() {
		_, err := i.certificate(&tls.ClientHelloInfo{ServerName: host, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}})
		done <- err == nil
	}()
	select {
	case ok := <-done:
		return ok
	case <-ctx.Done():
		return false
	}
}
