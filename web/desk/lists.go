package desk

import (
	"bytes"
	"net/http"

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
