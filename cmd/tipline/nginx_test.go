package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tipline/intake/servertest"
)

// nginxed are two intakes behind nginx with the configuration that is handed out.
type nginxed struct {
	*instance
	*servertest.Nginx
	addr, prefix string
	second       *child // an intake
	trusted      *x509.CertPool
}

const nginxSite = "tips.example.org"

// behindNginx sets them up; prefix is "" or as in "/tips".
func behindNginx(t *testing.T, prefix string, env ...string) *nginxed {
	t.Helper()
	n := &nginxed{addr: freeAddr(t), prefix: prefix}
	n.instance = install(t, append([]string{`TIPLINE_PUBLIC_PROXIES=["127.0.0.1"]`, "TIPLINE_PUBLIC_BASE_URL=https://" + nginxSite + prefix}, env...)...)
	other := freeAddr(t)
	n.child = n.spawn([]string{"TIPLINE_OPS_ADDR="}, "intake")
	n.second = n.spawn([]string{"TIPLINE_PUBLIC_ADDR=" + other, "TIPLINE_SMTP_ADDR=", "TIPLINE_OPS_ADDR="}, "intake")
	n.waitFor("http://"+n.public+"/", http.StatusOK)
	n.waitFor("http://"+other+"/", http.StatusOK)
	dir, pool := servertest.Certificate(t, nginxSite)
	n.trusted = pool
	n.Nginx = servertest.StartNginx(t, n.site(dir, other), n.addr)
	return n
}

// site is the file that is handed out, with this test's addresses, and the prefix as
// its own words say it.
func (n *nginxed) site(certificate, other string) string {
	n.t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "configs", "deploy", "nginx.conf"))
	if err != nil {
		n.t.Fatal(err)
	}
	site := string(text)
	_, plain, _ := net.SplitHostPort(freeAddr(n.t))
	for old, now := range map[string]string{"server 127.0.0.1:8181 ": "server " + n.public + " ", "server 127.0.0.1:8182 ": "server " + other + " ",
		"listen 443 ssl;": "listen " + n.addr + " ssl;", "listen [::]:443 ssl;": "", "listen 80;": "listen 127.0.0.1:" + plain + ";", "listen [::]:80;": "",
		"/etc/ssl/tips.example.org.pem": filepath.Join(certificate, "cert"), "/etc/ssl/private/tips.example.org.key": filepath.Join(certificate, "key")} {
		if !strings.Contains(site, old) {
			n.t.Fatalf("nginx.conf lacks %s", old)
		}
		site = strings.ReplaceAll(site, old, now)
	}
	if n.prefix == "" {
		return site
	}
	before, rest, _ := strings.Cut(site, "\tlocation / {")
	body, after, ok := strings.Cut(rest, "\n\t}\n")
	if !ok {
		n.t.Fatal("nginx.conf has no location /")
	}
	for _, where := range []string{"location " + n.prefix + "/ {", "location = " + n.prefix + " {"} {
		before += "\t" + where + body + "\n\t}\n"
	}
	return before + after
}

