package desk

import (
	"errors"
	"io"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"tipline/intake/book"
	"tipline/intake/members"
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
}

// waits is the sheet of one of some kinds that waits for the session's word.
func (d *desk) waits(s *members.Session, kinds ...book.Kind) (brought, bool) {
	b, ok := d.sheets.get(s.ID, d.Now())
	return b, ok && slices.Contains(kinds, b.kind)
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
