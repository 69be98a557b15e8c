package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"path/filepath"
	"time"
)

// checkCertificates looks at the file of tls.cert, or at what was fetched for tls.hosts.
func checkCertificates(_ context.Context, h *checkup) finding {
	t := h.cfg.TLS
	if t.Cert != "" {
		leaf, err := readCertificate(t.Cert, t.Key)
		if err != nil {
			return finding{err: fmt.Errorf("tls.cert, tls.key: %w", err)}
		}
		return h.lasting(leaf, "ended on %s: put a new one at tls.cert", "ends on %s: renew it")
	}
	f := finding{note: h.say("none from a file")}
	for _, host := range t.Hosts {
		kept := filepath.Join(h.acmeFolder(), host) // key and chain, one after the other
		leaf, err := readCertificate(kept, kept)
		if err != nil {
			return finding{err: h.fault("none was fetched for %s yet: the log of the service says why", host)}
		}
		if f = h.lasting(leaf, unrenewed, unrenewed); f.err != nil || f.warning != "" {
			return f
		}
	}
	return f
}

const unrenewed = "ends on %s, and isn't renewed: the log of the service says why"

func readCertificate(chain, key string) (*x509.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(chain, key)
	if err != nil {
		return nil, err
	}
	return pair.Leaf, nil
}

// lasting says until when a certificate is good, and once it is over or near its end what to do, by the two formats.
func (h *checkup) lasting(leaf *x509.Certificate, over, near string) finding {
	day := leaf.NotAfter.In(h.loc).Format(time.DateOnly)
	f := finding{note: h.say("good until %s", day)}
	switch now := h.now(); {
	case !now.Before(leaf.NotAfter):
		f.err = h.fault(over, day)
	case overdue(leaf, now):
		f.warning = h.say(near, day)
	}
	return f
}
