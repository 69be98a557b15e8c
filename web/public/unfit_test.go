package public_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/intaketest"
	"tipline/intake/servertest"
	"tipline/intake/store"
	"tipline/web/public"
)

// unfit are values that are no text, no number and no code.
var unfit = []string{"\x00", "a\x00b", "\xff\xfe", "\xed\xa0\x80", "-1", "99999999999999999999", "1e309", "0000-00-00", "../../x", strings.Repeat("长", 30_000)}

// TestUnfitFields puts what is no text, no number and no code into every field that the public may send, as a form,
// with a file and as JSON, over both databases: each is answered, and none is a failure of ours.
func TestUnfitFields(t *testing.T) {
	for name, where := range map[string]func(t *testing.T) *store.Store{"sqlite": nil, "postgres": func(t *testing.T) *store.Store {
		at, err := servertest.StartPostgres(t).Database()
		intaketest.Must(t, err)
		s, err := store.Open(t.Context(), store.Options{URL: at, Loc: intaketest.Loc(), Now: time.Now})
		intaketest.Must(t, err)
		t.Cleanup(func() { intaketest.Must(t, s.Close()) })
		return s
	}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := intaketest.Open(t)
			if where != nil {
				s := where(t)
				o.Deps.Store, o.Deps.Texts, o.Deps.Fetches = s, s, s
			}
			door := &watched{Service: o.Door()}
			srv := serve(t, door, func(p *public.Options) { p.MaxBytes = 1 << 20 })
			filed, err := door.Submit(t.Context(), &intake.Report{Channel: intake.Web, Words: intake.Words{Text: "x"}})
			intaketest.Must(t, err)
			unfitFields(t, srv.URL, filed.Receipt.Grouped())
		})
	}
}

func unfitFields(t *testing.T, site, receipt string) {
	report := []string{"text", "category", "conduct", "place", "address", "lat", "lon", "datum", "occurred", "subject", "parcel", "urgent", "concerns", "name", "phone", "email", "reply", "lang", "token", "map", "website", "step", "work", "solved"}
	for _, c := range []struct {
		path   string
		with   map[string]string
		fields []string
		as     []string
	}{
		{"/report", map[string]string{"text": "x"}, report, []string{"form", "multipart"}},
		{"/api/v1/reports", map[string]string{"text": "x"}, report, []string{"json", "multipart"}},
		{"/receipt", map[string]string{"receipt": receipt, "text": "x"}, []string{"receipt", "text", "token", "wish", "sure", "step", "lang"}, []string{"form", "multipart"}},
		{"/api/v1/receipt", map[string]string{"receipt": receipt}, []string{"receipt"}, []string{"json"}},
		{"/api/v1/receipt/messages", map[string]string{"receipt": receipt, "text": "x"}, []string{"receipt", "text"}, []string{"json"}},
		{"/api/v1/receipt/files", map[string]string{"receipt": receipt, "text": "x"}, []string{"receipt", "text", "token"}, []string{"multipart"}},
		{"/api/v1/receipt/withdraw", nil, []string{"receipt"}, []string{"json"}},
		{"/api/v1/receipt/no-contact", nil, []string{"receipt"}, []string{"json"}},
	} {
		for _, field := range c.fields {
			for _, bad := range unfit {
				values := url.Values{field: {bad}}
				for f, v := range c.with {
					if f != field {
						values.Set(f, v)
					}
				}
				for _, as := range c.as {
					kind, body := encoded(t, as, values, bad)
					if a := do(t, "POST", site+c.path, kind, body); a.StatusCode >= 500 {
						t.Errorf("%s: %s=%.12q as %s: %d", c.path, field, bad, as, a.StatusCode)
					}
				}
			}
		}
		for _, as := range []struct{ kind, body string }{{"", "x"}, {"text/plain", "text=x"}, {"application/json", `{"text":"\ud800","receipt":"\ud800"}`}, {"application/json", `{"text":`}, {"application/json", `[[[[`},
			{"application/json", `{"text":1e999,"receipt":-1}`}, {"multipart/form-data", "x"}, {"multipart/form-data; boundary=b", "--b\r\nContent-"}, {formType, "%zz=%"}, {formType, "text=x&text=\x00&receipt=1&receipt=\x00"}} {
			if a := do(t, "POST", site+c.path, as.kind, as.body, "Idempotency-Key", "\xff\xfe"); a.StatusCode >= 500 {
				t.Errorf("%s as %s %q: %d", c.path, as.kind, as.body, a.StatusCode)
			}
		}
	}
}

// encoded are fields as a body; with a file, whose name is unfit, too.
func encoded(t *testing.T, as string, values url.Values, name string) (kind, body string) {
	t.Helper()
	switch as {
	case "form":
		return formType, values.Encode()
	case "json":
		flat := map[string]string{}
		for f := range values {
			flat[f] = values.Get(f)
		}
		b, err := json.Marshal(flat)
		intaketest.Must(t, err)
		return "application/json", string(b)
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range slices.Sorted(maps.Keys(values)) {
		intaketest.Must(t, w.WriteField(f, values.Get(f)))
	}
	p, err := w.CreateFormFile("files", name[:min(len(name), 100)])
	intaketest.Must(t, err)
	_, err = p.Write([]byte(name))
	intaketest.Must(t, err)
	intaketest.Must(t, w.Close())
	return w.FormDataContentType(), b.String()
}
