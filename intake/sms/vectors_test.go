package sms

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// vector is a signed callback of testdata/signatures.json.
type vector struct {
	Provider, Name, Secret, URL, Target, Body string
	Headers                                   map[string]string
	Valid                                     bool
	at                                        int64
}

func (v vector) run(t *testing.T) {
	o := &office{seen: map[string]bool{}}
	options := o.options()
	options.Now = func() time.Time { return time.Unix(v.at, 0) }
	h, err := NewHandler(Channel{Name: "city", Provider: v.Provider, Secrets: []string{"an older key", v.Secret}, URL: v.URL}, options)
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{}
	for k, s := range v.Headers {
		header.Set(k, s)
	}
	w := call(h, http.MethodPost, v.Target, v.Body, header)
	if v.Valid && (w.Code != 200 || len(o.filings) != 1) {
		t.Errorf("valid, but answered %d with %d reports", w.Code, len(o.filings))
	}
	if !v.Valid && (w.Code != 403 || len(o.filings) > 0) {
		t.Errorf("invalid, but answered %d with %d reports", w.Code, len(o.filings))
	}
}

func read(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("no vectors here")
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

func TestOwnVectors(t *testing.T) {
	var vectors []vector
	read(t, "testdata/signatures.json", &vectors)
	for _, v := range vectors {
		v.at = moment
		t.Run(v.Provider+"/"+v.Name, v.run)
	}
}

// published is a vector taken from a provider's own tests.
type published struct {
	Provider, Secret, URL, Header, Signature, ID, Timestamp, Note string
	Params                                                        [][2]string
	Body                                                          string
	Valid                                                         bool
}

// vector is p as a callback, with the configured URL cut out of the signed one.
func (p published) vector(t *testing.T) vector {
	if p.Provider == "standard-webhooks" {
		at, err := strconv.ParseInt(p.Timestamp, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return vector{Provider: "standard", Secret: p.Secret, Body: p.Body, Valid: p.Valid, at: at, Target: "/hooks/sms/city",
			Headers: map[string]string{"webhook-id": p.ID, "webhook-timestamp": p.Timestamp, "webhook-signature": p.Signature}}
	}
	u, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	v := vector{Provider: "twilio", Secret: p.Secret, Valid: p.Valid, Target: u.RequestURI(), Body: p.Body,
		Headers: map[string]string{p.Header: p.Signature}}
	v.URL, _, _ = strings.Cut(p.URL, "bodySHA256=")
	v.URL = strings.TrimRight(v.URL, "?&")
	if p.Body == "" {
		form := url.Values{}
		for _, kv := range p.Params {
			form.Add(kv[0], kv[1])
		}
		v.Body = form.Encode()
	}
	return v
}

func TestPublishedVectors(t *testing.T) {
	var vectors []published
	read(t, "../../../shared/testdata/vectors/webhook-signatures.json", &vectors)
	ran := 0
	for i, p := range vectors {
		if p.Provider != "twilio" && p.Provider != "standard-webhooks" {
			continue
		}
		ran++
		t.Run(p.Provider+"/"+strconv.Itoa(i)+" "+p.Note, p.vector(t).run)
	}
	if ran < 13 {
		t.Errorf("only %d vectors ran", ran)
	}
}
