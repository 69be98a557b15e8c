package desk

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/members"
	"tipline/web/page"
)

// listSize is how many rows of the ledger or the audit chain a page shows.
const listSize = 100

type ledgerPage struct {
	frame
	Rows []LedgerRow
}

func (d *desk) ledger(c *gin.Context, s *members.Session) error {
	rows, err := d.Ledger(c.Request.Context(), d.actor(s).Desk, listSize)
	if err != nil {
		return err
	}
	d.render(c, http.StatusOK, "ledger", ledgerPage{frame: d.frame(c, s), Rows: rows})
	return nil
}

type auditPage struct {
	frame
	Rows []intake.Audit
	Next string // the row before which the next page begins, "" on the last
}

func (d *desk) audit(c *gin.Context, s *members.Session) error {
	rows, err := d.Audit(c.Request.Context(), s.Member.Desk, c.Query("before"), listSize+1)
	if err != nil {
		return err
	}
	p := auditPage{frame: d.frame(c, s), Rows: rows[:min(len(rows), listSize)]} // that another desk is at work is hidden here
	if len(rows) > listSize {
		p.Next = rows[listSize-1].Hash
	}
	d.render(c, http.StatusOK, "audit", p)
	return nil
}

// Act words what a member did; one without words stands as its code.
func (p auditPage) Act(code string) string {
	if id := "desk.act." + code; p.Has(id) {
		return p.T(id)
	}
	return code
}

// Detail words what a row of the chain says beside its act: a decision's two states
// and its reason, or a keyed-in tip's channel. Anything else stands as it is.
func (p auditPage) Detail(a intake.Audit) string {
	switch a.Act {
	case "state", "review.ask", "review.confirm", "review.return", "merge", "unmerge":
		return p.decision(a.Detail)
	case "keyin":
		if id := "channel." + a.Detail; p.Has(id) {
			return p.T(id)
		}
	}
	return a.Detail
}

// decision words two states, or one, and what stands behind them: a reason's code or
// the tip that this one was put to.
func (p auditPage) decision(detail string) string {
	states, more, _ := strings.Cut(detail, " ")
	from, to, two := strings.Cut(states, ">")
	if !p.Has("state."+from) || two && !p.Has("state."+to) {
		return detail
	}
	words := p.T("state." + from)
	if two {
		words += " → " + p.T("state."+to)
	}
	if len(more) == 2*idBytes {
		more = p.Short(more)
	}
	if more != "" {
		words += " · " + p.Reason(more)
	}
	return words
}

// idBytes is how many bytes a tip's id has; it is written in hex.
const idBytes = 16

// export sends the ledger as a file. It is gathered first, so that a failure is a
// page and never half a ledger.
func (d *desk) export(c *gin.Context, s *members.Session) error {
	format := c.Query("format")
	kind, known := map[string]string{"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}[format]
	if !known {
		return intake.ErrNotFound
	}
	var b bytes.Buffer
	if err := d.Export(c.Request.Context(), d.actor(s), format, d.pages.View(c.Request).Lang(), &b); err != nil {
		return err
	}
	name := "ledger-" + string(intake.DateOf(d.Now(), d.Loc)) + "." + format
	c.Header("Content-Disposition", `attachment; filename="`+name+`"`)
	page.Write(c.Writer, http.StatusOK, kind, b.Bytes())
	return nil
}
