// Package ops is the listener for those who run the machine: is it alive, is it
// ready, and its metrics. Nothing here tells of a person or of a secret.
package ops

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tipline/web/page"
)

// Check is one thing the program can't do its work without.
type Check struct {
	Name string // "database", "queue", "disk"
	Run  func(ctx context.Context) error
}

// Options are what is watched.
type Options struct {
	Ready   []Check
	Metrics prometheus.Gatherer // e.g. a *prometheus.Registry; no label may carry a person
	Log     *slog.Logger
	Timeout time.Duration // of all checks together; 0: two seconds
}

// New is the handler of /healthz (alive), /readyz (all checks hold, else 503)
// and /metrics.
func New(o Options) (http.Handler, error) {
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Second
	}
	r, err := page.NewRouter(o.Log, fail)
	if err != nil {
		return nil, err
	}
	r.GET("/healthz", func(c *gin.Context) error { return answer(c, http.StatusOK, map[string]bool{"ok": true}) })
	r.GET("/readyz", o.ready)
	metrics := promhttp.HandlerFor(o.Metrics, promhttp.HandlerOpts{})
	r.GET("/metrics", func(c *gin.Context) error {
		metrics.ServeHTTP(c.Writer, c.Request)
		return nil
	})
	return page.Secure(r), nil
}

func fail(c *gin.Context, err error) {
	status := page.Status(err)
	page.Write(c.Writer, status, "text/plain; charset=utf-8", []byte(http.StatusText(status)+"\n"))
}

// result is what a check tells: never the error's text, which may name an
// address or a password; that stands in the log of whoever met it.
type result struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
}

func (o Options) ready(c *gin.Context) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), o.Timeout)
	defer cancel()
	all := struct {
		OK     bool     `json:"ok"`
		Checks []result `json:"checks"`
	}{true, run(ctx, o.Ready)}
	status := http.StatusOK
	for _, r := range all.Checks {
		all.OK = all.OK && r.OK
	}
	if !all.OK {
		status = http.StatusServiceUnavailable
	}
	return answer(c, status, all)
}

// run makes all checks at the same time. One that doesn't heed its context
// counts as failed when the time is up.
func run(ctx context.Context, checks []Check) []result {
	type ended struct {
		i  int
		ok bool
	}
	out, done := make([]result, len(checks)), make(chan ended, len(checks))
	for i, check := range checks {
		out[i].Name = check.Name
		go func() { done <- ended{i, check.Run(ctx) == nil} }()
	}
	for range checks {
		select {
		case e := <-done:
			out[e.i].OK = e.ok
		case <-ctx.Done():
			return out
		}
	}
	return out
}

func answer(c *gin.Context, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	page.Write(c.Writer, status, "application/json", append(body, '\n'))
	return nil
}
