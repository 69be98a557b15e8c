package public_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"tipline/crypto/receipt"
	"tipline/intake"
)

// contract is the published description of the API, as a judge of real requests
// and answers.
type contract struct {
	t        *testing.T
	doc      map[string]any
	compiler *jsonschema.Compiler
	answered map[string]bool // path and status
}

func newContract(t *testing.T, srv string) *contract {
	t.Helper()
	a := do(t, "GET", srv+"/api/v1/openapi.json", "", "")
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(a.body))
	if err != nil || a.StatusCode != 200 || a.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%d %s: %v", a.StatusCode, a.Header.Get("Content-Type"), err)
	}
	c := &contract{t: t, doc: doc.(map[string]any), compiler: jsonschema.NewCompiler(), answered: map[string]bool{}}
	c.compiler.DefaultDraft(jsonschema.Draft2020)
	c.compiler.AssertFormat()
	if err := c.compiler.AddResource("openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	return c
}

// at is what stands in the document under keys.
func (c *contract) at(keys ...string) any {
	var v any = c.doc
	for _, k := range keys {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[k]
	}
	return v
}

// fits holds a JSON text against the schema under keys.
func (c *contract) fits(body string, keys ...string) error {
	c.t.Helper()
	if c.at(keys...) == nil {
		return fmt.Errorf("nothing is documented under %q", keys)
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	pointer := ""
	for _, k := range keys {
		pointer += "/" + escape.Replace(k)
	}
	schema, err := c.compiler.Compile("openapi.json#" + pointer)
	if err != nil {
		c.t.Fatalf("%s isn't a schema: %v", pointer, err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil {
		return err
	}
	return schema.Validate(v)
}

// answer holds an answer against the document.
func (c *contract) answer(path string, a answer) {
	c.t.Helper()
	kind, _, _ := mime.ParseMediaType(a.Header.Get("Content-Type"))
	status := fmt.Sprint(a.StatusCode)
	c.answered[path+" "+status] = true
	if err := c.fits(a.body, "paths", path, "post", "responses", status, "content", kind, "schema"); err != nil {
		c.t.Errorf("%s answers %s %s otherwise than it is documented: %v\n%s", path, status, kind, err, a.body)
	}
	wants := c.at("paths", path, "post", "responses", status, "headers", "Retry-After") != nil
	if wants != (a.Header.Get("Retry-After") != "") {
		c.t.Errorf("%s %s: Retry-After is %q, documented: %v", path, status, a.Header.Get("Retry-After"), wants)
	}
}

const (
	reportsPath = "/api/v1/reports"
	receiptPath = "/api/v1/receipt"
	wordsPath   = "/api/v1/receipt/messages"
	filesPath   = "/api/v1/receipt/files"
	backPath    = "/api/v1/receipt/withdraw"
	silentPath  = "/api/v1/receipt/no-contact"
)

// TestOpenAPI sends requests that the document allows and such as it doesn't, and
// holds every answer against it.
func TestOpenAPI(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	c := newContract(t, srv.URL)
	code := receipt.New().Grouped()
	quoted := fmt.Sprintf("%q", code)
	for _, r := range []struct {
		path, body string
		allowed    bool
	}{
		{reportsPath, `{"text":"x"}`, true},
		{reportsPath, `{"text":"x","category":"other","conduct":["wrong_plot","impersonation"],"place":"411422207","address":"a","lat":34.4,"lon":"115.0","datum":"gcj02","occurred":"y","subject":"z","parcel":"p","urgent":true,"name":"n","phone":"p","email":"e","reply":"contact","lang":"en"}`, true},
		{reportsPath, `{"text":"x","category":null,"conduct":null,"urgent":null}`, true},
		{reportsPath, `{"text":""}`, false}, {reportsPath, `{"text":"x","colour":"red"}`, false}, {reportsPath, `{"text":["x"]}`, false}, {reportsPath, `{"text":"x","conduct":[1]}`, false},
		{receiptPath, `{"receipt":` + quoted + `}`, true},
		{wordsPath, `{"receipt":` + quoted + `,"text":"more"}`, true},
		{backPath, `{"receipt":` + quoted + `}`, true}, {silentPath, `{"receipt":` + quoted + `}`, true},
	} {
		if err := c.fits(r.body, "paths", r.path, "post", "requestBody", "content", "application/json", "schema"); (err == nil) != r.allowed {
			t.Errorf("%s: documented as allowed: %v (%v)", r.body, err == nil, err)
		}
		a := do(t, "POST", srv.URL+r.path, "application/json", r.body)
		if (a.StatusCode < 300) != r.allowed {
			t.Errorf("%s: %d", r.body, a.StatusCode)
		}
		c.answer(r.path, a)
	}
	kind, body := form(t, "receipt="+code, "text=more", "file:a.jpg=x", "file:b.jpg=y")
	c.answer(filesPath, do(t, "POST", srv.URL+filesPath, kind, body))
	kind, body = form(t, "text=x", "place=411422207", "file:a.jpg=x")
	c.answer(reportsPath, do(t, "POST", srv.URL+reportsPath, kind, body))
	for _, path := range []string{reportsPath, receiptPath, wordsPath, filesPath, backPath, silentPath} {
		c.refusals(srv.URL, d, path, code)
	}
	for _, path := range []string{reportsPath, receiptPath, wordsPath, filesPath, backPath, silentPath} {
		for status := range c.at("paths", path, "post", "responses").(map[string]any) {
			if !c.answered[path+" "+status] && !slices.Contains([]string{reportsPath + " 404"}, path+" "+status) {
				t.Errorf("%s: %s is documented and was never answered", path, status)
			}
		}
	}
}

// refusals makes a path refuse in every way.
func (c *contract) refusals(srv string, d *door, path, code string) {
	t := c.t
	t.Helper()
	ask := func(code string) (kind, body string) {
		if path == filesPath {
			return form(t, "receipt="+code, "file:a=x")
		}
		b, err := json.Marshal(map[string]string{"receipt": code, "text": "x"})
		if path == reportsPath {
			b, err = json.Marshal(map[string]string{"text": "x"})
		}
		if err != nil {
			t.Fatal(err)
		}
		return "application/json", string(b)
	}
	kind, body := ask(code)
	c.answer(path, do(t, "POST", srv+path, "text/plain", body))                           // 415
	c.answer(path, do(t, "POST", srv+path, kind, body[:len(body)/2]))                     // 400
	c.answer(path, do(t, "POST", srv+path, kind, body, "Origin", "https://evil.example")) // 403
	c.answer(path, do(t, "POST", srv+path, kind, body+strings.Repeat(" ", 2<<20)))        // 413
	if path != reportsPath {
		wrong, wrongBody := ask("1111 1111 1111 1111 1111 1111")
		c.answer(path, do(t, "POST", srv+path, wrong, wrongBody)) // 422
	}
	for _, err := range []error{intake.ErrUnknownReceipt, &intake.LimitedError{RetryAfter: time.Minute}, fmt.Errorf("%w: disk", intake.ErrNotDurable), intake.ErrTooLarge} {
		if path == reportsPath && errors.Is(err, intake.ErrUnknownReceipt) {
			continue
		}
		d.fail, d.look = err, err
		c.answer(path, do(t, "POST", srv+path, kind, body))
	}
	d.fail, d.look = nil, nil
}

// TestOpenAPIFields: the document names the fields that are taken, and no other.
func TestOpenAPIFields(t *testing.T) {
	srv := serve(t, newDoor(), nil)
	c := newContract(t, srv.URL)
	named := c.at("components", "schemas", "Report", "properties").(map[string]any)
	for _, field := range []string{"text", "category", "conduct", "place", "address", "lat", "lon", "datum", "occurred", "subject", "parcel", "urgent",
		"concerns", "name", "phone", "email", "reply", "lang", "token"} {
		if _, ok := named[field]; !ok {
			t.Errorf("%s is taken and not documented", field)
		}
		delete(named, field)
		a := do(t, "POST", srv.URL+reportsPath, "application/json", fmt.Sprintf(`{"text":"x",%q:null}`, field))
		if field != "text" && a.StatusCode != 201 {
			t.Errorf("%s: %d %s", field, a.StatusCode, a.body)
		}
	}
	for field := range named {
		t.Errorf("%s is documented and not taken", field)
	}
}
