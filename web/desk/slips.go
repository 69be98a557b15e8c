package desk

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/members"
	"tipline/web/page"
)

// slipTime is how long the receipt of a keyed-in tip can be looked at again, to
// read it out and print it.
const slipTime = 15 * time.Minute

// slip is the receipt of what was just keyed in. It lives in memory only, and is its handler's alone.
type slip struct {
	filed   intake.Filed
	lang    string // the reporter's
	counter bool   // a reporter stands there, or wrote
	desk    string
	member  string
}

type keyedPage struct {
	frame
	Filed intake.Filed
	Slip  *slipView // nil when there is nobody to hand one to
}

// slipView is the slip for the counter, in the reporter's language. It names neither the
// matter nor the office: it may be found by somebody else.
type slipView struct {
	page.View
	Groups []string // the digits in fours
	Size   int      // modules of a side of the picture, with the quiet zone
	Path   string   // of the picture of the digits alone
	Site   string   // where they are typed
	Until  intake.Date
	Roll   bool // for the paper of a receipt printer
}

// receipt shows the slip of what was just keyed in.
func (d *desk) receipt(c *gin.Context, s *members.Session) error {
	found, ok := d.slips.get(c.Param("id"), d.Now())
	if !ok || found.member != s.Member.Name {
		return intake.ErrNotFound
	}
	p := keyedPage{frame: d.frame(c, s), Filed: found.filed}
	if found.counter {
		v, err := d.slip(found, c.Query("paper") == "roll")
		if err != nil {
			return err
		}
		p.Slip = &v
	}
	d.render(c, http.StatusOK, "keyed", p)
	return nil
}

func (d *desk) slip(of slip, roll bool) (v slipView, err error) {
	lang := of.lang
	if !slices.Contains(d.Bundle.Offered(), lang) {
		lang = d.Bundle.Offered()[0]
	}
	v = slipView{View: d.pages.ViewIn(lang, "/", false), Groups: strings.Fields(of.filed.Receipt.Grouped()), Site: d.ReceiptURL, Roll: roll,
		Until: d.Casework.Deadlines.Acceptance(of.desk, of.filed.ReceivedOn)}
	v.Size, v.Path, err = page.QR(strings.Join(v.Groups, ""))
	return v, err
}
