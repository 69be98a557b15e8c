package desk

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/book"
	"tipline/intake/members"
)

type changesPage struct {
	frame
	*book.Changes
	Shown   []book.ChangedRow
	Fields  []book.Field
	Failure string
}

// FieldName words a column.
func (p changesPage) FieldName(key string) string {
	if id := "ledger.column." + key; p.Has(id) {
		return p.T(id)
	}
	return p.frame.fieldName(key)
}

// Why words what is wrong.
func (p changesPage) Why(problems []intake.Problem) []string { return p.whys(problems, p.FieldName) }

// uploadLedger takes a sheet of the ledger and shows what was changed in it.
func (d *desk) uploadLedger(c *gin.Context, s *members.Session) error {
	form, table, err := d.sheetIn(c)
	if err != nil {
		f := classify(err)
		if f.status >= http.StatusInternalServerError {
			return err
		}
		var p ledgerPage
		p.Failure, p.Advice = f.words(d.frame(c, s))
		return d.showLedger(c, s, f.status, p)
	}
	b := brought{kind: book.Ledger, table: table}
	if name := first(form, "map"); name != "" {
		if b.options.Mapping, err = d.Book.Map(c.Request.Context(), d.actor(s), book.Ledger, name); err != nil {
			return err
		}
	}
	d.sheets.put(s.ID, b, d.Now())
	return d.to(c, "/ledger/changes")
}

func (d *desk) changes(c *gin.Context, s *members.Session) error {
	b, ok := d.waits(s, book.Ledger)
	if !ok {
		return d.to(c, "/ledger")
	}
	return d.showChanges(c, s, http.StatusOK, b, "")
}

func (d *desk) showChanges(c *gin.Context, s *members.Session, status int, b brought, failure string) error {
	p := changesPage{frame: d.frame(c, s), Fields: book.Fields(book.Ledger), Failure: failure}
	var err error
	if p.Changes, err = d.Book.Compare(c.Request.Context(), d.actor(s), b.table, b.options.Mapping, p.Lang()); err != nil {
		return err
	}
	p.Shown = p.Rows[:min(len(p.Rows), shownRows)]
	d.render(c, status, "changes", p)
	return nil
}

// takeChanges is a member's word on a sheet of the ledger.
func (d *desk) takeChanges(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	b, ok := d.waits(s, book.Ledger)
	if !ok {
		return d.to(c, "/ledger")
	}
	switch c.PostForm("act") {
	case "drop":
		d.sheets.forget(s.ID)
		return d.to(c, "/ledger")
	case "map":
		b.options.Mapping = mappingOf(c.Request.PostForm)
		d.sheets.put(s.ID, b, d.Now())
		if name := c.PostForm("name"); name != "" {
			if err := d.Book.SaveMap(c.Request.Context(), d.actor(s), book.Ledger, book.SavedMap{Name: name, Mapping: b.options.Mapping}); err != nil {
				return err
			}
		}
		return d.to(c, "/ledger/changes")
	}
	return d.writeChanges(c, s, b)
}

// writeChanges takes what was seen: what differs by now is shown again.
func (d *desk) writeChanges(c *gin.Context, s *members.Session, b brought) error {
	changes, err := d.Book.Compare(c.Request.Context(), d.actor(s), b.table, b.options.Mapping, d.pages.View(c.Request).Lang())
	if err != nil {
		return err
	}
	taken := book.Taken{}
	for _, name := range c.PostFormArray("take") {
		taken[name] = true
	}
	if c.PostForm("seen") != changes.Seen() {
		return d.showChanges(c, s, http.StatusConflict, b, d.frame(c, s).T("book.changed_meanwhile"))
	}
	changes.CloseParcels = c.PostForm("close") != ""
	n, err := d.Book.Take(c.Request.Context(), d.actor(s), changes, taken, c.PostForm("skip") != "")
	if err != nil {
		if f := classify(err); slices.Contains([]int{http.StatusUnprocessableEntity, http.StatusConflict, http.StatusServiceUnavailable}, f.status) {
			return d.showChanges(c, s, f.status, b, d.frame(c, s).T("desk.error."+f.kind))
		}
		return err
	}
	d.sheets.forget(s.ID)
	return d.to(c, "/ledger?changed="+strconv.Itoa(n))
}