// from is a client at an address of this machine's loopback.
func (n *nginxed) from(address string) *http.Client {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: n.trusted}, DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return d.DialContext(ctx, network, n.addr)
		}}
	return &http.Client{Transport: tr, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (n *nginxed) url(path string) string { return "https://" + nginxSite + n.prefix + path }

// do sends a request from an address, which claims to carry another's.
func (n *nginxed) do(address, claims, method, path, kind string, body io.Reader) (int, string) {
	n.t.Helper()
	req, err := http.NewRequestWithContext(n.t.Context(), method, n.url(path), body)
	if err != nil {
		n.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if b, ok := body.(sized); ok {
		req.ContentLength = b.size
	}
	if claims != "" {
		req.Header.Set("X-Forwarded-For", claims)
	}
	resp, err := n.from(address).Do(req)
	if err != nil {
		n.t.Fatal(err)
	}
	return resp.StatusCode, readAll(n.t, resp)
}

// reports files a web report and wants a receipt.
func (n *nginxed) reports(address, claims string) {
	n.t.Helper()
	form := url.Values{"text": {"a house is going up on the north field"}}.Encode()
	status, page := n.do(address, claims, http.MethodPost, "/report", "application/x-www-form-urlencoded", strings.NewReader(form))
	if status != http.StatusOK || !receiptOutput.MatchString(page) {
		n.t.Fatalf("a reporter at %s got %d\n%s", address, status, page)
	}
}

// TestBehindNginx: behind the configuration that is handed out, forty reporters aren't limited as one,
// nobody chooses their address, a large file streams through, an intake may die, and no address is kept.
func TestBehindNginx(t *testing.T) {
	for name, prefix := range map[string]string{"a site of its own": "", "under a prefix": "/tips"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := behindNginx(t, prefix, "TIPLINE_LIMITS_ORIGIN_SOFT_PER_HOUR=3")
			if status, body := n.do("127.0.0.1", "", http.MethodHead, "/", "", nil); status != http.StatusOK || body != "" {
				t.Errorf("HEAD: %d, %d bytes", status, len(body))
			}
			for i := range 40 {
				n.reports(fmt.Sprint("127.0.1.", i+1), "")
			}
			n.sendsLarge(25<<20, http.StatusOK, `id="receipt"`)
			n.sendsLarge(1<<40, http.StatusRequestEntityTooLarge, "a film of the field</textarea>")
			n.sendsLarge(60<<20, http.StatusRequestEntityTooLarge, "a film of the field</textarea>")
			n.second.kill()
			for i := range 4 {
				n.reports(fmt.Sprint("127.0.3.", i+1), "")
			}
			for i := range 5 { // counted by one intake now, as there is no Redis
				n.reports("127.0.2.1", fmt.Sprint("203.0.113.", i+1))
			}
			n.keptNothing()
			n.spawn([]string{"TIPLINE_OPS_ADDR=", "TIPLINE_PUBLIC_ADDR="}, "ledger", "follow")
			out := ""
			until(t, 20*time.Second, "nothing waits for the ledger", func() bool { out, _ = n.try("doctor"); return strings.Contains(out, "+ waiting 0") })
			if !strings.Contains(out, "received 50 = in ledger 48 + held 2 + waiting 0") {
				t.Error(out)
			}
		})
	}
}

// sized is a body whose length is told ahead.
type sized struct {
	io.Reader
	size int64
}

// zeros are endless.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// sendsLarge sends a file of n bytes. One that is too large is answered while it travels.
func (n *nginxed) sendsLarge(size int64, status int, says string) {
	n.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.WriteField("text", "a film of the field")
	_, _ = w.CreateFormFile("files", "field.bin")
	end := "\r\n--" + w.Boundary() + "--\r\n"
	body := sized{io.MultiReader(&b, io.LimitReader(zeros{}, size), strings.NewReader(end)), int64(b.Len()+len(end)) + size}
	if got, page := n.do("127.0.4.1", "", http.MethodPost, "/report", w.FormDataContentType(), body); got != status || !strings.Contains(page, says) {
		n.t.Errorf("a file of %d bytes: %d\n%s", size, got, page)
	}
}

// keptNothing looks for reporters in all that nginx wrote.
func (n *nginxed) keptNothing() {
	n.t.Helper()
	for _, name := range []string{"access.log", "error.log"} {
		text, err := os.ReadFile(filepath.Join(n.Dir, name))
		if err != nil {
			n.t.Fatal(err)
		}
		if i := strings.Index(string(text), "127.0."); i >= 0 || name == "access.log" && len(text) > 0 {
			n.t.Errorf("%s holds who came:\n%.500s", name, text)
		}
	}
	for _, name := range []string{"body", "proxy"} {
		made, err := os.Stat(filepath.Join(n.Dir, name))
		conf, cerr := os.Stat(filepath.Join(n.Dir, "pid"))
		if err != nil || cerr != nil {
			n.t.Fatal(err, cerr)
		}
		if made.ModTime().After(conf.ModTime().Add(time.Second)) {
			n.t.Errorf("nginx wrote into %s: a file lay in clear on its disk", name)
		}
	}
}
