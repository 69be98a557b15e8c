package desk

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/book"
	"tipline/intake/members"
)

// parcelSize is how many parcels a page lists.
const parcelSize = 50

// soonParcels is how many days ahead a parcel's dates count as near: a village needs
// weeks, not days, to bring land back.
const soonParcels = 30

type parcelsPage struct {
	frame
	Filter  book.ParcelFilter
	Term    string // open, due, late, evidence, or "" for all
	Rows    []book.Parcel
	Batches []string
	Next    string
}

// parcels is the list of the desk's parcels (图斑).
func (d *desk) parcels(c *gin.Context, s *members.Session) error {
	p := parcelsPage{frame: d.frame(c, s)}
	p.Filter, p.Term = d.parcelFilter(c.Request.URL.Query())
	var err error
	if p.Rows, p.Next, err = d.Book.ParcelPage(c.Request.Context(), d.actor(s), p.Filter); err != nil {
		return err
	}
	if p.Batches, err = d.Book.Batches(c.Request.Context(), d.actor(s)); err != nil {
		return err
	}
	d.render(c, http.StatusOK, "parcels", p)
	return nil
}

// parcelFilter is what a query asks for. What it doesn't know asks for nothing.
func (d *desk) parcelFilter(q url.Values) (f book.ParcelFilter, term string) {
	f = book.ParcelFilter{Batch: q.Get("batch"), Place: q.Get("place"), Category: q.Get("category"), State: q.Get("state"), Number: q.Get("number"), Cursor: q.Get("cursor"), Limit: parcelSize}
	today := intake.DateOf(d.Now(), d.Loc)
	switch term = q.Get("term"); term {
	case "open":
		f.Open = true
	case "due":
		f.DueBy = laterBy(today, soonParcels)
	case "late":
		f.DueBy = laterBy(today, -1)
	case "evidence":
		f.EvidenceBy = laterBy(today, soonParcels)
	default:
		term = ""
	}
	return f, term
}

// Terms are the ways to ask by date.
func (parcelsPage) Terms() []string { return []string{"open", "due", "late", "evidence"} }

// States are those a parcel may be in.
func (parcelsPage) States() []intake.LedgerState { return book.ParcelStates() }

func (p parcelsPage) query() url.Values {
	q := url.Values{}
	for key, value := range map[string]string{"batch": p.Filter.Batch, "place": p.Filter.Place, "category": p.Filter.Category, "state": p.Filter.State, "number": p.Filter.Number, "term": p.Term} {
		if value != "" {
			q.Set(key, value)
		}
	}
	return q
}

// Narrowed says whether anything is asked for.
func (p parcelsPage) Narrowed() bool { return len(p.query()) > 0 }

// With is the list with one of its parts changed, from its first page.
func (p parcelsPage) With(key, value string) string {
	q := p.query()
	if q.Set(key, value); value == "" {
		q.Del(key)
	}
	if len(q) == 0 {
		return p.URL("/parcels")
	}
	return p.URL("/parcels?" + q.Encode())
}

// NextURL is the next page.
func (p parcelsPage) NextURL() string { return p.With("cursor", p.Next) }

// ParcelURL is the page of a parcel. Batch and number may be in any script.
func (f frame) ParcelURL(batch, number string) string {
	return f.URL("/parcel?" + url.Values{"batch": {batch}, "number": {number}}.Encode())
}

// ParcelsURL is the list of those with a number.
func (f frame) ParcelsURL(number string) string {
	return f.URL("/parcels?" + url.Values{"number": {number}}.Encode())
}

// ParcelDue is how a parcel's date stands: late, soon or "".
func (f frame) ParcelDue(p book.Parcel, on intake.Date, done bool) string {
	today := f.Today()
	switch {
	case on == "" || done || p.State == string(intake.LedgerConcluded):
		return ""
	case on < today:
		return "late"
	case on <= laterBy(today, soonParcels):
		return "soon"
	default:
		return ""
	}
}

type parcelPage struct {
	frame
	*book.ParcelSheet
	Moved    bool // by the press before
	Problem  string
	Problems []string
	form     url.Values // as it was sent
}

// parcel is one parcel: its dates, who answers for it, the tips about it, and what became
// of it.
func (d *desk) parcel(c *gin.Context, s *members.Session) error {
	return d.showParcel(c, s, http.StatusOK, c.Query("batch"), c.Query("number"), parcelPage{Moved: c.Query("moved") != ""})
}

func (d *desk) showParcel(c *gin.Context, s *members.Session, status int, batch, number string, p parcelPage) (err error) {
	p.frame = d.frame(c, s)
	if p.ParcelSheet, err = d.Book.ParcelSheet(c.Request.Context(), d.actor(s), batch, number); err != nil {
		return err
	}
	d.render(c, status, "parcel", p)
	return nil
}

// moveParcel puts a parcel in another state.
func (d *desk) moveParcel(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	version, err := strconv.Atoi(c.PostForm("version"))
	if err != nil || version < 1 {
		return errMalformed
	}
	batch, number := c.PostForm("batch"), c.PostForm("number")
	err = d.Book.MoveParcel(c.Request.Context(), d.actor(s), batch, number, book.ParcelChange{Version: version, State: intake.LedgerState(c.PostForm("state")),
		ClosedOn: intake.Date(trim(c, "closed_on")), EvidenceOn: intake.Date(trim(c, "evidence_on")), Reason: trim(c, "reason")})
	if errors.Is(err, intake.ErrInvalid) || errors.Is(err, intake.ErrConflict) {
		f, v := classify(err), d.frame(c, s)
		p := parcelPage{Problem: v.T("desk.error." + f.kind), form: c.Request.PostForm}
		if invalid, ok := errors.AsType[*intake.InvalidError](err); ok {
			p.Problems = v.whys(invalid.Problems, func(field string) string { return v.T("parcel." + field) })
		}
		return d.showParcel(c, s, f.status, batch, number, p)
	}
	if err != nil {
		return err
	}
	return d.to(c, "/parcel?"+url.Values{"batch": {batch}, "number": {number}, "moved": {"1"}}.Encode())
}

// States are those a parcel may be put in.
func (parcelPage) States() []intake.LedgerState { return book.ParcelStates() }

// Typed is what was sent of a field, else what stands.
func (p parcelPage) Typed(field, stands string) string {
	if p.form != nil {
		return p.form.Get(field)
	}
	return stands
}
