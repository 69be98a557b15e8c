package desk

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/book"
	"tipline/intake/members"
)

type reportsPage struct {
	frame
	*book.Report
	Today intake.Date
}

// reports is the month's report, with the ways to the day's and the week's.
func (d *desk) reports(c *gin.Context, s *members.Session) error {
	p := reportsPage{frame: d.frame(c, s), Today: intake.DateOf(d.Now(), d.Loc)}
	day := intake.Date(c.Query("date"))
	if day == "" {
		day = p.Today
	}
	if len(day) == len("2026-11") {
		day += "-01" // as a month's field sends it
	}
	var err error
	if p.Report, err = d.Book.Monthly(c.Request.Context(), d.actor(s), day, p.Lang()); err != nil {
		return err
	}
	d.render(c, http.StatusOK, "reports", p)
	return nil
}

// Shown is a cell as it is published.
func (p reportsPage) Shown(c book.Count) string { return p.d.Book.Shown(p.Lang(), c) }

// MonthURL is the report of another month.
func (p reportsPage) MonthURL(of book.Period) string {
	return p.URL("/reports?date=" + string(of.From))
}

// ExportURL is a report as a workbook.
func (p reportsPage) ExportURL(kind string, day intake.Date) string {
	return p.URL("/reports/export?" + url.Values{"kind": {kind}, "date": {string(day)}}.Encode())
}

// Running says whether the month isn't over.
func (p reportsPage) Running() bool { return !p.Over(p.Today) }

// table is a breakdown of what was received, each line with a bar.
type table struct {
	ID, Title string
	Lines     []line
}

// line is one cell of a breakdown. Share is how long its bar is, in hundredths of the longest; that of a hidden one says
// that there is something and not how much.
type line struct {
	Label, Value string
	Share        int
	Hidden       bool
}

// Villages are those that a sheet can be for.
func (f frame) Villages() (out []option) {
	for _, p := range f.d.Content.Places {
		if p.Level == "village" {
			out = append(out, option{p.Code, f.Near(p.Code)})
		}
	}
	return out
}

// Ends says whether the i-th of n lines is the first of those that stay on one page of paper with the places to sign.
func (frame) Ends(i, n int) bool { return i == max(0, n-2) }

// Ordinal is a line's number on a sheet.
func (frame) Ordinal(i int) int { return i + 1 }

// Tables are the breakdowns.
func (p reportsPage) Tables() (out []table) {
	for _, of := range []struct {
		id    string
		cells []book.Count
	}{{"place", p.ByPlace}, {"category", p.ByCategory}, {"source", p.BySource}, {"channel", p.ByChannel}} {
		t := table{ID: of.id, Title: p.T("book.report.by." + of.id)}
		top := most(of.cells...)
		for _, c := range of.cells {
			l := line{p.Word(of.id, c.Code), p.Shown(c), 1, c.Hidden}
			if !c.Hidden {
				l.Share = c.N * 100 / top
			}
			t.Lines = append(t.Lines, l)
		}
		out = append(out, t)
	}
	return out
}

// Word words a cell's code.
func (p reportsPage) Word(kind, code string) string {
	switch kind {
	case "place":
		return p.Near(code)
	default:
		return p.Label(kind, code)
	}
}

// TrendChart draws the trend.
func (p reportsPage) TrendChart() chart { return rising(p.Trend) }

// Percent is how much of a pace was in time.
func (reportsPage) Percent(p book.Pace) int {
	if p.N == 0 {
		return 0
	}
	return p.InTime * 100 / p.N
}

// exportReport sends a report as a workbook.
func (d *desk) exportReport(c *gin.Context, s *members.Session) error {
	kind, day := c.Query("kind"), intake.Date(c.Query("date"))
	b, period, err := d.Book.Report(c.Request.Context(), d.actor(s), kind, day, d.pages.View(c.Request).Lang())
	if err != nil {
		return err
	}
	d.hand(c, kind+"-"+string(period.From), "xlsx", b)
	return nil
}

type dispatchSheet struct {
	frame
	*book.Dispatch
	Today intake.Date
}

// NextURL is the next page of the sheet.
func (p dispatchSheet) NextURL() string {
	return p.URL("/reports/dispatch?" + url.Values{"department": {p.Department}, "date": {string(p.From)}, "cursor": {p.Next}}.Encode())
}

// departmentSheet is a department's sheet of a week, to be printed, signed and sealed.
func (d *desk) departmentSheet(c *gin.Context, s *members.Session) error {
	p := dispatchSheet{frame: d.frame(c, s), Today: intake.DateOf(d.Now(), d.Loc)}
	day := intake.Date(c.DefaultQuery("date", string(p.Today)))
	var err error
	if p.Dispatch, err = d.Book.Dispatch(c.Request.Context(), d.actor(s), day, c.Query("department"), c.Query("cursor"), p.Lang()); err != nil {
		return err
	}
	d.render(c, http.StatusOK, "dispatchsheet", p)
	return nil
}

type villageSheet struct {
	frame
	*book.Return
	Today intake.Date
}

// giveVillageSheet gives a village's sheet out; then it can be printed.
func (d *desk) giveVillageSheet(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	place := trim(c, "place")
	if err := d.Book.GiveReturn(c.Request.Context(), d.actor(s), place); err != nil {
		return err
	}
	return d.to(c, "/reports/village?"+url.Values{"place": {place}}.Encode())
}

// villageSheet is a village's return, to be filled in, signed and sealed. One that wasn't given out as it stands
// isn't on paper.
func (d *desk) villageSheet(c *gin.Context, s *members.Session) error {
	p := villageSheet{frame: d.frame(c, s), Today: intake.DateOf(d.Now(), d.Loc)}
	place := c.Query("place")
	if len(place) < len("411422207201") {
		return invalid("place", "required")
	}
	var err error
	if p.Return, err = d.Book.Return(c.Request.Context(), d.actor(s), place); err != nil {
		return err
	}
	d.render(c, http.StatusOK, "villagesheet", p)
	return nil
}
