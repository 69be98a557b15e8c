package page

import (
	"fmt"
	"net/http"
)

// SameOrigin refuses posts that another site's page makes a browser send. It
// goes by [http.CrossOriginProtection]: a request without Sec-Fetch-Site and
// Origin doesn't come from a page and passes.
//
// Our pages say "no-referrer", and by the Fetch standard a form of such a page
// posts "Origin: null". Browsers too old for Sec-Fetch-Site (in the webviews of
// old phones) send nothing else, so null alone passes: nothing is gained by
// sending a report, or opening a receipt one knows, from somewhere else.
func (s *Site) SameOrigin() (func(r *http.Request) error, error) {
	p := http.NewCrossOriginProtection()
	if err := p.AddTrustedOrigin(s.base.Scheme + "://" + s.base.Host); err != nil {
		return nil, fmt.Errorf("page: base URL: %w", err)
	}
	return func(r *http.Request) error {
		if r.Header.Get("Origin") == "null" && r.Header.Get("Sec-Fetch-Site") == "" {
			return nil
		}
		if p.Check(r) != nil {
			return ErrCrossOrigin
		}
		return nil
	}, nil
}
