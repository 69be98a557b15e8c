package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tipline/intake/servertest"
)

// byACME is an installation that fetches its certificates from an authority of the test.
func byACME(t *testing.T) (*instance, *authority) {
	free := freeAddrs(t, 2)
	a := newAuthority(t, free[0])
	in := install(t, `TIPLINE_TLS_HOSTS=["tips.example.org","desk.example.org"]`, "TIPLINE_TLS_DIRECTORY="+a.URL+"/directory", "TIPLINE_TLS_CA="+a.file,
		"TIPLINE_PUBLIC_ADDR="+free[0], "TIPLINE_PUBLIC_BASE_URL=https://tips.example.org/line", "TIPLINE_TLS_REDIRECT="+free[1])
	in.public = free[0]
	return in, a
}

// TestCertificateByACME: site, desk and mail server show a certificate that was fetched by answering at the site's own
// listener; it is kept for the service's user alone, and a restart asks for no other.
func TestCertificateByACME(t *testing.T) {
	t.Parallel()
	in, a := byACME(t)
	kept := func() []string {
		files, err := filepath.Glob(filepath.Join(in.data(), "acme", "*", "*"))
		if err != nil {
			t.Error(err)
		}
		return files
	}
	for range 2 {
		in.child = in.spawn(nil, "up")
		until(t, 2*time.Minute, "certificates", func() bool {
			return in.handshake(a, in.public, "tips.example.org") && in.handshake(a, in.desk, "desk.example.org")
		})
		until(t, 2*time.Minute, "they and the account's key are kept", func() bool { return len(kept()) == 3 })
		mail, err := smtp.Dial(in.smtp)
		if err != nil {
			t.Fatal(err)
		}
		if err := mail.StartTLS(&tls.Config{InsecureSkipVerify: true}); err != nil { // it names no host
			t.Errorf("STARTTLS: %v", err)
		}
		mail.Close()
		in.stop()
	}
	if n := a.issued.Load(); n != 2 || !strings.Contains(in.log(), "a certificate is there") {
		t.Errorf("%d certificates were issued\n%s", n, in.log())
	}
	if out := in.run("doctor"); !strings.Contains(out, "certificate  good until") {
		t.Error(out)
	}
	for _, name := range kept() {
		for _, f := range []string{name, filepath.Dir(name)} {
			if info, err := os.Stat(f); err != nil || info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s: %v, %v", f, info.Mode(), err)
			}
		}
	}
}

