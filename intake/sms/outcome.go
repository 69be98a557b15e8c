package sms

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"tipline/intake"
)

// What the handler itself refuses.
var (
	errMethod  = errors.New("this method isn't taken here")
	errAddress = errors.New("the address isn't on the list")
	errBroken  = errors.New("the body broke off")
	errTooBig  = errors.New("the body is over its limit")
	errBusy    = errors.New("as many callbacks as fit are being filed")
)

// outcome is what an error comes to: a metric's label and a status.
type outcome struct {
	err    error
	name   string
	status int
}

// outcomes maps every error to its outcome; the first that fits counts, so a
// batch answers with the worst of its messages.
func outcomes() []outcome {
	return []outcome{
		{errMethod, "method", http.StatusMethodNotAllowed},
		{errAddress, "address", http.StatusForbidden},
		{errSignature, "signature", http.StatusForbidden},
		{errStale, "stale", http.StatusForbidden},
		{errUnsigned, "unsigned", http.StatusServiceUnavailable},
		{errTooBig, "too_large", http.StatusRequestEntityTooLarge},
		{errBroken, "broken", http.StatusServiceUnavailable},
		{errBusy, "busy", http.StatusServiceUnavailable},
		{intake.ErrNotDurable, "not_durable", http.StatusServiceUnavailable},
		{intake.ErrLimited, "limited", http.StatusTooManyRequests},
		{intake.ErrTooLarge, "too_large", http.StatusRequestEntityTooLarge},
	}
}

// outcomeOf finds err's outcome. An error nobody knows stored nothing either,
// and the gateway shall try again.
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
	if l, ok := errors.AsType[*intake.LimitedError](err); ok && o.status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", seconds(l.RetryAfter))
	}
	if o.err == errBusy {
		w.Header().Set("Retry-After", "1")
	}
	if o.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", h.methods())
	}
	http.Error(w, http.StatusText(o.status), o.status)
}

func (h *handler) methods() string {
	if h.gets {
		return http.MethodGet + ", " + http.MethodPost
	}
	return http.MethodPost
}

// seconds rounds up: a gateway that comes back early is refused again.
func seconds(d time.Duration) string {
	return strconv.FormatInt(max(1, int64(math.Ceil(d.Seconds()))), 10)
}
