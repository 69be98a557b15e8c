package desk

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/members"
)

type looksPage struct {
	frame
	Open, Over []casework.Look
}

// looks is the page of the appointments to look at tips again.
func (d *desk) looks(c *gin.Context, s *members.Session) error {
	open, over, err := d.Casework.Appointments(c.Request.Context(), d.actor(s))
	if err != nil {
		return err
	}
	d.render(c, http.StatusOK, "looks", looksPage{d.frame(c, s), open, over})
	return nil
}

// appoint makes an appointment about a tip. It comes from the tip's own page or, with
// the field "page", from that of the tip that gives the reason.
func (d *desk) appoint(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	about, back := c.Param("id"), c.Param("id")
	a := casework.Appointment{Kind: intake.LookKind(c.PostForm("kind")), Due: intake.Date(trim(c, "until")), Number: trim(c, "number"), Note: trim(c, "note")}
	if a.Kind == intake.LookRetaliation {
		a.Letter = trim(c, "letter")
	}
	if old := c.PostForm("about"); old != "" {
		about, a.From = old, back
	}
	if err := d.Casework.Appoint(c.Request.Context(), d.actor(s), about, a); err != nil {
		return d.again(c, s, "look", err)
	}
	return d.to(c, "/tips/"+back+"#looks")
}

// lookDone says what a look found.
func (d *desk) lookDone(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	if err := d.Casework.Done(c.Request.Context(), d.actor(s), c.Param("look"), c.PostForm("result"), trim(c, "note")); err != nil {
		return d.again(c, s, "done-"+c.Param("look"), err)
	}
	return d.to(c, "/tips/"+c.Param("id")+"#looks")
}

// LookKinds are the kinds of appointments that a tip's own page offers: what is done with is
// looked at, and a reporter, where there is one, is looked after.
func (p tipPage) LookKinds() (out []intake.LookKind) {
	if p.Tip.State.Closed() {
		out = append(out, intake.LookBack)
	}
	if !p.Nobody() {
		out = append(out, intake.LookRetaliation)
	}
	return out
}

// Reopenings are the states that a closed parcel goes to when a tip is about it again.
func (tipPage) Reopenings() []intake.LedgerState {
	return []intake.LedgerState{intake.LedgerLookBack, intake.LedgerRelapse}
}

// SafeLetter is what a reporter is asked unless its writer says it otherwise, in the
// reporter's language.
func (p tipPage) SafeLetter() string { return p.d.Bundle.Translator(p.ReporterLang()).T("status.safe") }

// Today is the date at the office.
func (f frame) Today() intake.Date { return intake.DateOf(f.d.Now(), f.d.Loc) }

// InDays is the date so many days on.
func (f frame) InDays(n int) intake.Date { return intake.DateOf(f.d.Now().AddDate(0, 0, n), f.d.Loc) }

// Watched says whether somebody looks after the tip's reporter.
func (p tipPage) Watched() bool {
	for _, l := range p.Looks {
		if l.Kind == intake.LookRetaliation && l.Result == "" && l.Tip == p.Tip.ID {
			return true
		}
	}
	return false
}

// watch is the appointment that a decision's form asks for, nil for none.
func watch(c *gin.Context) *casework.Watch {
	if c.PostForm("watch") == "" {
		return nil
	}
	return &casework.Watch{Letter: trim(c, "safe")}
}

// lookTable is what the partial "looktable" renders.
type lookTable struct {
	frame
	Title string
	Rows  []casework.Look
}

// Table gives a list of appointments to the partial.
func (p looksPage) Table(title string, rows []casework.Look) lookTable {
	return lookTable{p.frame, p.T(title), rows}
}