// TestCertificateOfABoundAccount: an authority that wants an account with it gives a certificate to who names one, and its
// reason stands in the log where it is another's.
func TestCertificateOfABoundAccount(t *testing.T) {
	t.Parallel()
	key := []byte("an HMAC key of thirty-two bytes\xff\xfe")
	in, a := byACME(t)
	a.bound = key
	file := filepath.Join(t.TempDir(), "eab")
	if err := os.WriteFile(file, []byte(base64.StdEncoding.EncodeToString(key)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in.child = in.spawn([]string{"TIPLINE_TLS_EAB_KEY_ID=" + boundID, "TIPLINE_TLS_EAB_KEY=env:OTHER", "OTHER=bm90IHRoYXQgb25l"}, "up")
	until(t, 2*time.Minute, "the reason in the log", func() bool { return strings.Contains(in.log(), "no account of ours") })
	if a.issued.Load() != 0 {
		t.Error("a certificate without an account")
	}
	in.stop()
	in.child = in.spawn([]string{"TIPLINE_TLS_EAB_KEY_ID=" + boundID, "TIPLINE_TLS_EAB_KEY=file:" + file}, "up")
	until(t, 2*time.Minute, "a certificate", func() bool { return in.handshake(a, in.public, "tips.example.org") })
	in.stop()
	if strings.Contains(in.log(), base64.StdEncoding.EncodeToString(key)[:20]) || strings.Contains(in.log(), boundID) {
		t.Error("the log tells the account")
	}
}

// handshake says whether addr shows a certificate of a's for host.
func (in *instance) handshake(a *authority, addr, host string) bool {
	conn, err := tls.Dial("tcp", addr, &tls.Config{ServerName: host, RootCAs: a.pool})
	if err == nil {
		conn.Close()
	}
	return err == nil
}

// TestNoCertificateByACME: who looks after the machine learns from the log what the authority has against it, and from doctor.
func TestNoCertificateByACME(t *testing.T) {
	t.Parallel()
	in, a := byACME(t)
	a.refuses.Store(true)
	in.child = in.spawn(nil, "up")
	until(t, 2*time.Minute, "an error", func() bool { return strings.Contains(in.log(), "no certificate can be had") })
	if log := in.log(); !strings.Contains(log, "tips.example.org") || !strings.Contains(log, refusal) {
		t.Error(log)
	}
	if in.handshake(a, in.public, "tips.example.org") {
		t.Error("a certificate all the same")
	}
	if out, err := in.try("doctor"); err == nil || !strings.Contains(out, "none was fetched for tips.example.org yet") {
		t.Error(out)
	}
	in.stop()
}

// TestRedirect leads a browser that was given the name alone to the site, wherever its Host leads.
func TestRedirect(t *testing.T) {
	t.Parallel()
	dir, pool := servertest.Certificate(t, "tips.example.org")
	plain := freeAddr(t)
	in := install(t, "TIPLINE_TLS_CERT="+filepath.Join(dir, "cert"), "TIPLINE_TLS_KEY="+filepath.Join(dir, "key"), "TIPLINE_PUBLIC_BASE_URL=https://tips.example.org/line",
		"TIPLINE_TLS_REDIRECT="+plain)
	in.child = in.spawn(nil, "up")
	until(t, 2*time.Minute, "TLS", func() bool { return in.handshake(&authority{pool: pool}, in.public, "tips.example.org") })
	for request, want := range map[string]string{
		"GET /line/report?lang=en HTTP/1.1\r\nHost: evil.example.net\r\n\r\n": "https://tips.example.org/line/report?lang=en",
		"HEAD / HTTP/1.0\r\n\r\n":                                                           "https://tips.example.org/",
		"GET //evil.example.net/x HTTP/1.1\r\nHost: a\r\n\r\n":                              "https://tips.example.org//evil.example.net/x",
		"GET http://evil.example.net/x HTTP/1.1\r\nHost: a\r\n\r\n":                         "https://tips.example.org/x",
		"POST /line/report HTTP/1.1\r\nHost: tips.example.org\r\nContent-Length: 0\r\n\r\n": "",
		"GET /.well-known/acme-challenge/x HTTP/1.1\r\nHost: tips.example.org\r\n\r\n":      "https://tips.example.org/.well-known/acme-challenge/x",
	} {
		conn, err := net.Dial("tcp", plain)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, request); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := resp.Header.Get("Location"); got != want || (want == "") != (resp.StatusCode == http.StatusForbidden) {
			t.Errorf("%q: %d to %q", request, resp.StatusCode, got)
		}
		conn.Close()
	}
}

// TestRenewedFiles: a certificate that was renewed on the disk is shown without a restart, and the old one while only
// half of it is there.
func TestRenewedFiles(t *testing.T) {
	t.Parallel()
	dir, old := servertest.Certificate(t, "tips.example.org")
	renewed, fresh := servertest.Certificate(t, "tips.example.org")
	in := install(t, "TIPLINE_TLS_CERT="+filepath.Join(dir, "cert"), "TIPLINE_TLS_KEY="+filepath.Join(dir, "key"), "TIPLINE_PUBLIC_BASE_URL=https://tips.example.org")
	in.child = in.spawn(nil, "up")
	shows := func(pool *x509.CertPool) bool {
		return in.handshake(&authority{pool: pool}, in.public, "tips.example.org")
	}
	until(t, 2*time.Minute, "TLS", func() bool { return shows(old) })
	for _, step := range []struct {
		file string
		want *x509.CertPool
	}{{"cert", old}, {"key", fresh}} {
		text, err := os.ReadFile(filepath.Join(renewed, step.file))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, step.file), text, 0o600); err != nil {
			t.Fatal(err)
		}
		if !shows(step.want) {
			t.Errorf("after %s: the wrong certificate", step.file)
		}
	}
	if log := in.log(); strings.Count(log, "don't fit") != 1 {
		t.Error(log)
	}
}
