package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// balancer is a load balancer as offices have them: round robin over what
// answered its last HEAD, a minute's patience, and the reporter's address in
// X-Forwarded-For.
type balancer struct {
	*httptest.Server
	backends []*backend
	turn     atomic.Uint64
}

type backend struct {
	addr   string
	up     atomic.Bool
	served atomic.Int64 // requests passed on
	asked  atomic.Int64 // health checks
	missed atomic.Int64 // health checks that failed once it had been up
}

// reporterHeader stands for the peer's address, which in a test is always
// loopback.
const reporterHeader = "Test-Reporter"

func balance(t *testing.T, addrs ...string) *balancer {
	t.Helper()
	b := &balancer{}
	ctx, cancel := context.WithCancel(t.Context())
	var checks sync.WaitGroup
	for _, addr := range addrs {
		s := &backend{addr: addr}
		b.backends = append(b.backends, s)
		checks.Go(func() { s.watch(ctx) })
	}
	patient := http.DefaultTransport.(*http.Transport).Clone()
	patient.ResponseHeaderTimeout = time.Minute
	b.Server = httptest.NewServer(&httputil.ReverseProxy{Transport: patient, Rewrite: b.send,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		}})
	t.Cleanup(func() { b.Close(); cancel(); checks.Wait(); patient.CloseIdleConnections() })
	until(t, 15*time.Second, "every backend is healthy", func() bool {
		for _, s := range b.backends {
			if !s.up.Load() {
				return false
			}
		}
		return true
	})
	return b
}

// watch asks for health every 100 ms.
func (s *backend) watch(ctx context.Context) {
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for tick := time.NewTicker(100 * time.Millisecond); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
			s.check(ctx, client)
		}
	}
}

func (s *backend) check(ctx context.Context, client *http.Client) {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, "http://"+s.addr+"/", nil)
	if err != nil {
		panic(err)
	}
	resp, err := client.Do(req)
	healthy := err == nil && resp.StatusCode == http.StatusOK
	if err == nil {
		resp.Body.Close()
	}
	if ctx.Err() != nil {
		return
	}
	s.asked.Add(1)
	if was := s.up.Swap(healthy); was && !healthy {
		s.missed.Add(1)
	}
}

// send picks the next healthy backend.
func (b *balancer) send(r *httputil.ProxyRequest) {
	target := "127.0.0.1:1" // refuses: the answer is 502
	for range b.backends {
		s := b.backends[b.turn.Add(1)%uint64(len(b.backends))]
		if s.up.Load() {
			s.served.Add(1)
			target = s.addr
			break
		}
	}
	r.SetURL(&url.URL{Scheme: "http", Host: target})
	r.Out.Header.Set("X-Forwarded-For", r.In.Header.Get(reporterHeader))
	r.Out.Header.Del(reporterHeader)
}

// reportFrom files a report as somebody at address, and answers the receipt.
func (b *balancer) reportFrom(ctx context.Context, address string) (string, error) {
	form := url.Values{"text": {"a house is going up on the north field"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.URL+"/report", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set(reporterHeader, address)
	resp, err := b.Client().Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var page strings.Builder
	if err := resp.Write(&page); err != nil {
		return "", err
	}
	m := receiptOutput.FindStringSubmatch(page.String())
	if resp.StatusCode != http.StatusOK || m == nil {
		return "", fmt.Errorf("a reporter at %s got %s", address, resp.Status)
	}
	return m[1], nil
}

// TestBehindBalancer: forty reporters behind a load balancer, or behind one
// address of a village, aren't limited as one.
func TestBehindBalancer(t *testing.T) {
	for _, c := range []struct {
		name    string
		limits  string // so tight that reporters taken for one would be held
		address func(i int) string
	}{
		{"forty addresses", "TIPLINE_LIMITS_ORIGIN_SOFT_PER_HOUR=3", func(i int) string { return fmt.Sprintf("203.0.113.%d", i+1) }},
		{"one address of a village", "", func(int) string { return "198.51.100.7" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			env := []string{`TIPLINE_PUBLIC_PROXIES=["127.0.0.1"]`}
			if c.limits != "" {
				env = append(env, c.limits)
			}
			in := install(t, env...)
			first, second := in.public, freeAddr(t)
			in.spawn(nil, "intake")
			in.spawn([]string{"TIPLINE_PUBLIC_ADDR=" + second, "TIPLINE_SMTP_ADDR=", "TIPLINE_OPS_ADDR="}, "intake")
			b := balance(t, first, second)
			receipts := b.fortyReports(t, c.address)
			in.readableBy(t, receipts, first, second)
			b.sharedFairly(t)
			in.allNormal(t, len(receipts))
		})
	}
}

// fortyReports come eight at a time.
func (b *balancer) fortyReports(t *testing.T, address func(int) string) []string {
	t.Helper()
	receipts, errs := make([]string, 40), make([]error, 40)
	var wg sync.WaitGroup
	turns := make(chan struct{}, 8)
	for i := range receipts {
		turns <- struct{}{}
		wg.Go(func() {
			receipts[i], errs[i] = b.reportFrom(t.Context(), address(i))
			<-turns
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	return receipts
}

// readableBy wants every receipt to open at every intake, whichever gave it.
func (in *instance) readableBy(t *testing.T, receipts []string, addrs ...string) {
	t.Helper()
	for _, in.public = range addrs {
		for i, r := range receipts {
			if status, answer := in.look(r); status != http.StatusOK || answer.State != "received" {
				t.Fatalf("receipt %d at %s: %d, state %q", i, in.public, status, answer.State)
			}
		}
	}
}

// sharedFairly wants both backends used, and none ever found unhealthy.
func (b *balancer) sharedFairly(t *testing.T) {
	t.Helper()
	for _, s := range b.backends {
		if n := s.served.Load(); n < 15 {
			t.Errorf("%s served %d of 40", s.addr, n)
		}
		if asked, missed := s.asked.Load(), s.missed.Load(); asked == 0 || missed > 0 {
			t.Errorf("%s failed %d of %d health checks", s.addr, missed, asked)
		}
	}
}

// allNormal wants n tips, all on their way to the ledger and none held.
func (in *instance) allNormal(t *testing.T, n int) {
	t.Helper()
	in.spawn([]string{"TIPLINE_OPS_ADDR="}, "ledger", "follow")
	until(t, 20*time.Second, "the ledger has every tip", func() bool { return len(in.ledger()) == n })
	want := fmt.Sprintf("received %d = in ledger %d + held 0 + waiting 0", n, n)
	if out := in.run("doctor"); !strings.Contains(out, want) {
		t.Errorf("doctor doesn't say %q:\n%s", want, out)
	}
}
