package page_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// TestNoPathIsRedirected: a path written otherwise than we would is no page of
// ours; a redirect would lose the prefix, and the assets' folder led to itself.
func TestNoPathIsRedirected(t *testing.T) {
	s := site(t, "http://h.example/tip")
	h := s.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.URL.Path) }))
	for _, c := range []struct {
		method, path string
		status       int
		body         string
	}{
		{"GET", "/tip/a//b", 200, "/a//b"},
		{"GET", "/tip/a/../b", 200, "/a/../b"},
		{"GET", "/tip//evil.example/%2e%2e", 200, "/evil.example/.."},
		{"GET", "/tip/assets/", 200, "/assets"},
		{"GET", "/tip/assets/x", 404, "Not Found\n"},
		{"GET", "/tip/assets/../x", 404, "Not Found\n"},
		{"POST", s.ViewIn("en", "/", false).Asset("own.css"), 200, s.ViewIn("en", "/", false).Asset("own.css")[len("/tip"):]},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		if w.Code != c.status || w.Body.String() != c.body {
			t.Errorf("%s %s: %d %q, want %d %q", c.method, c.path, w.Code, w.Body, c.status, c.body)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("HEAD", s.ViewIn("en", "/", false).Asset("site.css"), nil))
	if w.Code != 200 {
		t.Errorf("HEAD of an asset: %d", w.Code)
	}
}

// TestWishesAreBounded: thirty kilobytes of languages took longer to compare
// than everything else a page costs.
func TestWishesAreBounded(t *testing.T) {
	s := site(t, "http://h.example")
	for _, c := range []struct{ wish, want string }{
		{"en-US,en;q=0.9,zh;q=0.5", "en"}, {"zh-TW", "zh-CN"}, {strings.Repeat("en,", 10_000), "zh-CN"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Language", c.wish)
		if got := s.View(r).Lang(); got != c.want {
			t.Errorf("%.30s… gets %s, want %s", c.wish, got, c.want)
		}
		r = httptest.NewRequest("GET", "/?lang="+url.QueryEscape(c.wish), nil)
		if got := s.View(r).Lang(); got != c.want {
			t.Errorf("?lang=%.30s… gets %s, want %s", c.wish, got, c.want)
		}
	}
}
