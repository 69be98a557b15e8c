package public

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"

	"tipline/intake"
)

// What a body can be wrong in before it is a report.
var (
	errMalformed = errors.New("the body can't be read")
	errMediaType = errors.New("a body of this type isn't taken here")

	errTooManyFields = fmt.Errorf("%w: more than %d fields", errMalformed, maxParts)
)

const (
	maxFields = 1 << 20 // all fields together: a text of 20,000 characters is at most 240 KB, percent-encoded
	maxParts  = 200     // fields of a body, and values of one field: what is done with each must stay cheap

	typeForm      = "application/x-www-form-urlencoded"
	typeMultipart = "multipart/form-data"
	typeJSON      = "application/json"
)

// read takes the body of a report as one of the wanted types. What it returns
// beside an error holds the fields that were read until then.
func (s *site) read(w http.ResponseWriter, r *http.Request, want ...string) (*submission, error) {
	in := &submission{fields: fields{}}
	whole := r.Body
	r.Body = http.MaxBytesReader(w, whole, maxFields) // also of a body that isn't taken, so that draining it ends
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(want, kind) {
		return in, errMediaType
	}
	if kind == typeMultipart {
		r.Body = http.MaxBytesReader(w, whole, int64(s.MaxFiles)*s.MaxBytes+maxFields+multipartSlack)
		return in, in.readMultipart(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return in, fmt.Errorf("%w: %w", intake.ErrRead, err)
	}
	if kind == typeJSON {
		return in, in.readJSON(body)
	}
	if bytes.Count(body, []byte("&")) >= maxParts {
		return in, errTooManyFields
	}
	values, err := url.ParseQuery(string(body))
	in.fields = fields(values)
	if err != nil {
		return in, errMalformed
	}
	return in, nil
}

// drain reads what is left of a body before a refusal is answered: a browser
// that is still sending doesn't read, and would show a broken connection instead
// of the form with what was typed. The body's limit ends it.
func drain(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }
