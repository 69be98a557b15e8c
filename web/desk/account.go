package desk

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"tipline/intake/members"
)

// errAgain says that the passphrase that was asked for again is wrong.
var errAgain = errors.New("the passphrase was asked for again, and isn't right")

// confirmed wants the passphrase in the form, unless it was typed a moment ago.
func (d *desk) confirmed(c *gin.Context, s *members.Session) error {
	if s.Confirmed(d.Now()) {
		return nil
	}
	return d.reentered(c, s)
}

// reentered wants the passphrase in the form.
func (d *desk) reentered(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	err := d.Sessions.Confirm(c.Request.Context(), s, c.PostForm("passphrase"))
	if errors.Is(err, members.ErrLogin) {
		return errAgain
	}
	return err
}

// refusedIn shows the page again with what was wrong.
func (d *desk) refusedIn(c *gin.Context, s *members.Session, err error, again func(*gin.Context, *members.Session, int, string) error) error {
	f := classify(err)
	if f.status >= http.StatusInternalServerError {
		return err
	}
	return again(c, s, f.status, d.frame(c, s).T("desk.error."+f.kind))
}

type accountPage struct {
	frame
	Own      members.OwnFactor
	Mark     string
	Ask      bool     // the passphrase is asked for again
	Waiting  []string // roles whose keys nobody has granted yet
	This     string
	Sessions []members.SessionInfo
	Problem  string
}

// account is a member's own page. It takes no name from anywhere: everything on it is
// about who is logged in.
func (d *desk) account(c *gin.Context, s *members.Session) error {
	return d.accountPage(c, s, http.StatusOK, "")
}

func (d *desk) accountPage(c *gin.Context, s *members.Session, status int, problem string) error {
	own, err := d.Members.Own(c.Request.Context(), s.Unlocked)
	if err != nil {
		return err
	}
	working := d.actor(s).Roles
	waiting := slices.DeleteFunc(slices.Clone(s.Member.Roles), func(r string) bool { return slices.Contains(working, r) })
	d.render(c, status, "account", accountPage{frame: d.frame(c, s), Own: own, Mark: members.Mark(s.Member.Key),
		Ask: !s.Confirmed(d.Now()), Waiting: waiting, This: s.ID, Sessions: d.Sessions.List(s.Member.Name), Problem: problem})
	return nil
}

// Ago is how long ago, in whole minutes.
func (f frame) Ago(t time.Time) string {
	return f.T("desk.ago", "count", int(f.d.Now().Sub(t).Minutes()))
}

// Strong words how hard a passphrase is to guess.
func (f frame) Strong(s members.Strength) string {
	return f.T("desk.strength."+s.Grade, "bits", s.Bits)
}

// endOwn ends one of the member's sessions, or all but this one.
func (d *desk) endOwn(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	if _, err := d.Sessions.EndOwn(c.Request.Context(), s, c.PostForm("session")); err != nil {
		return err
	}
	return d.to(c, "/account")
}
