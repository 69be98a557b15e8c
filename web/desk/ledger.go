package desk

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/book"
	"tipline/intake/members"
	"tipline/web/page"
)

// listSize is how many rows of the audit chain a page shows, ledgerSize of the ledger:
// each of those has to be opened.
const (
	listSize   = 100
	ledgerSize = 30
)

type ledgerPage struct {
	frame
	View    book.View
	Due     intake.DueFilter
	Rows    []book.Line
	Next    string
	Failure string
	Advice  string // how it is mended
	Done    string // how many rows an upload changed, "" before one
	Maps    []book.SavedMap
}

func (d *desk) ledger(c *gin.Context, s *members.Session) error {
	return d.showLedger(c, s, http.StatusOK, ledgerPage{Done: c.Query("changed")})
}

func (d *desk) showLedger(c *gin.Context, s *members.Session, status int, p ledgerPage) error {
	p.frame = d.frame(c, s)
	p.View, p.Due = d.viewOf(c.Request.URL.Query())
	var err error
	if p.Rows, p.Next, err = d.Book.Page(c.Request.Context(), d.actor(s), p.View, p.Lang()); err != nil {
		return err
	}
	if p.Maps, err = d.Book.Maps(c.Request.Context(), d.actor(s), book.Ledger); err != nil {
		return err
	}
	d.render(c, status, "ledger", p)
	return nil
}

// viewOf is what a query asks for of the ledger. What it doesn't know asks for
// nothing.
func (d *desk) viewOf(q url.Values) (book.View, intake.DueFilter) {
	v := book.View{State: q.Get("state"), Category: q.Get("category"), Source: q.Get("source"), Department: q.Get("department"), Place: q.Get("place"),
		Number: q.Get("number"), Order: book.Order(q.Get("order")), Cursor: q.Get("cursor"), Limit: ledgerSize}
	if !slices.Contains(book.Orders(), v.Order) {
		v.Order = ""
	}
	due := intake.DueFilter(q.Get("due"))
	if !due.Dated() {
		return v, ""
	}
	v.DueFrom, v.DueTo = due.Between(intake.DateOf(d.Now(), d.Loc), laterBy)
	v.Open = true
	return v, due
}

func laterBy(day intake.Date, n int) intake.Date {
	t, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return day
	}
	return intake.Date(t.AddDate(0, 0, n).Format(time.DateOnly))
}

func (p ledgerPage) query() url.Values {
	q := url.Values{}
	for key, value := range map[string]string{"state": p.View.State, "category": p.View.Category, "source": p.View.Source, "department": p.View.Department, "place": p.View.Place,
		"number": p.View.Number, "order": string(p.View.Order), "due": string(p.Due)} {
		if value != "" {
			q.Set(key, value)
		}
	}
	return q
}

// With is the view with one of its parts changed, from its first page.
func (p ledgerPage) With(key, value string) string {
	q := p.query()
	if q.Set(key, value); value == "" {
		q.Del(key)
	}
	return p.link("/ledger", q)
}

// NextURL is the next page.
func (p ledgerPage) NextURL() string { return p.With("cursor", p.Next) }

// ExportURL is the view as a file.
func (p ledgerPage) ExportURL(format string) string {
	q := p.query()
	q.Set("format", format)
	return p.link("/ledger/export", q)
}

func (p ledgerPage) link(path string, q url.Values) string {
	if len(q) == 0 {
		return p.URL(path)
	}
	return p.URL(path + "?" + q.Encode())
}

// Narrowed says whether anything is asked for.
func (p ledgerPage) Narrowed() bool {
	q := p.query()
	q.Del("order")
	return len(q) > 0
}

// Orders are the orders there are.
func (ledgerPage) Orders() []book.Order { return book.Orders() }

// States are the ledger's own.
func (ledgerPage) States() []intake.LedgerState { return intake.LedgerStates() }

// Dues are the ways to ask by date.
func (ledgerPage) Dues() []intake.DueFilter {
	return []intake.DueFilter{intake.DueOverdue, intake.DueToday, intake.DueWeek}
}

// Late says whether a row's date is over and it isn't closed.
func (p ledgerPage) Late(l book.Line) bool {
	return l.DueOn != "" && l.DueOn < intake.DateOf(p.d.Now(), p.d.Loc) && l.State != string(intake.LedgerConcluded)
}

// kinds are the files that are handed out.
func kinds() map[string]string {
	return map[string]string{"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}
}

// export sends the ledger as a file. It is gathered first, so that a failure is a
// page and never half a ledger.
func (d *desk) export(c *gin.Context, s *members.Session) error {
	format := c.Query("format")
	if kinds()[format] == "" {
		return intake.ErrNotFound
	}
	v, _ := d.viewOf(c.Request.URL.Query())
	v.Cursor, v.Limit = "", 0
	var b bytes.Buffer
	if err := d.Book.Export(c.Request.Context(), d.actor(s), v, format, d.pages.View(c.Request).Lang(), &b); err != nil {
		return err
	}
	d.hand(c, "ledger-"+string(intake.DateOf(d.Now(), d.Loc)), format, b.Bytes())
	return nil
}

// hand sends a file under a name.
func (d *desk) hand(c *gin.Context, what, format string, b []byte) {
	c.Header("Content-Disposition", `attachment; filename="`+what+"."+format+`"`)
	page.Write(c.Writer, http.StatusOK, kinds()[format], b)
}
