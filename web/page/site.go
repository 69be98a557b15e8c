package page

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"tipline/configs/locale"
)

// Options describe one site.
type Options struct {
	BaseURL string // as its users type it; may hold a path prefix
	Bundle  *locale.Bundle
	Files   fs.FS             // templates/*.html and assets/*
	Pages   []string          // every template that is executed, without templates/ and .html
	Styles  []string          // assets joined after the shared base into site.css, in this order
	Extra   map[string][]byte // assets from elsewhere, by name
	Script  string            // the asset that the pages run, "" for none
}

// Site renders the pages of one site. It is safe for concurrent use.
type Site struct {
	base      *url.URL
	prefix    string // path of base without a trailing slash
	bundle    *locale.Bundle
	templates templates
	assets    assets
	script    string
}

// New parses the site's templates and reads its assets. A template that is
// declared and missing, or there and undeclared, is an error.
func New(o Options) (*Site, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("page: base URL %q: give it as http(s)://host[/path]", o.BaseURL)
	}
	t, err := parse(o.Files, o.Pages)
	if err != nil {
		return nil, err
	}
	a, err := readAssets(o.Files, o.Styles, o.Extra)
	if err != nil {
		return nil, err
	}
	return &Site{base: base, prefix: strings.TrimSuffix(base.Path, "/"), bundle: o.Bundle, templates: t, assets: a, script: o.Script}, nil
}

// Languages are the offered ones, the default first.
func (s *Site) Languages() []string { return s.bundle.Offered() }

// Absolute is a path of the site as an absolute URL.
func (s *Site) Absolute(path string) string {
	u := *s.base
	u.Path = s.prefix + path
	return u.String()
}

// Handler is h below the site's path prefix, with security headers, assets and
// deadlines that let slow lines finish. A proxy may strip the prefix or keep it.
func (s *Site) Handler(h http.Handler) http.Handler {
	return Patient(secure(s.base.Scheme == "https", policyOf(s.script), s.strip(s.fork(h))))
}

// fork hands assets out by itself. It is no http.ServeMux, which answers paths that
// it would write otherwise by redirects that know nothing of the prefix.
func (s *Site) fork(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, assetRoot) && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			s.assets.serve(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// strip takes the prefix and a trailing slash off the path.
func (s *Site) strip(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		if rest, ok := strings.CutPrefix(path, s.prefix); ok && (rest == "" || rest[0] == '/') {
			path = rest
		}
		u := *r.URL
		u.Path, u.RawPath = "/"+strings.Trim(path, "/"), ""
		inner := *r
		inner.URL = &u
		h.ServeHTTP(w, &inner)
	})
}

// Path is a path of the site with the prefix.
func (s *Site) Path(path string) string { return s.prefix + path }
