package desk

import (
	"strings"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/members"
)

// state triages a tip. With a refusal its reporter may be sent the reason's
// letter at once.
func (d *desk) state(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	id, to := c.Param("id"), intake.State(c.PostForm("state"))
	t := casework.Triage{To: to, Reason: c.PostForm("reason"), Note: c.PostForm("note"), Department: c.PostForm("department")}
	if t.Reason != "" && !d.hasReason(t.Reason) {
		return casework.ErrReason
	}
	if !d.hasDepartment(t.Department) {
		return errMalformed
	}
	if intake.DispositionEvent(to) != "" {
		t.Summary = intake.Summary{Summary: trim(c, "summary"), Subject: trim(c, "subject"), Location: trim(c, "location"), Parcel: trim(c, "parcel")}
	}
	if err := d.Casework.Move(c.Request.Context(), d.actor(s), id, t); err != nil {
		return err
	}
	if letter := trim(c, "letter"); letter != "" {
		if err := d.Casework.Answer(c.Request.Context(), d.actor(s), id, letter); err != nil {
			return err
		}
	}
	return d.to(c, "/tips/"+id)
}

func trim(c *gin.Context, field string) string { return strings.TrimSpace(c.PostForm(field)) }

func (d *desk) hasReason(code string) bool {
	for _, r := range d.Content.Reasons {
		if r.Code == code {
			return true
		}
	}
	return false
}

func (d *desk) hasDepartment(code string) bool {
	if code == "" {
		return true
	}
	for _, c := range d.Content.Departments {
		if c.Code == code {
			return true
		}
	}
	return false
}

func (d *desk) release(c *gin.Context, s *members.Session) error {
	if err := d.Casework.Release(c.Request.Context(), d.actor(s), c.Param("id")); err != nil {
		return err
	}
	return d.to(c, "/tips/"+c.Param("id"))
}

func (d *desk) message(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	if err := d.Casework.Answer(c.Request.Context(), d.actor(s), c.Param("id"), c.PostForm("text")); err != nil {
		return err
	}
	return d.to(c, "/tips/"+c.Param("id")+"#messages")
}
