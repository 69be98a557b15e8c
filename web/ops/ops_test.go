package ops_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tipline/web/ops"
)

func get(t *testing.T, h http.Handler, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	b, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(b)
}

func handler(t *testing.T, reg *prometheus.Registry, checks ...ops.Check) http.Handler {
	t.Helper()
	h, err := ops.New(ops.Options{Ready: checks, Metrics: reg, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestReady(t *testing.T) {
	good := ops.Check{Name: "database", Run: func(context.Context) error { return nil }}
	bad := ops.Check{Name: "queue", Run: func(context.Context) error { return errors.New("redis://:hunter2@host refused") }}
	h := handler(t, prometheus.NewRegistry(), good)
	if code, body := get(t, h, "/readyz"); code != 200 || body != `{"ok":true,"checks":[{"name":"database","ok":true}]}`+"\n" {
		t.Errorf("%d %s", code, body)
	}
	h = handler(t, prometheus.NewRegistry(), good, bad)
	code, body := get(t, h, "/readyz")
	if code != 503 || !strings.Contains(body, `{"name":"queue","ok":false}`) {
		t.Errorf("%d %s", code, body)
	}
	if strings.Contains(body, "hunter2") {
		t.Error("a check's error is shown")
	}
	if code, _ := get(t, h, "/healthz"); code != 200 {
		t.Errorf("healthz: %d", code)
	}
	if code, _ := get(t, h, "/other"); code != 404 {
		t.Errorf("other: %d", code)
	}
}

func TestReadyDoesNotHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		hang := ops.Check{Name: "disk", Run: func(context.Context) error { <-release; return nil }}
		began := time.Now()
		code, body := get(t, handler(t, prometheus.NewRegistry(), hang), "/readyz")
		if took := time.Since(began); code != 503 || took != 2*time.Second {
			t.Errorf("%d after %v: %s", code, took, body)
		}
		close(release)
		synctest.Wait()
	})
}

func TestHourly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		h := ops.NewHourly("tipline_reports_total", "reports stored, told by the hour", "channel", nil)
		reg.MustRegister(h)
		srv := handler(t, reg)
		h.Inc("web")
		h.Inc("web")
		time.Sleep(time.Hour - time.Second - time.Since(time.Now().Truncate(time.Hour)))
		if _, body := get(t, srv, "/metrics"); strings.Contains(body, `channel="web"`) {
			t.Errorf("a submission shows before the hour is full:\n%s", body)
		}
		time.Sleep(time.Second)
		h.Inc("web")
		if _, body := get(t, srv, "/metrics"); !strings.Contains(body, `tipline_reports_total{channel="web"} 2`) {
			t.Errorf("the last hour's two don't show:\n%s", body)
		}
	})
}
