package page

import (
	"fmt"
	"net/http"
)

// SameOrigin refuses posts that another site's page makes a browser send. It
// goes by [http.CrossOriginProtection]: a request without Sec-Fetch-Site and
// Origin doesn't come from a page and passes.
//
// Without TLS browsers send no Sec-Fetch-Site, and any page can make its own
// Origin null. So pages that act by a session say "Referrer-Policy: same-origin",
// by which theirs are never null.
func (s *Site) SameOrigin() (func(r *http.Request) error, error) {
	p := http.NewCrossOriginProtection()
	if err := p.AddTrustedOrigin(s.base.Scheme + "://" + s.base.Host); err != nil {
		return nil, fmt.Errorf("page: base URL: %w", err)
	}
	return func(r *http.Request) error {
		if p.Check(r) != nil {
			return ErrCrossOrigin
		}
		return nil
	}, nil
}

// SameOriginOrNull lets a null Origin alone pass as well. Our pages say
// "no-referrer", and by the Fetch standard a form of such a page posts
// "Origin: null". Browsers too old for Sec-Fetch-Site (in the webviews of
// old phones) send nothing else. Nothing is gained by
// sending a report, or opening a receipt one knows, from somewhere else.
func (s *Site) SameOriginOrNull() (func(r *http.Request) error, error) {
	check, err := s.SameOrigin()
	if err != nil {
		return nil, err
	}
	return func(r *http.Request) error {
		if r.Header.Get("Origin") == "null" && r.Header.Get("Sec-Fetch-Site") == "" {
			return nil
		}
		return check(r)
	}, nil
}
