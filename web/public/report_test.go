package public_test

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/url"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"tipline/crypto/receipt"
	"tipline/intake"
	"tipline/web/public"
)

const formType = "application/x-www-form-urlencoded"

var (
	output = regexp.MustCompile(`<output id="receipt"[^>]*>([0-9 ]+)</output>`)
	hidden = regexp.MustCompile(`name="token" value="([^"]+)"`)
)

// full is every field with a value that can be found again.
func full() url.Values {
	return url.Values{"text": {"田里\n有人 <挖> \"湖\""}, "category": {"lake_landscaping"}, "conduct": {"wrong_plot", "impersonation"},
		"place": {"411422207201"}, "address": {"渠北 & 2号"}, "lat": {"34.4321"}, "lon": {"115.0678"}, "datum": {"gcj02"},
		"occurred": {"去年秋后"}, "subject": {"某公司"}, "parcel": {"TB-9"}, "urgent": {"1"}, "name": {"张三"}, "phone": {"13800000000"},
		"email": {"z@example.org"}, "reply": {"contact"}, "lang": {"en"}, "token": {"0123456789abcdefghijkLMNOP"}}
}

// form writes parts in order: "name=value" fields and "file:name=content" files.
func form(t *testing.T, parts ...string) (contentType, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		name, value, _ := strings.Cut(p, "=")
		var part io.Writer
		var err error
		if file, ok := strings.CutPrefix(name, "file:"); ok {
			part, err = w.CreateFormFile("files", file)
		} else {
			part, err = w.CreateFormField(name)
		}
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(part, value)
	}
	w.Close()
	return w.FormDataContentType(), b.String()
}

func TestReceiptAnswersTheForm(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	a := do(t, "POST", srv.URL+"/report", formType, full().Encode())
	m := output.FindStringSubmatch(a.body)
	if a.StatusCode != 200 || m == nil {
		t.Fatalf("%d, no receipt in:\n%s", a.StatusCode, a.body)
	}
	if _, err := receipt.Parse(m[1]); err != nil {
		t.Errorf("the receipt shown: %v", err)
	}
	r := d.reports[0]
	want := intake.Words{Text: full().Get("text"), Address: "渠北 & 2号", Lat: "34.4321", Lon: "115.0678", Datum: "gcj02", Occurred: "去年秋后", Subject: "某公司", Parcel: "TB-9"}
	if r.Words != want || r.Category != "lake_landscaping" || len(r.Conduct) != 2 || r.Place != "411422207201" || !r.Urgent ||
		r.Reply != intake.ReplyContact || r.Identity.Name != "张三" || r.Identity.Phone != "13800000000" || r.Identity.Email != "z@example.org" ||
		r.Token != full().Get("token") || r.Channel != intake.Web || r.Source != intake.SourcePublic || r.Lang != "en" || r.Origin != "127.0.0.1" {
		t.Error("the report differs from what was typed")
	}
	if !strings.Contains(a.body, "Write down your receipt") {
		t.Error("the answer isn't in the form's language")
	}
}

func TestTokenIsFreshAndRepeatable(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	token := func() string {
		return hidden.FindStringSubmatch(do(t, "GET", srv.URL+"/report", "", "").body)[1]
	}
	one, two := token(), token()
	if one == two || len(one) < 26 {
		t.Fatalf("tokens of two forms: %q, %q", one, two)
	}
	v := url.Values{"text": {"x"}, "token": {one}}.Encode()
	first, again := do(t, "POST", srv.URL+"/report", formType, v), do(t, "POST", srv.URL+"/report", formType, v)
	if output.FindString(first.body) == "" || output.FindString(first.body) != output.FindString(again.body) {
		t.Error("the same form sent twice shows two receipts")
	}
}

func TestFiles(t *testing.T) {
	for _, c := range []struct {
		name   string
		parts  []string
		status int
		names  []string
		reason string
	}{
		{"two files", []string{"text=x", "file:a.jpg=AA", "file:b.jpg=BBB"}, 200, []string{"a.jpg", "b.jpg"}, ""},
		{"no file chosen", []string{"text=x", "file:="}, 200, nil, ""},
		{"one of two inputs left empty", []string{"text=x", "file:=", "file:b.jpg=BBB"}, 200, []string{"b.jpg"}, ""},
		{"an empty file", []string{"text=x", "file:empty.txt="}, 200, []string{"empty.txt"}, ""},
		{"a field after a file", []string{"text=x", "file:a.jpg=AA", "subject=late"}, 422, nil, "照片和文件要放在表单最后"},
		{"a field after an empty input is early enough", []string{"text=x", "file:=", "subject=ok"}, 200, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDoor()
			kind, body := form(t, c.parts...)
			a := do(t, "POST", serve(t, d, nil).URL+"/report", kind, body)
			if a.StatusCode != c.status || !strings.Contains(a.body, c.reason) {
				t.Fatalf("%d:\n%s", a.StatusCode, a.body)
			}
			if strings.Join(d.names, " ") != strings.Join(c.names, " ") {
				t.Errorf("files %v, want %v", d.names, c.names)
			}
		})
	}
}

// TestFilesAreTold: who sends photos with the form, without script, is told of each.
func TestFilesAreTold(t *testing.T) {
	d := newDoor()
	kind, body := form(t, "text=x", "lang=en", "file:a.jpg=BBB", "file:b.jpg=")
	a := do(t, "POST", serve(t, d, nil).URL+"/report", kind, body)
	if m := output.FindStringSubmatch(a.body); a.StatusCode != 200 || m == nil ||
		!strings.Contains(a.body, "File 1: Received. Gone from the copy") || !strings.Contains(a.body, "File 2: This file is empty") {
		t.Errorf("%d\n%s", a.StatusCode, a.body)
	}
}

