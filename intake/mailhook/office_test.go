package mailhook

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"tipline/intake"
)

// office takes reports as the service does, and knows a message and a nonce again.
type office struct {
	mu     sync.Mutex
	took   []*intake.Report
	raws   []string
	names  []string // of files
	known  map[string]bool
	counts map[string]int
	fail   error
	now    time.Time
}

func newOffice(now time.Time) *office {
	return &office{known: map[string]bool{}, counts: map[string]int{}, now: now}
}

func (o *office) submit(_ context.Context, r *intake.Report) (intake.Filed, error) {
	var raw bytes.Buffer
	src := io.TeeReader(r.Raw, &raw)
	if r.Decode != nil {
		for f, err := range r.Decode(src, r) {
			if err != nil {
				return intake.Filed{}, err
			}
			o.names = append(o.names, f.Name)
			if _, err := io.Copy(io.Discard, f.Body); err != nil {
				return intake.Filed{}, err
			}
		}
	}
	if _, err := io.Copy(io.Discard, src); err != nil {
		return intake.Filed{}, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fail != nil {
		return intake.Filed{}, o.fail
	}
	for _, tag := range []string{"m" + r.Gateway + r.MessageID, "n" + r.Gateway + r.Nonce} {
		if o.known[tag] && tag != "n"+r.Gateway {
			return intake.Filed{Duplicate: true}, nil
		}
		o.known[tag] = true
	}
	o.took, o.raws = append(o.took, r), append(o.raws, raw.String())
	return intake.Filed{ID: "t"}, nil
}

func (o *office) handler(t interface {
	Helper()
	Fatal(...any)
}, c Channel, client *http.Client) http.Handler {
	t.Helper()
	c.Name = "box"
	if c.MaxBytes == 0 {
		c.MaxBytes = 1 << 20
	}
	h, err := NewHandler(c, Options{Submit: o.submit, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return o.now }, Client: client,
		Count: func(outcome string) { o.counts[outcome]++ }})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// call posts one callback and gives the status.
func call(h http.Handler, r *http.Request) int {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

func post(contentType string, body []byte, change ...func(*http.Request)) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/hooks/mail/box", bytes.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	for _, c := range change {
		c(r)
	}
	return r
}

const message = "From: Wang <wang@example.org>\r\nMessage-ID: <1@example.org>\r\nSubject: field\r\n\r\nA house stands on the field.\r\n"

// TestStatuses: what each provider is answered when a message can't be taken now,
// and when it never will be.
func TestStatuses(t *testing.T) {
	limited := &intake.LimitedError{RetryAfter: time.Minute}
	for _, tt := range []struct {
		err                                error
		mailgun, postmark, sendgrid, other int
	}{
		{intake.ErrNotDurable, 503, 503, 503, 503},
		{errors.New("anything"), 503, 503, 503, 503},
		{limited, 429, 429, 503, 429},
		{intake.ErrTooLarge, 406, 403, 413, 413},
		{errSignature, 403, 403, 403, 403},
		{errStale, 403, 403, 403, 403},
		{errForm, 400, 400, 400, 400},
		{errBroken, 503, 503, 503, 503},
		{errFetch, 503, 503, 503, 503},
	} {
		for provider, want := range map[string]int{"mailgun": tt.mailgun, "postmark": tt.postmark, "sendgrid": tt.sendgrid, "ses": tt.other} {
			w := httptest.NewRecorder()
			(&handler{kind: kinds()[provider]}).refuse(w, tt.err, outcomeOf(tt.err))
			if w.Code != want {
				t.Errorf("%s: %v is %d, want %d", provider, tt.err, w.Code, want)
			}
			if retry := w.Header().Get("Retry-After"); (retry == "60") != errors.Is(tt.err, intake.ErrLimited) {
				t.Errorf("%s: %v has Retry-After %q", provider, tt.err, retry)
			}
		}
	}
}

// TestConfiguration: a channel that anybody could use is refused at the start.
func TestConfiguration(t *testing.T) {
	for _, c := range []Channel{
		{Provider: "pigeon", Secrets: []string{"s"}}, {Provider: "mailgun"}, {Provider: "sendgrid"}, {Provider: "sendgrid", Secrets: []string{"short"}},
		{Provider: "postmark", Secrets: []string{"nocolon"}}, {Provider: "postmark"}, {Provider: "ses"}, {Provider: "ses", Topic: "topic"},
	} {
		if _, err := NewHandler(c, Options{}); !errors.Is(err, ErrChannel) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if !slices.Equal(Providers(), []string{"mailgun", "postmark", "sendgrid", "ses"}) {
		t.Errorf("providers: %v", Providers())
	}
}
