package sms

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// vector is a signed callback of testdata/signatures.json.
type vector struct {
	Provider, Name, Secret, URL, Method, Target, Body string
	Headers                                           map[string]string
	Valid                                             bool
	at                                                int64
	quiet                                             bool // there is no report in it
}

func (v vector) run(t *testing.T) {
	o := &office{seen: map[string]bool{}}
	options := o.options()
	options.Now = func() time.Time { return time.Unix(v.at, 0) }
	h, err := NewHandler(Channel{Name: "city", Provider: v.Provider, Secrets: v.secrets(), URL: v.URL}, options)
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{}
	for k, s := range v.Headers {
		header.Set(k, s)
	}
	w := call(h, v.Method, v.Target, v.Body, header)
	if v.Valid && (w.Code != 200 || (len(o.filings) == 1) == v.quiet) {
		t.Errorf("valid, but answered %d with %d reports", w.Code, len(o.filings))
	}
	if !v.Valid && (w.Code != 403 || len(o.filings) > 0) {
		t.Errorf("invalid, but answered %d with %d reports", w.Code, len(o.filings))
	}
}

// secrets are the vector's and an older one, which a public key can't be made up for.
func (v vector) secrets() []string {
	if v.Provider == "telnyx" {
		return []string{v.Secret}
	}
	return []string{"an older key", v.Secret}
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
		v.at, v.Method = moment, http.MethodPost
		t.Run(v.Provider+"/"+v.Name, v.run)
	}
}

// published is a vector taken from a provider's own tests.
type published struct {
	Provider, Secret, URL, Method, Header, Signature, ID, Nonce, Timestamp, Note string
	Params                                                                       [][2]string
	Body                                                                         string
	Valid                                                                        bool
}

// form is p's fields as a form.
func (p published) form() url.Values {
	out := url.Values{}
	for _, kv := range p.Params {
		out.Add(kv[0], kv[1])
	}
	return out
}

// seconds is p's timestamp.
func (p published) seconds(t *testing.T, timestamp string) int64 {
	t.Helper()
	at, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// vector is p as a callback of our provider; ok is false for one that isn't spoken here.
func (p published) vector(t *testing.T) (v vector, ok bool) {
	v = vector{Secret: p.Secret, URL: hookURL, Method: http.MethodPost, Target: hookPath, Body: p.Body, Valid: p.Valid, at: moment}
	switch p.Provider {
	case "standard-webhooks":
		v.Provider, v.at = "standard", p.seconds(t, p.Timestamp)
		v.Headers = map[string]string{"webhook-id": p.ID, "webhook-timestamp": p.Timestamp, "webhook-signature": p.Signature}
	case "twilio":
		p.twilio(t, &v)
	case "vonage-sms":
		form := p.form()
		v.Provider, v.at = "vonage", p.seconds(t, form.Get("timestamp"))
		form.Set("sig", p.Signature)
		v.Body = form.Encode()
	case "plivo-v2":
		v.Provider, v.URL, v.Body = "plivo", p.URL, "MessageUUID=1&From=10086&Text=x"
		v.Headers = map[string]string{"X-Plivo-Signature-V2": p.Signature, "X-Plivo-Signature-V2-Nonce": p.Nonce}
	case "plivo-v3":
		p.plivo(t, &v)
	case "sinch-sms":
		const name = "x-sinch-webhook-signature"
		v.Provider, v.at, v.quiet = "sinch", p.seconds(t, p.Timestamp), true
		v.Headers = map[string]string{name: p.Signature, name + "-nonce": p.Nonce, name + "-timestamp": p.Timestamp, name + "-algorithm": "HmacSHA256"}
	default:
		return v, false
	}
	return v, true
}

// twilio cuts the configured URL out of the signed one.
func (p published) twilio(t *testing.T, v *vector) {
	u, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	v.Provider, v.Target, v.Headers = "twilio", u.RequestURI(), map[string]string{p.Header: p.Signature}
	v.URL, _, _ = strings.Cut(p.URL, "bodySHA256=")
	v.URL = strings.TrimRight(v.URL, "?&")
	if p.Body == "" {
		v.Body = p.form().Encode()
	}
}

// plivo puts the fields of a GET into its query, beside those of the URL.
func (p published) plivo(t *testing.T, v *vector) {
	u, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	v.Provider, v.URL, v.Method, v.Body = "plivo", p.URL, p.Method, p.form().Encode()
	v.Headers = map[string]string{"X-Plivo-Signature-V3": p.Signature, "X-Plivo-Signature-V3-Nonce": p.Nonce}
	if p.Method == http.MethodGet {
		v.Target = hookPath + "?" + strings.Trim(u.RawQuery+"&"+v.Body, "&")
		v.Body = ""
	}
}

func TestPublishedVectors(t *testing.T) {
	var vectors []published
	read(t, "../../../shared/testdata/vectors/webhook-signatures.json", &vectors)
	ran := map[string]int{}
	for i, p := range vectors {
		v, ours := p.vector(t)
		if !ours {
			continue // of mail
		}
		ran[p.Provider]++
		t.Run(p.Provider+"/"+strconv.Itoa(i)+" "+p.Note, func(t *testing.T) {
			if p.Secret == "" {
				refused(t, v)
				return
			}
			v.run(t)
		})
	}
	want := map[string]int{"twilio": 12, "standard-webhooks": 1, "vonage-sms": 9, "plivo-v2": 1, "plivo-v3": 4, "sinch-sms": 1}
	if diff := cmp.Diff(want, ran); diff != "" {
		t.Errorf("vectors that ran: %s", diff)
	}
}

// refused wants a vector under an empty secret to be no channel at all.
func refused(t *testing.T, v vector) {
	if _, err := NewHandler(Channel{Name: "city", Provider: v.Provider, Secrets: []string{""}, URL: v.URL}, Options{}); !errors.Is(err, ErrChannel) {
		t.Errorf("an empty secret gave %v", err)
	}
}

// TestMessageBirdReference runs every token that MessageBird publishes against the check itself, all by
// POST: a token doesn't cover the method.
func TestMessageBirdReference(t *testing.T) {
	var vectors []struct {
		Name, Secret, URL, Payload, Token, Reason string
		Timestamp                                 time.Time
		Valid                                     bool
	}
	read(t, "../../../shared/testdata/messagebird-jwt/signature_jwt/testdata/reference.json", &vectors)
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) {
			secret := v.Secret
			if secret == "" {
				secret = keyText
			}
			p, err := newMessageBird(Channel{Secrets: []string{"an older key", secret}, URL: v.URL}, func() time.Time { return v.Timestamp })
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodPost, "http://10.0.0.7:8080/elsewhere", strings.NewReader(v.Payload))
			r.Header.Set("MessageBird-Signature-JWT", v.Token)
			if err := p.verify(r, []byte(v.Payload)); (err == nil) != v.Valid {
				t.Errorf("valid is %t (%s), verify says %v", v.Valid, v.Reason, err)
			}
		})
	}
	if len(vectors) < 30 {
		t.Errorf("only %d tokens", len(vectors))
	}
}
