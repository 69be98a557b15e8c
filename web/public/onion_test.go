package public_test

import (
	"net/url"
	"strings"
	"testing"

	"tipline/web/public"
)

// TestOnion: on an onion address, which is plain http, the site does what it does elsewhere: it files
// reports, leads to itself alone, and asks no browser for TLS.
func TestOnion(t *testing.T) {
	for _, address := range []string{"https://tips.example.org", "http://abcdefghij.onion"} {
		srv := serve(t, newDoor(), func(o *public.Options) { o.BaseURL = address })
		page := do(t, "GET", srv.URL+"/channels?lang=en", "", "")
		if host := address[strings.Index(address, "//")+2:]; page.StatusCode != 200 || !strings.Contains(page.body, host) {
			t.Errorf("%s: %d, and its address isn't on the page", address, page.StatusCode)
		}
		if hsts := page.Header.Get("Strict-Transport-Security"); (hsts != "") != strings.HasPrefix(address, "https:") {
			t.Errorf("%s: Strict-Transport-Security is %q", address, hsts)
		}
		filed := do(t, "POST", srv.URL+"/report?lang=en", formType, url.Values{"text": {"x"}}.Encode())
		code := output.FindStringSubmatch(filed.body)
		if code == nil || filed.Header.Get("Set-Cookie") != "" {
			t.Fatalf("%s: %d, cookies %q", address, filed.StatusCode, filed.Header.Get("Set-Cookie"))
		}
		status := do(t, "POST", srv.URL+"/receipt?lang=en", formType, url.Values{"receipt": {code[1]}}.Encode())
		if status.StatusCode != 200 {
			t.Errorf("%s: the receipt opens with %d", address, status.StatusCode)
		}
	}
}
