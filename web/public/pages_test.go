package public_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"tipline/configs/locale"
	"tipline/crypto/receipt"
	"tipline/web/public"
)

var pagePaths = []string{"/", "/report", "/receipt", "/privacy", "/channels", "/channels/poster", "/accessibility", "/nope"}

var (
	links  = regexp.MustCompile(`(?:href|src|action|formaction|srcset|poster|data|cite|background)="([^"]*)"`)
	inCSS  = regexp.MustCompile(`url\(([^)]*)\)`)
	active = regexp.MustCompile(`(?i)<script>|<script [^s]|<iframe|<object|<embed|<style|\sstyle=|\son[a-z]+=|javascript:`)
)

// weights are what a page may weigh, in bytes as they travel, with all that it loads by itself; unpacked, as a
// browser that takes no gzip has it, twice as much.
var weights = map[string]int{"GET /": 25_000, "GET /report": 30_000, "form again": 30_000, "GET /receipt": 25_000, "GET /privacy": 25_000, "GET /channels": 25_000, "GET /channels/poster": 30_000, "GET /accessibility": 25_000, "GET /nope": 25_000,
	"filed": 25_000, "status": 25_000, "receipt again": 25_000}

// everyPage is each page that there is, as one of the citizens would meet it.
func everyPage(t *testing.T, srv string, lang string) map[string]answer {
	t.Helper()
	q := "?lang=" + lang
	out := map[string]answer{}
	for _, p := range pagePaths {
		out["GET "+p] = do(t, "GET", srv+p+q, "", "")
	}
	out["filed"] = do(t, "POST", srv+"/report"+q, formType, "text=x")
	out["form again"] = do(t, "POST", srv+"/report"+q, formType, "text=")
	out["status"] = do(t, "POST", srv+"/receipt"+q, formType, url.Values{"receipt": {receipt.New().Digits()}}.Encode())
	out["receipt again"] = do(t, "POST", srv+"/receipt"+q, formType, "receipt=1")
	return out
}

func TestPagesStandAlone(t *testing.T) {
	for _, prefix := range []string{"", "/tips"} {
		srv := serve(t, newDoor(), func(o *public.Options) { o.BaseURL = base + prefix })
		for _, lang := range []string{"zh-CN", "en"} {
			for name, a := range everyPage(t, srv.URL+prefix, lang) {
				if !strings.Contains(a.body, `<html lang="`+lang+`">`) {
					t.Errorf("%s isn't in %s", name, lang)
				}
				if found := active.FindString(a.body); found != "" {
					t.Errorf("%s holds %q", name, found)
				}
				packed, plain := len(a.body), len(a.body)
				for _, m := range links.FindAllStringSubmatch(a.body, -1) {
					p, q := follow(t, name, srv.URL, prefix, m[1])
					packed, plain = packed+p, plain+q
				}
				if packed > weights[name] || plain > 2*weights[name] {
					t.Errorf("%s weighs %d bytes with what it loads, %d unpacked", name, packed, plain)
				}
				if strings.Contains(a.body, "ZgotmplZ") {
					t.Errorf("%s holds a value the template refused", name)
				}
			}
		}
	}
}

// follow checks that a link leads to the site itself, below the prefix, and to
// something; it returns the size of what a browser loads by itself, as it travels and unpacked.
func follow(t *testing.T, page, srv, prefix, link string) (packed, plain int) {
	t.Helper()
	if strings.HasPrefix(link, "#") || strings.HasPrefix(link, "tel:") || link == "about:blank" || strings.HasPrefix(link, "data:image/png;base64,") {
		return 0, 0
	}
	u, err := url.Parse(link)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(u.Path, prefix+"/") {
		t.Errorf("%s links to %q", page, link)
		return 0, 0
	}
	a := do(t, "GET", srv+link, "", "")
	if a.StatusCode != http.StatusOK && !strings.HasSuffix(u.Path, "/nope") { // its own other language
		t.Errorf("%s links to %s, which answers %d", page, link, a.StatusCode)
	}
	if !strings.Contains(u.Path, "/assets/") {
		return 0, 0
	}
	packed, plain = len(do(t, "GET", srv+link, "", "", "Accept-Encoding", "gzip").body), len(a.body)
	if strings.HasSuffix(u.Path, ".css") {
		for _, m := range inCSS.FindAllStringSubmatch(a.body, -1) {
			p, q := follow(t, page+" css", srv, prefix, u.Path[:strings.LastIndex(u.Path, "/")+1]+m[1])
			packed, plain = packed+p, plain+q
		}
	}
	return packed, plain
}

