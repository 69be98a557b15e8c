package public

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"

	"tipline/intake"
)

// multipartSlack is room for the headers and boundaries of a multipart body.
const multipartSlack = 64 << 10

// submission is a report's body: the fields in memory, the files still on their
// way.
type submission struct {
	fields   fields
	problems []intake.Problem // what can't even be a report's field
	parts    *multipart.Reader
	next     *intake.File // the first file, nil when there is none
}

// readMultipart reads the fields up to the first file. It never spills a part to
// disk, as ParseMultipartForm would.
func (s *submission) readMultipart(r *http.Request) error {
	parts, err := r.MultipartReader()
	if err != nil {
		return fmt.Errorf("%w: %w", errMalformed, err)
	}
	s.parts = parts
	left := int64(maxFields)
	for range maxParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return broken(err)
		}
		if isFile(part) {
			if s.next, err = file(part); err != nil || s.next != nil {
				return err
			}
			continue
		}
		if err := s.readField(part, &left); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: more than %d fields", errMalformed, maxParts)
}

func (s *submission) readField(part *multipart.Part, left *int64) error {
	value, err := io.ReadAll(io.LimitReader(part, *left+1))
	if err != nil {
		return broken(err)
	}
	if *left -= int64(len(value)); *left < 0 {
		return intake.ErrTooLarge
	}
	s.fields[part.FormName()] = append(s.fields[part.FormName()], string(value))
	return nil
}

// files yields the files as they arrive. A field among them comes too late: the
// report is on its way already.
func (s *submission) files(yield func(intake.File, error) bool) {
	for s.next != nil {
		if !yield(*s.next, nil) {
			return
		}
		s.next = nil
		for s.next == nil {
			part, err := s.parts.NextPart()
			if errors.Is(err, io.EOF) {
				return
			}
			if err == nil && !isFile(part) {
				err = &intake.InvalidError{Problems: []intake.Problem{{Field: part.FormName(), Code: filesLast}}}
			} else if err == nil {
				s.next, err = file(part)
			} else {
				err = broken(err)
			}
			if err != nil {
				yield(intake.File{}, err)
				return
			}
		}
	}
}

func isFile(part *multipart.Part) bool { return part.FormName() == "files" || part.FileName() != "" }

// file is the part as a file, nil for the empty part that a browser sends when
// no file was chosen.
func file(part *multipart.Part) (*intake.File, error) {
	body := bufio.NewReader(part)
	if _, err := body.Peek(1); err != nil && !errors.Is(err, io.EOF) {
		return nil, broken(err)
	} else if err != nil && part.FileName() == "" {
		return nil, nil
	}
	return &intake.File{Name: part.FileName(), Type: part.Header.Get("Content-Type"), Body: body}, nil
}

// broken is a body that ended early or isn't what it says.
func broken(err error) error { return fmt.Errorf("%w: %w", intake.ErrRead, err) }
