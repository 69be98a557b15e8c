package courier

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tipline/intake"
)

const (
	callTime   = 15 * time.Second // of one call, with the wait for its turn
	maxAnswer  = 64 << 10         // bytes of an answer; providers send less than one
	burst      = 10               // texts that go at once before they are spaced
	perMinute  = 60               // by default
	headerTime = 10 * time.Second
)

// newClient follows no redirect: a key and a number would go where nobody was
// told they go. A connection serves one call, so that a text is never sent again
// over a second one by itself.
func newClient() *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: headerTime, ResponseHeaderTimeout: headerTime, MaxResponseHeaderBytes: maxAnswer},
	}
}

// call makes one call and reads its answer. An error says whether the request was
// under way when it failed.
func call(c *http.Client, req *http.Request) (a answer, err error) {
	var sent atomic.Bool
	ctx := httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	resp, err := c.Do(req.WithContext(ctx))
	if err != nil && !sent.Load() {
		return answer{}, failed(intake.SendUnreachable)
	}
	if err != nil {
		return answer{}, unclear()
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return answer{}, unclear()
	}
	return answer{resp.StatusCode, body, retryAfter(resp)}, nil
}

// answer is what a gateway said, and how long it wants to be left alone.
type answer struct {
	status int
	body   []byte
	rest   time.Duration
}

// How long a gateway is left alone that has too much to do: where it doesn't say, and
// at most.
const (
	restTime = 10 * time.Second
	mostRest = 5 * time.Minute
)

// retryAfter is for how long the whole account is to send nothing (RFC 6585 §4, RFC 9110
// §10.2.3): that one number has had enough is said in a body.
func retryAfter(resp *http.Response) time.Duration {
	seconds, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	switch {
	case resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable:
		return 0
	case err == nil && seconds > 0:
		return min(time.Duration(min(seconds, 3600))*time.Second, mostRest)
	case resp.StatusCode == http.StatusTooManyRequests:
		return restTime
	default:
		return 0
	}
}

// unclear is a failure after which the text may be on its way.
func unclear() error { return &intake.SendError{Reason: intake.SendUnclear, Uncertain: true} }

// told is the failure that a provider's code stands for; one that isn't in the list is what
// the status says, or a refusal.
func told(codes map[string]string, code string, status int) error {
	if reason, ok := codes[code]; ok {
		return because(reason)
	}
	return failure(status)
}

// rule is a code's beginning and what it stands for: the codes of some providers are words
// that go from the general to the special. The first one that fits counts.
type rule struct{ begins, reason string }

// toldBy is [told] by rules.
func toldBy(rules []rule, code string, status int) error {
	for _, r := range rules {
		if strings.HasPrefix(code, r.begins) {
			return because(r.reason)
		}
	}
	return failure(status)
}

func because(reason string) error {
	if reason == intake.SendUnclear {
		return unclear()
	}
	return failed(reason)
}

// failure is byStatus of a text that certainly failed.
func failure(status int) error {
	if err := byStatus(status); err != nil {
		return err
	}
	return failed(intake.SendRefused)
}

// byStatus is what a status says where the body says no more; nil is success. A path that
// isn't there has a wrong account or region in it.
func byStatus(status int) error {
	switch {
	case status >= 200 && status <= 299:
		return nil
	case status == http.StatusUnauthorized, status == http.StatusPaymentRequired, status == http.StatusForbidden, status == http.StatusNotFound:
		return failed(intake.SendCredentials)
	case status == http.StatusTooManyRequests:
		return failed(intake.SendLimited)
	case status >= 500:
		return unclear()
	default:
		return failed(intake.SendRefused)
	}
}

// readAccepted takes a status at its word.
func readAccepted(_ Gateway, status int, _ []byte) error { return byStatus(status) }

// pace spaces texts: a few may go at once, and then so many a minute.
type pace struct {
	mu    sync.Mutex
	every time.Duration
	next  time.Time // when the next one would go without a burst
	until time.Time // before that none goes
}

func newPace(n int) *pace {
	if n <= 0 {
		n = perMinute
	}
	return &pace{every: time.Minute / time.Duration(n)}
}

// wait waits for the text's turn. One whose turn comes too late takes none.
func (p *pace) wait(ctx context.Context) error {
	delay, ok := p.take(ctx)
	if !ok {
		return context.DeadlineExceeded
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *pace) take(ctx context.Context) (time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	next := p.next
	if next.Before(now) {
		next = now
	}
	delay := max(0, next.Sub(now)-(burst-1)*p.every, p.until.Sub(now))
	if end, ok := ctx.Deadline(); ok && now.Add(delay).After(end) {
		return 0, false
	}
	p.next = next.Add(p.every)
	return delay, true
}

// rest lets nothing go for a while.
func (p *pace) rest(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(d); until.After(p.until) {
		p.until = until
	}
}
