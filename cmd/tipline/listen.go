package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"tipline/intake/crowd"
)

// Bounds of the web servers. A body may take as long as a slow phone needs; the
// pages' own deadline wants progress instead.
const (
	headerTime = 15 * time.Second
	idleTime   = 2 * time.Minute
	stopTime   = 30 * time.Second // for requests that run when the program is told to end
	lastTime   = 42 * time.Second // for all of the program then: its services' TimeoutStopSec is 45
	mostPlaces = 16 << 10         // connections at a time, of 30 KB each
)

// serve runs a web server on ln until ctx ends, then lets requests finish. It
// keeps no error log: net/http writes clients' addresses there.
func serve(ln net.Listener, h http.Handler) func(context.Context) error {
	return func(ctx context.Context) error {
		srv := &http.Server{Handler: h, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: 32 << 10,
			ErrorLog: log.New(io.Discard, "", 0)}
		ended := make(chan error, 1)
		go func() { ended <- srv.Serve(ln) }()
		select {
		case err := <-ended:
			return err
		case <-ctx.Done():
		}
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		err := srv.Shutdown(late)
		if errors.Is(err, context.DeadlineExceeded) {
			err = srv.Close()
		}
		<-ended
		return err
	}
}

// listen opens a listener; key names the setting it comes from.
func listen(key, addr string) (net.Listener, error) {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%s: can't listen on %s: %w: is another tipline running, or is the port taken?", key, addr, unwrapOp(err))
	}
	return ln, nil
}

// crowded is ln for a third of the files that the process may have open, so that connections leave enough to the
// other listeners and the database. Proxies and this machine, where an onion service runs, bring many at once.
func crowded(ln net.Listener, proxies []netip.Prefix) net.Listener {
	places := uint64(mostPlaces)
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err == nil {
		places = min(places, files.Cur/3)
	}
	return crowd.Listener(ln, crowd.New(int(places), 0, func(a netip.Addr) bool {
		return a.IsLoopback() || slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a) })
	}))
}

func unwrapOp(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// tlsConfig is what tls.cert and tls.key, or tls.hosts, ask for; nil without them.
func (p *program) tlsConfig() (*tls.Config, error) {
	t := p.cfg.TLS
	switch {
	case t.Cert != "":
		return (&certFiles{cert: t.Cert, key: t.Key, log: p.log}).config()
	case len(t.Hosts) > 0:
		var err error
		if p.issuer, err = p.newIssuer(); err != nil {
			return nil, err
		}
		return p.issuer.tls(), nil
	default:
		return nil, nil
	}
}

// secured is ln behind TLS, or ln itself.
func secured(ln net.Listener, c *tls.Config) net.Listener {
	if c == nil {
		return ln
	}
	return tls.NewListener(ln, c)
}
