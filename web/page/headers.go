package page

import "net/http"

// policy allows what the pages use and nothing else: their own style sheet,
// their own pictures, and forms that post to the site itself.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// policyOf is the policy of a site with or without a script. One that has a script
// has pictures that stand in the page, too, and recordings.
func policyOf(script string) string {
	if script == "" {
		return policy
	}
	return "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}

// Secure sets the security headers of every answer of h. A handler may replace
// one. [Site.Handler] does it by itself.
func Secure(h http.Handler) http.Handler { return secure(false, policy, h) }

func secure(https bool, policy string, h http.Handler) http.Handler {
	fixed := map[string]string{
		"Content-Security-Policy":           policy,
		"Cache-Control":                     "no-store",
		"Referrer-Policy":                   "no-referrer",
		"X-Content-Type-Options":            "nosniff",
		"X-Frame-Options":                   "DENY",
		"X-DNS-Prefetch-Control":            "off",
		"X-Permitted-Cross-Domain-Policies": "none",
		"Cross-Origin-Opener-Policy":        "same-origin",
		"Cross-Origin-Resource-Policy":      "same-origin",
		"Cross-Origin-Embedder-Policy":      "require-corp",
		"Permissions-Policy":                "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=(), interest-cohort=()",
		"Vary":                              "Accept-Language",
	}
	if https {
		fixed["Strict-Transport-Security"] = "max-age=31536000"
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range fixed {
			w.Header().Set(name, value)
		}
		h.ServeHTTP(w, r)
	})
}
