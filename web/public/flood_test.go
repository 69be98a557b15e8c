package public_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tipline/web/public"
)

// members are n members or elements of JSON, all different.
func members(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// TestManyFieldsCostLittle: work that grows with the square of the fields took
// half a minute of processor time for one body under a megabyte.
func TestManyFieldsCostLittle(t *testing.T) {
	srv := serve(t, newDoor(), nil)
	for _, c := range []struct {
		name, path, kind, body string
		status                 int
	}{
		{"members", "/api/v1/reports", "application/json", `{"text":"x"` + members(70_000, `,"%05x":1`) + "}", 400},
		{"list", "/api/v1/reports", "application/json", `{"text":"x","conduct":["a"` + members(90_000, `,"%05x"`) + "]}", 422},
		{"form", "/report", formType, "text=x" + members(60_000, "&conduct=%05x"), 400},
		{"as many as may be", "/api/v1/reports", "application/json", `{"text":"x"` + members(199, `,"%05x":1`) + "}", 422},
		{"one more", "/api/v1/reports", "application/json", `{"text":"x"` + members(200, `,"%05x":1`) + "}", 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			began := time.Now()
			a := do(t, "POST", srv.URL+c.path, c.kind, c.body)
			if a.StatusCode != c.status {
				t.Errorf("%d, want %d: %.300s", a.StatusCode, c.status, a.body)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("a body of %d KB took %v", len(c.body)>>10, took)
			}
		})
	}
}

// TestPartHeadersAreBounded: a file's name, and whatever else a part's header
// holds, stays in memory and is sealed with the report.
func TestPartHeadersAreBounded(t *testing.T) {
	field := "--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nx\r\n"
	file := func(name string) string {
		return "--B\r\nContent-Disposition: form-data; name=\"files\"; filename=\"" + name + "\"\r\n\r\nx\r\n"
	}
	long := strings.Repeat("n", 9<<20)
	for _, c := range []struct {
		name, body string
		status     int
	}{
		{"a name of the first file", field + file(long), 413},
		{"a name of a later file", field + file("a") + file(long), 413},
		{"a field's header", strings.Replace(field, `"text"`, `"text"; x="`+long+`"`, 1), 413},
		{"a name that is only long", field + file(strings.Repeat("n", 300)) + file("b"), 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := serve(t, newDoor(), nil)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			a := do(t, "POST", srv.URL+"/report", "multipart/form-data; boundary=B", c.body+"--B--\r\n")
			runtime.ReadMemStats(&after)
			if a.StatusCode != c.status {
				t.Errorf("%d, want %d", a.StatusCode, c.status)
			}
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 16<<20 {
				t.Errorf("it allocated %d MB", grown>>20)
			}
		})
	}
}

// TestAnUnknownTypeIsNotReadForEver: before a refusal the rest of a body is read,
// but not of one that has no end.
func TestAnUnknownTypeIsNotReadForEver(t *testing.T) {
	srv := serve(t, newDoor(), func(o *public.Options) { o.MaxBytes = 1 << 20 })
	for _, path := range []string{"/report", "/api/v1/reports"} {
		sent := &counted{Reader: io.LimitReader(endless{}, 64<<20)}
		r, err := http.NewRequest("POST", srv.URL+path, sent)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "text/plain")
		res, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			res.Body.Close()
			if res.StatusCode != 415 {
				t.Errorf("%s: %d", path, res.StatusCode)
			}
		}
		if n := sent.n.Load(); n > 32<<20 {
			t.Errorf("%s read %d MB of a body it doesn't take", path, n>>20)
		}
	}
}

type counted struct {
	io.Reader
	n atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}