func TestHeadersOnEveryRoute(t *testing.T) {
	hook := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hooked "+r.Method) })
	srv := serve(t, newDoor(), func(o *public.Options) { o.Hooks = map[string]http.Handler{"/hooks/sms/city": hook} })
	answers := everyPage(t, srv.URL, "en")
	for _, p := range []string{"/.well-known/security.txt", "/robots.txt", "/favicon.ico", "/hooks/sms/city", "/hooks/sms/other", "/assets/x"} {
		answers[p] = do(t, "GET", srv.URL+p, "", "")
	}
	answers["API"] = do(t, "POST", srv.URL+"/api/v1/reports", "application/json", `{"text":"x"}`)
	answers["API error"] = do(t, "POST", srv.URL+"/api/v1/receipt", "application/json", `{`)
	answers["method"] = do(t, "DELETE", srv.URL+"/report", "", "")
	answers["foreign"] = do(t, "POST", srv.URL+"/report", formType, "text=x", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")
	for name, a := range answers {
		for header, want := range map[string]string{"Content-Security-Policy": "default-src 'none'", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
			"Cache-Control": "no-store", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Permissions-Policy": "camera=()"} {
			if !strings.Contains(a.Header.Get(header), want) {
				t.Errorf("%s: %s is %q", name, header, a.Header.Get(header))
			}
		}
		if csp := a.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "script-src 'self';") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "http") {
			t.Errorf("%s: policy %q", name, csp)
		}
		if a.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s sets a cookie", name)
		}
	}
	if a := do(t, "POST", srv.URL+"/hooks/sms/city", formType, "x=1", "Sec-Fetch-Site", "cross-site"); a.StatusCode != 200 || a.body != "hooked POST" {
		t.Errorf("hook: %d %s", a.StatusCode, a.body)
	}
	for name, want := range map[string]int{"/hooks/sms/other": 404, "method": 405, "foreign": 403, "GET /nope": 404} {
		if got := answers[name].StatusCode; got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
}

func TestHeadIsGetWithoutBody(t *testing.T) {
	srv := serve(t, newDoor(), nil)
	for _, p := range append(pagePaths, "/.well-known/security.txt", "/robots.txt", "/favicon.ico") {
		get, head := do(t, "GET", srv.URL+p, "", ""), do(t, "HEAD", srv.URL+p, "", "")
		if get.StatusCode != head.StatusCode || head.body != "" || get.ContentLength != head.ContentLength || get.ContentLength <= 0 {
			t.Errorf("%s: %d and %d, %d and %d bytes", p, get.StatusCode, head.StatusCode, get.ContentLength, head.ContentLength)
		}
		for name := range get.Header {
			if name != "Date" && get.Header.Get(name) != head.Header.Get(name) {
				t.Errorf("%s: %s differs", p, name)
			}
		}
	}
}

func TestLanguage(t *testing.T) {
	srv := serve(t, newDoor(), nil)
	for _, c := range []struct{ query, accept, want string }{
		{"", "", "zh-CN"}, {"", "en-US,en;q=0.8", "en"}, {"?lang=zh-CN", "en", "zh-CN"}, {"?lang=en", "zh-CN", "en"}, {"?lang=%00x", "en", "en"}, {"", "fr", "zh-CN"},
	} {
		a := do(t, "GET", srv.URL+"/"+c.query, "", "", "Accept-Language", c.accept)
		if !strings.Contains(a.body, `<html lang="`+c.want+`">`) {
			t.Errorf("%q with %q isn't answered in %s", c.query, c.accept, c.want)
		}
	}
	if a := do(t, "GET", srv.URL+"/?lang=en", "", "", "Accept-Language", "zh-CN"); !strings.Contains(a.body, `href="/report?lang=en"`) {
		t.Error("links don't keep the chosen language")
	}
}

// TestReceiptNeverInAnAddress looks for the digits in every link and form target
// of the pages that know them.
func TestReceiptNeverInAnAddress(t *testing.T) {
	srv := serve(t, newDoor(), nil)
	filed := do(t, "POST", srv.URL+"/report", formType, "text=x")
	code := strings.ReplaceAll(output.FindStringSubmatch(filed.body)[1], " ", "")
	status := do(t, "POST", srv.URL+"/receipt", formType, "receipt="+code)
	for _, a := range []answer{filed, status} {
		for _, m := range links.FindAllStringSubmatch(a.body, -1) {
			digits := regexp.MustCompile(`\D`).ReplaceAllString(m[1], "")
			if strings.Contains(digits, code) || a.Header.Get("Location") != "" {
				t.Errorf("the receipt stands in %q", m[1])
			}
		}
	}
}

func TestWellKnown(t *testing.T) {
	srv := serve(t, newDoor(), func(o *public.Options) { o.BaseURL = "https://example.org/tips" })
	a := do(t, "GET", srv.URL+"/.well-known/security.txt", "", "")
	for _, want := range []string{"Contact: mailto:tips@example.org\n", "Contact: https://example.org/tips/report\n", "Expires: 20", "T00:00:00Z\n", "Canonical: https://example.org/tips/.well-known/security.txt\n"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("security.txt lacks %q:\n%s", want, a.body)
		}
	}
	if a := do(t, "GET", srv.URL+"/robots.txt", "", ""); !strings.Contains(a.body, "Disallow: /tips/receipt\n") {
		t.Errorf("robots.txt:\n%s", a.body)
	}
}

// TestDraftPages: every page stands in every draft, whole, and runs the way its
// language is written.
func TestDraftPages(t *testing.T) {
	b, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	b = b.WithMissing(func(lang, id string) { t.Errorf("no message %s in %s", id, lang) })
	all, err := b.WithLanguages(append(locale.Languages(), locale.Drafts()...)...)
	if err != nil {
		t.Fatal(err)
	}
	srv := serve(t, newDoor(), func(o *public.Options) { o.Bundle = all })
	for _, lang := range locale.Drafts() {
		want := `<html lang="` + lang + `">`
		if locale.RightToLeft(lang) {
			want = `<html lang="` + lang + `" dir="rtl">`
		}
		for name, a := range everyPage(t, srv.URL, lang) {
			if !strings.Contains(a.body, want) || strings.Contains(a.body, "ZgotmplZ") || strings.Contains(a.body, "{{") {
				t.Errorf("%s in %s isn't whole", name, lang)
			}
		}
	}
}
