package desk

import (
	"errors"
	"io"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"tipline/intake/book"
	"tipline/intake/sheet"
)

// broughtTime is how long a sheet that was sent waits for its member's word.
const broughtTime = 30 * time.Minute

// brought is a sheet that a member sent and hasn't decided about. It is kept in
// memory alone, one a session.
type brought struct {
	kind    book.Kind
	table   sheet.Table
	options book.Options
	at      time.Time
}

type sheets struct {
	mu        sync.Mutex
	bySession map[string]brought
}

func (s *sheets) put(session string, b brought) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bySession == nil {
		s.bySession = map[string]brought{}
	}
	for id, old := range s.bySession {
		if b.at.Sub(old.at) > broughtTime {
			delete(s.bySession, id)
		}
	}
	s.bySession[session] = b
}

func (s *sheets) get(session string, now time.Time, kinds ...book.Kind) (brought, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.bySession[session]
	for _, k := range kinds {
		if ok && b.kind == k && now.Sub(b.at) <= broughtTime {
			return b, true
		}
	}
	return brought{}, false
}

func (s *sheets) forget(session string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.bySession, session)
}

// errNoFile says that a form came without its file.
var errNoFile = errors.New("no file was chosen")

// sheetIn reads a form with one sheet behind its fields.
func (d *desk) sheetIn(c *gin.Context) (form map[string][]string, t sheet.Table, err error) {
	form, files, err := d.fields(c)
	if err != nil {
		return nil, nil, err
	}
	if files == nil {
		return form, nil, errNoFile
	}
	for f, err := range files {
		if err != nil {
			return form, nil, err
		}
		b, err := io.ReadAll(io.LimitReader(f.Body, sheet.MaxBytes+1))
		if err != nil {
			return form, nil, errMalformed
		}
		t, err = sheet.Read(b)
		return form, t, err
	}
	return form, nil, errNoFile
}
