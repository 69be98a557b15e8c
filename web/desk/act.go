package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/members"
)

// state triages a tip. With a decision its reporter may be sent a letter, in the
// same act.
func (d *desk) state(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	id, to := c.Param("id"), intake.State(c.PostForm("state"))
	t := casework.Triage{To: to, Reason: c.PostForm("reason"), Note: c.PostForm("note"), Department: c.PostForm("department"),
		Letter: trim(c, "letter"), Sure: sure(c, "letter"), Watch: watch(c),
		Summary: intake.Summary{Summary: trim(c, "summary"), Subject: trim(c, "subject"), Location: trim(c, "location"), Parcel: trim(c, "parcel")}}
	if err := d.Casework.Move(c.Request.Context(), d.actor(s), id, t); err != nil {
		return d.again(c, s, string(to), err)
	}
	if to == intake.StateNeedsInfo {
		return d.to(c, "/tips/"+id+"#messages") // the question is written there
	}
	return d.to(c, "/tips/"+id)
}

// sure says whether a field holds what its writer was warned about already, and
// nothing else.
func sure(c *gin.Context, field string) bool {
	return c.PostForm("sure") == digest(trim(c, field))
}

// digest tells one text from another in a form.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

func trim(c *gin.Context, field string) string { return strings.TrimSpace(c.PostForm(field)) }

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
	if err := d.Casework.Answer(c.Request.Context(), d.actor(s), c.Param("id"), c.PostForm("text"), sure(c, "text")); err != nil {
		return d.again(c, s, "answer", err)
	}
	return d.to(c, "/tips/"+c.Param("id")+"#messages")
}

// note adds one of the desk's own.
func (d *desk) note(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	if err := d.Casework.Note(c.Request.Context(), d.actor(s), c.Param("id"), c.PostForm("text")); err != nil {
		return d.again(c, s, "note", err)
	}
	return d.to(c, "/tips/"+c.Param("id")+"#inside")
}

func (d *desk) merge(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	if err := d.Casework.Merge(c.Request.Context(), d.actor(s), c.Param("id"), c.PostForm("into")); err != nil {
		return d.again(c, s, "merge", err)
	}
	return d.to(c, "/tips/"+c.Param("id"))
}

// transfer moves a tip to another desk. There is nothing more to see of it here.
func (d *desk) transfer(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	if err := d.Casework.Transfer(c.Request.Context(), d.actor(s), c.Param("id"), c.PostForm("desk"), c.PostForm("why")); err != nil {
		return d.again(c, s, "transfer", err)
	}
	return d.to(c, "/")
}

func (d *desk) unmerge(c *gin.Context, s *members.Session) error {
	if err := d.Casework.Unmerge(c.Request.Context(), d.actor(s), c.Param("id")); err != nil {
		return d.again(c, s, "unmerge", err)
	}
	return d.to(c, "/tips/"+c.Param("id"))
}