// TestTypedFormSurvives holds every error that a page answers to the promise
// that nothing typed is lost.
func TestTypedFormSurvives(t *testing.T) {
	invalid := &intake.InvalidError{Problems: []intake.Problem{{Field: "lat", Code: "format"}, {Field: "address", Code: "too_long", Param: "500"}}}
	for _, c := range []struct {
		err    error
		status int
		says   string
	}{
		{invalid, 422, `id="lat-reason"`},
		{intake.ErrTooManyFiles, 422, "At most 3"},
		{intake.ErrTooLarge, 413, "At most 64 MB"},
		{&intake.LimitedError{RetryAfter: 90 * time.Second}, 429, "2 minutes"},
		{fmt.Errorf("%w: disk", intake.ErrNotDurable), 503, "must be picked again"},
		{intake.ErrRead, 400, "did not arrive whole"},
		{errors.New("what?"), 500, "our fault"},
	} {
		t.Run(c.err.Error(), func(t *testing.T) {
			d := newDoor()
			d.fail = c.err
			srv := serve(t, d, nil)
			v := full()
			var parts []string
			for name, values := range v {
				for _, value := range values {
					parts = append(parts, name+"="+value)
				}
			}
			kind, body := form(t, append(parts, "file:a.jpg="+strings.Repeat("x", 1<<20))...)
			for i, a := range []answer{do(t, "POST", srv.URL+"/report", kind, body), do(t, "POST", srv.URL+"/report", formType, v.Encode())} {
				if a.StatusCode != c.status || !strings.Contains(a.body, c.says) {
					t.Errorf("%d, want %d and %q in:\n%s", a.StatusCode, c.status, c.says, a.body)
				}
				if strings.Contains(a.body, "Please choose them again") != (i == 0) {
					t.Error("it doesn't say that files must be picked again, or says it where there were none")
				}
				stillThere(t, a.body, v)
			}
		})
	}
}

func stillThere(t *testing.T, page string, typed url.Values) {
	t.Helper()
	for name, values := range typed {
		for _, v := range values {
			v = html.EscapeString(v)
			shown := fmt.Sprintf(`name="%s" value="%s"`, name, v) // hidden fields and ticked boxes
			switch name {
			case "text":
				shown = ">" + v + "</textarea>"
			case "category", "conduct", "reply", "urgent":
				shown = regexp.MustCompile(fmt.Sprintf(`name="%s" value="%s"[^>]* checked>`, name, v)).FindString(page)
			case "place", "datum":
				shown = fmt.Sprintf(`<option value="%s" selected>`, v)
			case "address", "lat", "lon", "occurred", "subject", "parcel", "name", "phone", "email":
				shown = regexp.MustCompile(fmt.Sprintf(`name="%s" inputmode="[a-z]+" value="%s"`, name, regexp.QuoteMeta(v))).FindString(page)
			}
			if shown == "" || !strings.Contains(page, shown) {
				t.Errorf("%s %q is gone from the form", name, v)
			}
		}
	}
}

func TestStatusBeforeTheDoor(t *testing.T) {
	srv := serve(t, newDoor(), func(o *public.Options) { o.MaxBytes = 1 << 20 })
	kind, body := form(t, "text=x", "file:a="+strings.Repeat("x", 5<<20))
	for _, c := range []struct {
		name, kind, body string
		status           int
		headers          []string
	}{
		{"wrong type", "text/plain", "text=x", 415, nil},
		{"no type", "", "text=x", 415, nil},
		{"bad escape", formType, "text=%zz", 400, nil},
		{"no boundary", "multipart/form-data", "x", 400, nil},
		{"broken off", "multipart/form-data; boundary=B", "--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhal", 400, nil},
		{"fields too large", formType, "text=" + strings.Repeat("x", 2<<20), 413, nil},
		{"body too large", kind, body, 413, nil},
		{"another site's page", formType, "text=x", 403, []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}},
		{"panic", formType, "text=panic", 500, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if a := do(t, "POST", srv.URL+"/report", c.kind, c.body, c.headers...); a.StatusCode != c.status {
				t.Errorf("%d, want %d:\n%.600s", a.StatusCode, c.status, a.body)
			}
		})
	}
}

// endless is n bytes that stand nowhere.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// TestUploadStreams sends 25 MB and watches memory and the temp folder.
func TestUploadStreams(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	d := newDoor()
	srv := serve(t, d, nil)
	const size = 25 << 20
	pr, pw := io.Pipe()
	w := multipart.NewWriter(pw)
	go func() {
		w.WriteField("text", "x")
		part, _ := w.CreateFormFile("files", "big.bin")
		io.Copy(part, io.LimitReader(endless{}, size))
		w.Close()
		pw.Close()
	}()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	a := send(t, "POST", srv.URL+"/report", w.FormDataContentType(), pr)
	runtime.ReadMemStats(&after)
	if a.StatusCode != 200 || len(d.sizes) != 1 || d.sizes[0] != size {
		t.Fatalf("%d, sizes %v", a.StatusCode, d.sizes)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
		t.Errorf("client and server together allocated %d KB for %d MB", grown>>10, size>>20)
	}
	left, err := os.ReadDir(tmp)
	if err != nil || len(left) > 0 {
		t.Errorf("temp files: %v, %v", left, err)
	}
}
