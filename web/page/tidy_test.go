package page_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"tipline/web/page"
)

// TestTidy: what pages read of an address and of a form is text; what a gateway signed comes as it was.
func TestTidy(t *testing.T) {
	for in, want := range map[string]string{"": "", "村北": "村北", "a\x00b": "a\uFFFDb", "\xff": "\uFFFD", "\xed\xa0\x80": "\uFFFD"} {
		if got := page.Tidy(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
	var got string
	r, err := page.NewRouter(slog.New(slog.DiscardHandler), func(c *gin.Context, err error) { c.Status(http.StatusTeapot) })
	if err != nil {
		t.Fatal(err)
	}
	r.GET("/page/:id", func(c *gin.Context) error { got = c.Param("id") + " " + c.Query("q"); return nil })
	r.POST("/form", func(c *gin.Context) error {
		err := page.ReadForm(c.Writer, c.Request, 1000)
		got = c.PostForm("q")
		return err
	})
	r.Mount("/hook", http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) { got = q.URL.RawQuery }))
	for _, c := range []struct{ method, path, kind, body, want string }{
		{"GET", "/page/%00?q=%B4%F3&r=1", "", "", "\uFFFD \uFFFD"},
		{"GET", "/page/x?q=a+b", "", "", "x a b"},
		{"GET", "/hook?q=%B4%F3%C5%EF&sign=1", "", "", "q=%B4%F3%C5%EF&sign=1"},
		{"POST", "/form", "application/x-www-form-urlencoded", "q=%00", "\uFFFD"},
		{"POST", "/form", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=q\r\n\r\n\x00\r\n--b--\r\n", "\uFFFD"},
	} {
		got = ""
		q := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		q.Header.Set("Content-Type", c.kind)
		r.ServeHTTP(httptest.NewRecorder(), q)
		if got != c.want {
			t.Errorf("%s %s %q: %q, want %q", c.method, c.path, c.body, got, c.want)
		}
	}
	large := httptest.NewRequest("POST", "/form", strings.NewReader("q="+strings.Repeat("x", 1000)))
	large.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if _, ok := errors.AsType[*http.MaxBytesError](page.ReadForm(httptest.NewRecorder(), large, 1000)); !ok {
		t.Error("a form that is too large is read")
	}
}
