package public

import (
	"bytes"
	"errors"
	"fmt"
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

	errOverlong      = fmt.Errorf("%w: the words", intake.ErrTooLarge)
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
		most := int64(s.MaxFiles)*s.MaxBytes + maxFields + multipartSlack
		r.Body = http.MaxBytesReader(w, whole, most)
		err := in.readMultipart(r)
		if err == nil && r.ContentLength > most { // said before any of the files travels
			err = intake.ErrTooLarge
		}
		return in, err
	}
	body, err := readWords(r)
	if kind == typeJSON {
		if err == nil {
			err = in.readJSON(body)
		}
		return in, err
	}
	if err != nil { // the last letter may be cut through
		if i := bytes.LastIndexByte(body, '%'); i >= 0 && i >= len(body)-2 {
			body = body[:i]
		}
	}
	return in, errors.Join(err, in.readForm(body))
}

// overlong says that the words alone are more than is read; size is the body's, where
// that is known.
type overlong struct{ size int64 }

func (e *overlong) Error() string { return errOverlong.Error() }

// Unwrap lets the status table find it.
func (e *overlong) Unwrap() error { return errOverlong }

// over is by how many KB the words are too long, 0 where nobody knows.
func (e *overlong) over() int { return int(max(0, e.size-maxFields+1023) >> 10) }

// readWords reads a body without files, and beside an error what came until then.
func readWords(r *http.Request) ([]byte, error) {
	var all bytes.Buffer
	all.Grow(int(min(max(r.ContentLength, 0), 16<<10)) + bytes.MinRead) // one piece of memory for what most people write
	_, err := all.ReadFrom(r.Body)
	body := all.Bytes()
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return body, &overlong{r.ContentLength}
	}
	if err != nil {
		return body, fmt.Errorf("%w: %w", intake.ErrRead, err)
	}
	return body, nil
}

// readForm reads the fields of a form without files, and beside an error what could be
// read of them.
func (s *submission) readForm(body []byte) error {
	if bytes.Count(body, []byte("&")) >= maxParts {
		return errTooManyFields
	}
	values, err := url.ParseQuery(string(body))
	s.fields = fields(values)
	if err != nil {
		return errMalformed
	}
	return nil
}
