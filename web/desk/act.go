package desk

import (
	"strconv"
	"strings"
	"unicode/utf8"

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
		return d.again(c, s, string(to), invalid("reason", "unknown"))
	}
	if !d.hasDepartment(t.Department) {
		return d.again(c, s, string(to), invalid("department", "unknown"))
	}
	if intake.DispositionEvent(to) != "" {
		t.Summary = intake.Summary{Summary: trim(c, "summary"), Subject: trim(c, "subject"), Location: trim(c, "location"), Parcel: trim(c, "parcel")}
	}
	if err := d.Casework.Move(c.Request.Context(), d.actor(s), id, t); err != nil {
		return d.again(c, s, string(to), err)
	}
	if letter := trim(c, "letter"); letter != "" {
		if err := d.say(c, s, letter); err != nil {
			c.Request.PostForm.Set("text", letter) // the state has moved: the letter waits in the answer box
			return d.again(c, s, "answer", err)
		}
	}
	if to == intake.StateNeedsInfo {
		return d.to(c, "/tips/"+id+"#messages") // the question is written there
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
		return d.again(c, s, "release", err)
	}
	return d.to(c, "/tips/"+c.Param("id"))
}

func (d *desk) message(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	if err := d.say(c, s, c.PostForm("text")); err != nil {
		return d.again(c, s, "answer", err)
	}
	return d.to(c, "/tips/"+c.Param("id")+"#messages")
}

// say writes to the reporter; an answer is as long as theirs may be.
func (d *desk) say(c *gin.Context, s *members.Session, text string) error {
	if utf8.RuneCountInString(text) > intake.MaxMessage {
		return &intake.InvalidError{Problems: []intake.Problem{{Field: "text", Code: "too_long", Param: strconv.Itoa(intake.MaxMessage)}}}
	}
	return d.Casework.Answer(c.Request.Context(), d.actor(s), c.Param("id"), text)
}
