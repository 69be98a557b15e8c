package desk

import (
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/members"
)

func (d *desk) askIdentity(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	if _, err := d.Casework.AskIdentity(c.Request.Context(), d.actor(s), c.Param("id"), c.PostForm("reason")); err != nil {
		return d.again(c, s, "identity", err)
	}
	return d.to(c, "/tips/"+c.Param("id")+"#identity")
}

type identityPage struct {
	frame
	Tip   string
	Who   intake.Identity
	Until time.Time
}

// identity shows an approved identity while its fifteen minutes last.
func (d *desk) identity(c *gin.Context, s *members.Session) error {
	who, until, err := d.Casework.OpenIdentity(c.Request.Context(), d.actor(s), c.Param("id"))
	if err != nil {
		return err
	}
	v := d.frame(c, s)
	c.Header("Refresh", fmt.Sprintf("%d;url=%s", int(until.Sub(d.Now()).Seconds())+1, v.URL("/tips/"+c.Param("id")))) // it leaves the screen, too
	d.render(c, http.StatusOK, "identity", identityPage{frame: v, Tip: c.Param("id"), Who: who, Until: until})
	return nil
}

// reread reads a message again that couldn't be read when it came.
func (d *desk) reread(c *gin.Context, s *members.Session) error {
	if err := d.Casework.Reread(c.Request.Context(), d.actor(s), c.Param("id")); err != nil {
		return d.again(c, s, "reread", err)
	}
	return d.to(c, "/tips/"+c.Param("id")+"#messages")
}

type custodyPage struct {
	frame
	Requests []casework.Request
	Handover []intake.Custody // of tips that went to another desk
	Ask      bool             // the passphrase is asked for again
	Problem  string
}

func (d *desk) custody(c *gin.Context, s *members.Session) error {
	return d.custodyPage(c, s, http.StatusOK, "")
}

func (d *desk) custodyPage(c *gin.Context, s *members.Session, status int, problem string) error {
	all, err := d.Casework.Requests(c.Request.Context(), d.actor(s))
	if err != nil {
		return err
	}
	away, err := d.Casework.Handovers(c.Request.Context(), d.actor(s))
	if err != nil {
		return err
	}
	d.render(c, status, "custody", custodyPage{frame: d.frame(c, s), Requests: all, Handover: away, Ask: !s.Confirmed(d.Now()), Problem: problem})
	return nil
}

// approve wants to know that it is the custodian who sits there: a screen that was left
// opens no identity.
func (d *desk) approve(c *gin.Context, s *members.Session) error {
	if err := d.confirmed(c, s); err != nil {
		return d.refusedIn(c, s, err, d.custodyPage)
	}
	if err := d.Casework.Approve(c.Request.Context(), d.actor(s), c.Param("id")); err != nil {
		return err
	}
	return d.to(c, "/custody")
}

// handover asks for the passphrase as an approval does: it gives an identity away.
func (d *desk) handover(c *gin.Context, s *members.Session) error {
	if err := d.confirmed(c, s); err != nil {
		return d.refusedIn(c, s, err, d.custodyPage)
	}
	if err := d.Casework.Handover(c.Request.Context(), d.actor(s), c.Param("id")); err != nil {
		return err
	}
	return d.to(c, "/custody")
}

func (d *desk) refuse(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	if err := d.Casework.Refuse(c.Request.Context(), d.actor(s), c.Param("id"), trim(c, "reason")); err != nil {
		return d.refusedIn(c, s, err, d.custodyPage)
	}
	return d.to(c, "/custody")
}
