package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
)

// certFiles show the certificate of tls.cert and tls.key, and the new one once the files were renewed: what renews them
// needn't know of us.
type certFiles struct {
	cert, key string
	log       *slog.Logger

	mu    sync.Mutex
	shown *tls.Certificate
	read  [2]int64 // when the files that were last read had been written
}

// config reads the files, which must fit now.
func (f *certFiles) config() (*tls.Config, error) {
	if _, err := f.certificate(nil); err != nil {
		return nil, fmt.Errorf("tls.cert, tls.key: %w", err)
	}
	return &tls.Config{GetCertificate: f.certificate, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}, nil
}

// certificate is the files', or the last that could be read: they are renewed one after the other.
func (f *certFiles) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	written := [2]int64{writtenAt(f.cert), writtenAt(f.key)}
	if f.shown != nil && written == f.read {
		return f.shown, nil
	}
	f.read = written
	fresh, err := tls.LoadX509KeyPair(f.cert, f.key)
	switch {
	case err == nil:
		f.shown = &fresh
	case f.shown == nil:
		return nil, err
	default:
		f.log.Warn("tls.cert and tls.key don't fit: the certificate from before is shown on", "error", err)
	}
	return f.shown, nil
}

// writtenAt is 0 for a file that isn't there.
func writtenAt(name string) int64 {
	info, err := os.Stat(name)
	if err != nil {
		return 0
	}
	return info.ModTime().UnixNano()
}
