package sms

import (
	"net/http"
	"net/url"

	"tipline/intake"
)

// wrapper is a provider whose messages lie inside a larger body: one that was kept by
// itself is read again inside one like it.
type wrapper interface{ wrap(element []byte) []byte }

// Read reads again what a channel's gateway delivered and nobody could read then: a whole
// callback, or one element of it. What it can't read now either is left out, and nothing at
// all is no message. The signature was checked when it came.
func Read(c Channel, raw []byte) ([]*intake.Report, error) {
	h, err := newHandler(c, Options{})
	if err != nil {
		return nil, err
	}
	tries := [][]byte{raw}
	if w, ok := h.provider.(wrapper); ok {
		tries = append(tries, w.wrap(raw))
	}
	for _, body := range tries {
		if out := h.readable(body); len(out) > 0 {
			return out, nil
		}
	}
	return nil, nil
}

func (h *handler) readable(body []byte) (out []*intake.Report) {
	r := &http.Request{Method: http.MethodPost, URL: &url.URL{}, Header: http.Header{}}
	for _, m := range h.provider.decode(r, body) {
		if !m.unparsed {
			out = append(out, h.report(m))
		}
	}
	return out
}
