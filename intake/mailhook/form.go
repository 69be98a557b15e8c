package mailhook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// form is a callback's fields, the first of each name, and its files.
type form struct {
	fields map[string]string
	files  []file
}

// file is one attached file as a provider took it out of a message.
type file struct {
	name, contentType, id string
	body                  []byte
}

// Most fields and files of one callback.
const maxFields = 2000

// readForm reads a urlencoded or multipart body; its errors wrap [errForm].
func readForm(r *http.Request, body []byte) (form, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return form{}, errForm
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return form{}, errForm
		}
		f := form{fields: map[string]string{}}
		for name, v := range values {
			f.fields[name] = v[0]
		}
		return f, nil
	case "multipart/form-data":
		return readParts(multipart.NewReader(bytes.NewReader(body), params["boundary"]))
	}
	return form{}, errForm
}

func readParts(parts *multipart.Reader) (form, error) {
	f := form{fields: map[string]string{}}
	for len(f.fields)+len(f.files) < maxFields {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return form{}, errForm
		}
		text, err := io.ReadAll(p)
		if err != nil {
			return form{}, errForm
		}
		name := p.FormName()
		if p.FileName() != "" {
			f.files = append(f.files, file{name: p.FileName(), contentType: p.Header.Get("Content-Type"), id: name, body: text})
		} else if _, twice := f.fields[name]; !twice {
			f.fields[name] = string(text)
		}
	}
	return form{}, fmt.Errorf("%w: too many fields", errForm)
}

// fresh holds a time in Unix seconds against the clock.
func fresh(seconds string, now time.Time, age time.Duration) error {
	n, err := strconv.ParseInt(strings.TrimSpace(seconds), 10, 64)
	if err != nil {
		return errSignature
	}
	return freshTime(time.Unix(n, 0), now, age)
}

// ahead is how far a provider's clock may be before ours.
const ahead = 5 * time.Minute

// knownFor is for how long a second delivery is known again, less a day: what is
// signed whole may be that old, for a replay of it brings nothing.
const knownFor = 13 * 24 * time.Hour

func freshTime(at, now time.Time, age time.Duration) error {
	if d := now.Sub(at); d > age || d < -ahead {
		return errStale
	}
	return nil
}
