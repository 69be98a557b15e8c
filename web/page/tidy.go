package page

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
)

// What a browser sends is text. Who sends other bytes, and NUL, which PostgreSQL keeps in no text, gets them
// replaced by U+FFFD before anything looks at them: a code with it is unknown, a name with it is nobody's, and words
// with it show where they were broken.

// Tidy is s as text.
func Tidy(s string) string {
	if strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// ErrForm says that a form can't be read.
var ErrForm = errors.New("malformed form")

// ReadForm reads a form without files of at most limit bytes into r.PostForm, tidied. A body that is larger is
// an [*http.MaxBytesError], one that can't be read [ErrForm].
func ReadForm(w http.ResponseWriter, r *http.Request, limit int64) error {
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	err := r.ParseForm()
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "multipart/form-data" {
		err = r.ParseMultipartForm(limit) // all of it fits into memory
	}
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return large
	}
	if err != nil {
		return ErrForm
	}
	tidyAll(r.PostForm)
	return nil
}

// tidyAll tidies names and values, and says whether anything wasn't tidy.
func tidyAll(values url.Values) (changed bool) {
	for name, list := range values {
		for i, v := range list {
			list[i] = Tidy(v)
			changed = changed || list[i] != v
		}
		if fit := Tidy(name); fit != name {
			delete(values, name)
			values[fit] = append(values[fit], list...)
			changed = true
		}
	}
	return changed
}

// tidyAddress tidies what a handler reads of a request's address.
func tidyAddress(c *gin.Context) {
	for i := range c.Params {
		c.Params[i].Value = Tidy(c.Params[i].Value)
	}
	if q := c.Request.URL.Query(); tidyAll(q) {
		c.Request.URL.RawQuery = q.Encode()
	}
}
