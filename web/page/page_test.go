package page_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gin-gonic/gin"

	"tipline/configs/locale"
	"tipline/web/page"
)

func bundle(t *testing.T) *locale.Bundle {
	t.Helper()
	b, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	return b.WithMissing(func(lang, id string) { t.Errorf("no message %s in %s", id, lang) })
}

func tree(extra map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	base := map[string]string{
		"templates/_frame.html": `{{define "header"}}{{end}}{{define "footer"}}{{end}}`,
		"templates/one.html":    `{{define "title"}}t{{end}}{{define "content"}}<a href="{{.URL "/x"}}">x</a>{{end}}`,
		"assets/own.css":        `a{color:red}`,
	}
	for _, m := range []map[string]string{base, extra} {
		for name, text := range m {
			out[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return out
}

func site(t *testing.T, baseURL string) *page.Site {
	t.Helper()
	s, err := page.New(page.Options{BaseURL: baseURL, Bundle: bundle(t), Files: tree(nil), Pages: []string{"one"}, Styles: []string{"own.css"}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStartFails(t *testing.T) {
	for _, c := range []struct {
		name  string
		extra map[string]string
		pages []string
		want  string
	}{
		{"declared and missing", nil, []string{"one", "two"}, "two"},
		{"there and undeclared", map[string]string{"templates/two.html": "x"}, []string{"one"}, "not declared"},
		{"no content", map[string]string{"templates/one.html": `{{define "title"}}{{end}}`}, []string{"one"}, `"content"`},
		{"broken", map[string]string{"templates/one.html": `{{`}, []string{"one"}, "one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := page.New(page.Options{BaseURL: "http://h", Bundle: bundle(t), Files: tree(c.extra), Pages: c.pages})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error that says %q", err, c.want)
			}
		})
	}
	if _, err := page.New(page.Options{BaseURL: "tips", Bundle: bundle(t), Files: tree(nil), Pages: []string{"one"}}); err == nil {
		t.Error("a base URL without a host was taken")
	}
}

func TestLinksKeepPrefixAndLanguage(t *testing.T) {
	s := site(t, "https://example.org/tips/")
	for target, want := range map[string]string{
		"/report":         "/tips/x",
		"/report?lang=en": "/tips/x?lang=en",
		"/report?lang=xx": "/tips/x",
	} {
		if got := s.View(httptest.NewRequest("GET", target, nil)).URL("/x"); got != want {
			t.Errorf("from %s: %s, want %s", target, got, want)
		}
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept-Language", "en-GB,en;q=0.9")
	if got := s.View(r).Lang(); got != "en" {
		t.Errorf("Accept-Language en-GB gives %s", got)
	}
	if got := s.Absolute("/report"); got != "https://example.org/tips/report" {
		t.Errorf("absolute: %s", got)
	}
}

func TestCrossOrigin(t *testing.T) {
	lenient, err := site(t, "https://tips.example.org").SameOriginOrNull()
	if err != nil {
		t.Fatal(err)
	}
	strict, err := site(t, "https://tips.example.org").SameOrigin()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, method, origin, fetch string
		ok                          bool
	}{
		{"no headers", "POST", "", "", true},
		{"same site by fetch metadata", "POST", "null", "same-origin", true},
		{"another site", "POST", "https://evil.example", "cross-site", false},
		{"another site without metadata", "POST", "https://evil.example", "", false},
		{"opaque but cross-site", "POST", "null", "cross-site", false},
		{"old browser on our no-referrer page", "POST", "null", "", true},
		{"our origin behind a proxy that changes Host", "POST", "https://tips.example.org", "", true},
		{"reading is free", "GET", "https://evil.example", "cross-site", true},
	} {
		r := httptest.NewRequest(c.method, "http://internal/report", nil)
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		if c.fetch != "" {
			r.Header.Set("Sec-Fetch-Site", c.fetch)
		}
		if err := lenient(r); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
		if err := strict(r); (err == nil) != (c.ok && (c.origin != "null" || c.fetch != "")) {
			t.Errorf("%s, where a session acts: %v", c.name, err)
		}
	}
}

func TestAssets(t *testing.T) {
	s := site(t, "http://h/tips")
	url := s.View(httptest.NewRequest("GET", "/", nil)).Asset("site.css")
	srv := httptest.NewServer(s.Handler(http.NotFoundHandler()))
	defer srv.Close()
	get := func(path string) *http.Response {
		res, err := http.Get(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { res.Body.Close() })
		return res
	}
	res := get(url)
	css, _ := io.ReadAll(res.Body)
	if res.StatusCode != 200 || !bytes.HasSuffix(css, []byte("a{color:red}")) || !bytes.Contains(css, []byte("--paper")) {
		t.Errorf("%s: %d, want the base followed by the site's own", url, res.StatusCode)
	}
	if got := res.Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("Cache-Control %q", got)
	}
	if got := get(strings.Replace(url, "/assets/", "/assets/0", 1)).StatusCode; got != 404 {
		t.Errorf("another hash: %d", got)
	}
	if got := get(strings.TrimPrefix(url, "/tips")).StatusCode; got != 200 {
		t.Errorf("a proxy that strips the prefix gets %d", got)
	}
}

// TestPanicTellsNothing: neither the answer nor the log holds what a handler
// panicked with.
func TestPanicTellsNothing(t *testing.T) {
	var log bytes.Buffer
	r, err := page.NewRouter(slog.New(slog.NewJSONHandler(&log, nil)), func(c *gin.Context, err error) {
		page.Write(c.Writer, page.Status(err), "text/plain", []byte(err.Error()))
	})
	if err != nil {
		t.Fatal(err)
	}
	r.GET("/boom", func(*gin.Context) error { panic("CANARY 13800000000") })
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest("GET", "/boom?q=CANARY", nil))
	if w.Code != 500 {
		t.Errorf("status %d", w.Code)
	}
	if strings.Contains(log.String()+w.Body.String(), "CANARY") {
		t.Errorf("the panic's value leaks: %s", log.String())
	}
	if !strings.Contains(log.String(), `"/boom"`) || !strings.Contains(log.String(), "page_test.TestPanicTellsNothing") {
		t.Errorf("the log doesn't say where: %s", log.String())
	}
	w = httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest("POST", "/boom", nil))
	if w.Code != 405 || w.Header().Get("Allow") == "" {
		t.Errorf("POST: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

// TestAssetsArePacked: texts go out small to who takes them so, and as they are to others.
func TestAssetsArePacked(t *testing.T) {
	s := site(t, "http://example.org")
	path := s.ViewIn("en", "/", false).Asset("site.css")
	for _, c := range []struct {
		accept string
		packed bool
	}{{"gzip, deflate, br", true}, {"br,gzip", true}, {"", false}, {"identity", false}, {"gzip;q=0", false}, {"xgzip", false}} {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept-Encoding", c.accept)
		w := httptest.NewRecorder()
		s.Handler(http.NotFoundHandler()).ServeHTTP(w, r)
		body := io.Reader(w.Body)
		if c.packed {
			var err error
			if body, err = gzip.NewReader(w.Body); err != nil {
				t.Fatal(err)
			}
		}
		got, err := io.ReadAll(body)
		if err != nil || !bytes.Equal(got, s.File("site.css")) || (w.Header().Get("Content-Encoding") == "gzip") != c.packed || !slices.Contains(w.Header().Values("Vary"), "Accept-Encoding") {
			t.Errorf("%q: %d bytes, %v, %v", c.accept, len(got), w.Header(), err)
		}
	}
}
