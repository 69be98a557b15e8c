package page

import (
	"errors"
	"net/http"
)

// Status is the status for this package's own errors, and 500 for all others.
func Status(err error) int {
	switch {
	case errors.Is(err, ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, ErrMethod):
		return http.StatusMethodNotAllowed
	case errors.Is(err, ErrCrossOrigin):
		return http.StatusForbidden
	default:
		return http.StatusInternalServerError
	}
}

// Failure is what the shared error page tells.
type Failure struct {
	Status          int
	Heading, Advice string
}

// Failure words a kind of failure (the common messages error.*.title and .text)
// in the view's language. args fill the advice's placeholders.
func (v View) Failure(status int, kind string, args ...any) Failure {
	return Failure{Status: status, Heading: v.T("error." + kind + ".title"), Advice: v.T("error."+kind+".text", args...)}
}
