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

// multipartSlack is room for the headers and boundaries of a multipart body up
// to its first file, and again from each file to the next.
const multipartSlack = 64 << 10

// submission is a report's body: the fields in memory, the files still on their
// way.
type submission struct {
	fields   fields
	problems []intake.Problem // what can't even be a report's field
	parts    *multipart.Reader
	budget   *budget
	next     *intake.File // the first file, nil when there is none
	brought  bool         // there was one
}

// budget bounds what stands around the files. mime/multipart alone takes ten
// megabytes of headers a part, and keeps them.
type budget struct {
	io.ReadCloser
	left  int64
	rests bool // inside a file, which its own limit bounds
}

func (b *budget) Read(p []byte) (int, error) {
	if !b.rests && b.left <= 0 {
		return 0, &overlong{-1}
	}
	n, err := b.ReadCloser.Read(p)
	if !b.rests {
		b.left -= int64(n)
	}
	return n, err
}

// readMultipart reads the fields up to the first file. It never spills a part to
// disk, as ParseMultipartForm would.
func (s *submission) readMultipart(r *http.Request) error {
	s.budget = &budget{ReadCloser: r.Body, left: maxFields + multipartSlack}
	frugal := *r // r itself stays, for drain to read it to its end
	frugal.Body = s.budget
	parts, err := frugal.MultipartReader()
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
				s.brought = s.next != nil
				return err
			}
			continue
		}
		if err := s.readField(part, &left); err != nil {
			return err
		}
	}
	return errTooManyFields
}

func (s *submission) readField(part *multipart.Part, left *int64) error {
	value, err := io.ReadAll(io.LimitReader(part, *left+1))
	if err != nil {
		return broken(err)
	}
	s.fields[part.FormName()] = append(s.fields[part.FormName()], string(value))
	if *left -= int64(len(value)); *left < 0 {
		return &overlong{-1}
	}
	return nil
}

// files yields the files as they arrive. A field among them comes too late: the
// report is on its way already.
func (s *submission) files(yield func(intake.File, error) bool) {
	for s.next != nil {
		s.budget.rests = true
		if !yield(*s.next, nil) {
			return
		}
		err := s.nextFile()
		if err != nil {
			yield(intake.File{}, err)
			return
		}
	}
}

// nextFile goes on to the next file that is one; there is none at the end.
func (s *submission) nextFile() error {
	if _, err := io.Copy(io.Discard, s.next.Body); err != nil {
		return broken(err)
	}
	s.budget.rests, s.budget.left = false, multipartSlack
	for s.next = nil; s.next == nil; {
		part, err := s.parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return broken(err)
		}
		if !isFile(part) {
			return &intake.InvalidError{Problems: []intake.Problem{{Field: part.FormName(), Code: filesLast}}}
		}
		if s.next, err = file(part); err != nil {
			return err
		}
	}
	return nil
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
