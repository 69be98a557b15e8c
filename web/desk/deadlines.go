package desk

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/members"
	"tipline/web/page"
)

type deadlinesPage struct {
	frame
	casework.Registers
	Done    bool // a request was decided by the press before
	Problem string
	Refused string // the request that the problem is about, with what was typed
	Why     string
}

// oversees lets in who sees what is late: handlers, and supervisors, who open no
// report.
func (d *desk) oversees(h guarded) page.Handler {
	return d.member(func(c *gin.Context, s *members.Session) error {
		a := d.actor(s)
		if !a.Is(casework.RoleHandler) && !a.Is(casework.RoleSupervisor) {
			return casework.ErrForbidden
		}
		return h(c, s)
	})
}

// deadlines is the page of what is late and of the later dates that wait for a word.
func (d *desk) deadlines(c *gin.Context, s *members.Session) error {
	return d.showDeadlines(c, s, http.StatusOK, deadlinesPage{Done: c.Query("done") != ""})
}

func (d *desk) showDeadlines(c *gin.Context, s *members.Session, status int, p deadlinesPage) error {
	r, err := d.Casework.Registers(c.Request.Context(), d.actor(s))
	if err != nil {
		return err
	}
	p.frame, p.Registers = d.frame(c, s), r
	d.render(c, status, "deadlines", p)
	return nil
}

// decideExtension grants a later date, or doesn't.
func (d *desk) decideExtension(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	id, why := c.Param("id"), trim(c, "why")
	var err error
	switch c.PostForm("do") {
	case "grant":
		err = d.Casework.GrantExtension(c.Request.Context(), d.actor(s), id)
	case "refuse":
		err = d.Casework.RefuseExtension(c.Request.Context(), d.actor(s), id, why)
	default:
		err = errMalformed
	}
	if errors.Is(err, casework.ErrReason) || errors.Is(err, intake.ErrConflict) || errors.Is(err, intake.ErrInvalid) || errors.Is(err, casework.ErrNoExtension) {
		f := classify(err)
		v := d.frame(c, s)
		return d.showDeadlines(c, s, f.status, deadlinesPage{Problem: v.T("desk.error." + f.kind), Refused: id, Why: why})
	}
	if err != nil {
		return err
	}
	return d.to(c, "/deadlines?done=1")
}

// askExtension asks for a later date for a tip.
func (d *desk) askExtension(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	l := casework.Later{To: intake.Date(trim(c, "until")), Reason: c.PostForm("reason"), Note: trim(c, "note"), Letter: trim(c, "letter"), Sure: sure(c, "letter")}
	if err := d.Casework.AskExtension(c.Request.Context(), d.actor(s), c.Param("id"), l); err != nil {
		return d.again(c, s, "extension", err)
	}
	return d.to(c, "/tips/"+c.Param("id")+"#clock")
}

// Count is how many tips a filter by date leaves, as far as they are counted.
func (p deadlinesPage) Count(f intake.DueFilter) string { return counted(p.Dues[f]) }

// counted is a count up to its bound.
func counted(n int) string {
	if n < casework.DueBound {
		return strconv.Itoa(n)
	}
	return strconv.Itoa(casework.DueBound-1) + "+"
}

// LateCount is how many tips are overdue, as far as they are counted.
func (f frame) LateCount() string { return counted(f.LateTips) }

// Late is how many days ago a date was.
func (f frame) Late(on intake.Date) int {
	return max(0, daysBetween(on, intake.DateOf(f.d.Now(), f.d.Loc)))
}

// Stopped is the pause that goes on, nil when the clock runs.
func (p tipPage) Stopped() *intake.Pause {
	if n := len(p.Pauses); n > 0 && p.Pauses[n-1].Until == "" {
		return &p.Pauses[n-1]
	}
	return nil
}

// Stood are the pauses that are over.
func (p tipPage) Stood() []intake.Pause {
	return slices.DeleteFunc(slices.Clone(p.Pauses), func(s intake.Pause) bool { return s.Until == "" })
}

// Later says whether a later date may be asked for: none waits for a word.
func (p tipPage) Later() bool {
	n := len(p.Extensions)
	return p.Extending != nil && (n == 0 || p.Extensions[n-1].State != intake.ExtensionAsked)
}

// ExtensionReasons are the codes of a later date's reasons.
func (tipPage) ExtensionReasons() []string { return casework.ExtensionReasons() }

// LaterLetter is what a reporter is told of a later date unless its writer says it
// otherwise, in the reporter's language.
func (p tipPage) LaterLetter() string {
	return p.d.Bundle.Translator(p.ReporterLang()).T("status.extended")
}

// Unsure says whether a date falls into a year whose holidays aren't known.
func (f frame) Unsure(on intake.Date) bool { return on != "" && !f.d.Casework.Deadlines.Sure(on) }

// Year is a date's year.
func (frame) Year(on intake.Date) string { return string(on[:min(4, len(on))]) }

// register is what the partial "register" renders.
type register struct {
	frame
	Title  string
	Tips   []intake.Tip
	Unsent bool
}

// On is the date that a row of the register stands by.
func (r register) On(t intake.Tip) intake.Date {
	if r.Unsent {
		return t.AcceptedOn
	}
	return t.DueOn
}

// Register gives one of the registers to the partial.
func (p deadlinesPage) Register(f intake.DueFilter) register {
	r := register{frame: p.frame, Title: p.T("desk.due." + string(f)), Tips: p.Overdue.Tips}
	if r.Unsent = f == intake.DueUnsent; r.Unsent {
		r.Tips = p.Unsent.Tips
	}
	return r
}
