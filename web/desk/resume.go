package desk

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// resume is a form that came after its session had run out: where it goes once
// its writer is in, and what was typed. The zero value is none. It is kept by the
// browser alone, in the login's own form.
type resume struct {
	To   string
	Kept url.Values
}

// loginFields are the login's own; no form that is kept has a field of these names.
func loginFields() []string {
	return []string{"member", "passphrase", "code", "passkey", "next", "resume"}
}

// expired answers a form that nobody is logged in for: with the login that keeps
// what was typed, or with the bare login when nothing was.
func (d *desk) expired(c *gin.Context) error {
	if !strings.HasPrefix(c.FullPath(), "/tips/") {
		return d.to(c, "/login")
	}
	form, _, err := d.fields(c)
	if err != nil {
		return err
	}
	r := resume{c.Request.URL.RequestURI(), typed(form)}
	if c.FullPath() == "/tips/new" {
		r.To = "/tips/new/draft" // its files are gone: it isn't filed without a look
	}
	if len(r.Kept) == 0 {
		return d.to(c, "/login")
	}
	d.render(c, http.StatusUnauthorized, "login", loginPage{frame: d.frame(c, nil), Next: "/", Resume: r})
	return nil
}

// resumed is what a login brings along. It goes to a tip alone: a browser would
// read dots, plain or escaped, as a way out of there.
func resumed(form url.Values) resume {
	to := local(form.Get("resume"))
	if !strings.HasPrefix(to, "/tips/") || strings.ContainsAny(to, ".%") {
		return resume{}
	}
	return resume{to, typed(form)}
}

// typed are the fields with something in them, without the login's.
func typed(form map[string][]string) url.Values {
	out := url.Values(maps.Clone(form))
	maps.DeleteFunc(out, func(name string, values []string) bool {
		return slices.Contains(loginFields(), name) || strings.Join(values, "") == ""
	})
	return out
}
