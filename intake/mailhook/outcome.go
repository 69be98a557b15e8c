package mailhook

import (
	"errors"
	"math"
	"net/http"
	"strconv"

	"tipline/intake"
)

// What the handler itself refuses.
var (
	errMethod    = errors.New("only POST is taken here")
	errBroken    = errors.New("the body broke off")
	errBusy      = errors.New("as many messages as fit are being read")
	errSignature = errors.New("the signature isn't the provider's")
	errStale     = errors.New("the signature is too old, or of a time to come")
	errForm      = errors.New("the body isn't what the provider sends")
	errFetch     = errors.New("the provider's certificate can't be fetched")
)

// outcome is what an error comes to: a metric's label and a status. Status 0 is
// the provider's own: stop or busy.
type outcome struct {
	err    error
	name   string
	status int
}

func outcomes() []outcome {
	return []outcome{
		{errMethod, "method", http.StatusMethodNotAllowed},
		{errSignature, "signature", http.StatusForbidden},
		{errStale, "stale", http.StatusForbidden},
		{errForm, "form", http.StatusBadRequest},
		{errBroken, "broken", http.StatusServiceUnavailable},
		{errBusy, "busy", http.StatusServiceUnavailable},
		{errFetch, "fetch", http.StatusServiceUnavailable},
		{intake.ErrNotDurable, "not_durable", http.StatusServiceUnavailable},
		{intake.ErrLimited, "limited", 0},
		{intake.ErrTooLarge, "too_large", 0},
	}
}

// outcomeOf finds err's outcome. An error nobody knows stored nothing either, and
// the provider shall try again.
func outcomeOf(err error) outcome {
	for _, o := range outcomes() {
		if errors.Is(err, o.err) {
			return o
		}
	}
	return outcome{err: intake.ErrNotDurable, name: "not_durable", status: http.StatusServiceUnavailable}
}

// refuse answers err. The body is the status alone: what went wrong is for us.
func (h *handler) refuse(w http.ResponseWriter, err error, o outcome) {
	switch o.err {
	case intake.ErrLimited:
		o.status = h.kind.busy
		if l, ok := errors.AsType[*intake.LimitedError](err); ok {
			w.Header().Set("Retry-After", strconv.FormatInt(max(1, int64(math.Ceil(l.RetryAfter.Seconds()))), 10))
		}
	case intake.ErrTooLarge:
		o.status = h.kind.stop
	case errMethod:
		w.Header().Set("Allow", http.MethodPost)
	}
	http.Error(w, http.StatusText(o.status), o.status)
}
