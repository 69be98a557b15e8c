package page

import (
	"net/http"
	"strconv"
)

// HTML is the content type of every page.
const HTML = "text/html; charset=utf-8"

// Write answers with a body that is known whole; to a HEAD, net/http sends the
// same headers without it.
func Write(w http.ResponseWriter, status int, contentType string, body ...[]byte) {
	n := 0
	for _, b := range body {
		n += len(b)
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(n))
	w.WriteHeader(status)
	for _, b := range body {
		if _, err := w.Write(b); err != nil {
			return // the reader went away: there is nobody to tell
		}
	}
}
